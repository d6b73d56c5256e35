"""Days of organizations and of the estate: by difference the same as from nothing, whatever came in which order."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from collectors.day_sums import sum_up, sum_up_from
from collectors.rollup import refresh_repository
from collectors.snapshots import put_together
from dashboard.models import Artifact, EstateDay, Organization, OrganizationDay, Repository, Snapshot
from dashboard.nights import day_of
from tests.factories import organization, repository, snapshot, today_at

pytestmark = pytest.mark.django_db

DAYS = 45
"""More than a figure is carried for."""
FIGURES = ("tests_total", "tests_passed", "tests_failed", "tests_errors", "tests_skipped", "duration_ms")
COLUMNS = ("day", "public", "reporting", "fresh", "broken", *FIGURES, "lines_valid", "lines_covered")


def day_rows() -> list[list[Any]]:
    return [
        sorted(OrganizationDay.objects.values_list("organization__login", *COLUMNS)),
        sorted(EstateDay.objects.values_list(*COLUMNS)),
    ]


def from_nothing() -> list[list[Any]]:
    OrganizationDay.objects.all().delete()
    EstateDay.objects.all().delete()
    first = day_of(today_at(days_ago=DAYS)) - timedelta(days=1)
    sum_up_from(dict.fromkeys(Organization.objects.values_list("pk", flat=True), first), day_of(today_at()))
    return day_rows()


class Estate:
    """Four repositories of two organizations, and what may happen to them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        owners = [organization("acme"), organization("globex")]
        self.repositories = [repository(owners[n % 2], f"part-{n}", private=n == 3) for n in range(4)]
        self.left = [(repo, ago) for repo in self.repositories for ago in range(DAYS)]
        self.points: list[Snapshot] = []

    def figures(self) -> dict[str, Any]:
        covered = self.chance.randrange(100)
        return {
            "tests": tuple(self.chance.randrange(20) for _ in range(4)),
            "lines": (covered, covered + self.chance.randrange(1, 50)) if self.chance.random() < 0.8 else None,
        }

    def read(self) -> None:
        """A night arrives, older ones after newer ones."""
        repo, ago = self.left.pop(self.chance.randrange(len(self.left)))
        self.points.append(snapshot(Repository.objects.get(pk=repo.pk), days_ago=ago, **self.figures()))

    def read_again(self) -> None:
        """A re-run told something else of a commit."""
        point = self.chance.choice(self.points)
        tests = {"tests_total": 7, "tests_passed": 6, "tests_failed": 1, "tests_errors": 0, "tests_skipped": 0}
        Snapshot.objects.filter(pk=point.pk).update(**tests, duration_ms=self.chance.randrange(9_000))
        refresh_repository(Repository.objects.get(pk=point.repository_id))

    def delete(self) -> None:
        """Its artifacts tell nothing any more."""
        point = self.points.pop(self.chance.randrange(len(self.points)))
        repo = Repository.objects.get(pk=point.repository_id)
        Artifact.objects.filter(repository=repo, run__head_sha=point.sha).delete()
        put_together(repo, point.sha)
        refresh_repository(repo)

    def sum_up(self) -> None:
        sum_up(day_of(today_at()), wait=self.chance.random() < 0.5, all_up_to_today=self.chance.random() < 0.3)


@pytest.mark.parametrize("seed", range(3))
def test_days_summed_up_by_difference_are_those_summed_up_from_nothing(seed: int) -> None:
    estate = Estate(seed)
    estate.read()
    deeds = [estate.read] * 5 + [estate.read_again, estate.delete] + [estate.sum_up] * 3
    for _ in range(25):
        deed = estate.chance.choice(deeds)
        if deed in (estate.read, estate.sum_up) or len(estate.points) > 1:
            deed()
    sum_up(day_of(today_at()), all_up_to_today=True)
    told = day_rows()
    assert told == from_nothing()
    assert len(told[1]) > DAYS / 2
