"""What pull requests upload, where somebody wants it: read after all else, shown apart, in no figure.

Their runs are no trend evidence (contract rule 1), so no commit is put together from them.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from collectors.artifacts import read_all
from collectors.github.client import GitHubClient
from dashboard.models import Artifact, Repository, RepositoryCollection, WorkflowRun

AT_ONCE = 30
"""Artifacts read in one go, before others get their turn."""


def waiting(repository: Repository) -> QuerySet[Artifact]:
    """Uploads of pull requests that are still to be read; none where nobody wants them."""
    of_them = Q(run__event__in=WorkflowRun.PULL_REQUEST_EVENTS, run__is_trend=False)
    recent = timezone.now() - timedelta(days=settings.COLLECT_WINDOW_DAYS)
    found = Artifact.objects.filter(
        of_them, repository=repository, state=Artifact.State.LISTED, created_at__gt=recent
    )
    return found if repository.collects_pull_requests else found.none()


def read_some(entry: RepositoryCollection, client: GitHubClient) -> None:
    """Read the next of them, the newest first."""
    newest = waiting(entry.repository).order_by("-created_at", "-github_id").values_list("pk", flat=True)[:AT_ONCE]
    read_all(
        entry,
        client,
        Artifact.objects.filter(pk__in=list(newest)).select_related("run").order_by("-created_at", "-github_id"),
    )
