"""A set of tests that tells others is kept for as long as one of them is."""

from __future__ import annotations

import pytest

from collectors.maintenance.orphans import sweep
from dashboard.models import Repository, Results, Roster, Snapshot
from tests.factories import repository, results, snapshot_row, today_at

pytestmark = pytest.mark.django_db


def night(repo: Repository, back: int, names: list[str]) -> Snapshot:
    point = snapshot_row(repo, today_at(days_ago=back))
    results(point, dict.fromkeys(names, "P"))
    return point


def test_a_set_that_no_result_is_of_stays_while_another_one_is_told_by_it() -> None:
    repo = repository()
    names = [f"test_{number}" for number in range(40)]
    old, new = night(repo, 2, names), night(repo, 1, [*names, "test_new"])
    old.delete()
    assert sweep(repo) == {"test_results": 1}
    whole, told = Roster.objects.order_by("pk")
    assert told.base == whole and len(told.case_ids) == 41
    new.delete()
    sweep(repo)
    sweep(repo)
    assert not Roster.objects.exists() and not Results.objects.exists()
