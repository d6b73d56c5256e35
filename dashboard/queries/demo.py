"""What the demo estate holds, told apart by the titles that the demo gives its commits."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from dashboard.models import Repository, Snapshot
from dashboard.visibility import Reader

REAL = "Real report"
GENERATED = "Generated from"


@dataclass(frozen=True, slots=True)
class DemoEstate:
    """``real`` and ``generated`` are commits; ``real_repositories`` have at least one real commit."""

    organizations: int
    repositories: int
    archived: int
    real_repositories: int
    real: int
    generated: int


def demo_estate(reader: Reader) -> DemoEstate:
    """Two queries."""
    visible = Repository.objects.visible_to(reader)
    repositories = visible.aggregate(
        organizations=Count("organization", distinct=True),
        repositories=Count("pk"),
        archived=Count("pk", filter=Q(archived=True)),
    )
    commits = Snapshot.objects.filter(repository__in=visible).aggregate(
        real=Count("pk", filter=Q(title__startswith=REAL)),
        generated=Count("pk", filter=Q(title__startswith=GENERATED)),
        real_repositories=Count("repository", distinct=True, filter=Q(title__startswith=REAL)),
    )
    return DemoEstate(**repositories, **commits)
