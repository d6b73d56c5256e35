"""A test's own bytes are found in sets of tests that are told by others, and in results stored in blocks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from collectors.rollup import refresh_repository
from dashboard.models import Case, Repository, Roster, Snapshot
from dashboard.packing import quantised
from dashboard.packing.squeezing import BLOCK
from dashboard.queries.case_history import find_test, history_of
from dashboard.queries.case_places import durations_now
from dashboard.queries.compare import compare
from tests.factories import repository, results, snapshot_row, today_at

pytestmark = pytest.mark.django_db

MANY, FEW = 2 * BLOCK + 300, 400
FIRST, MIDDLE, LATE, GONE, CAME = "test_0000", "test_0200", "test_0399", "test_0155", "came_7"


def stored(tests: int) -> Repository:
    """Three nights: on the second some tests are gone, on the third some more came."""
    first = {f"test_{number:04}": "P" for number in range(tests)}
    second = {name: outcome for name, outcome in first.items() if name not in (GONE, "test_0255")} | {MIDDLE: "F"}
    third = second | {f"came_{number}": "P" for number in range(8)} | {CAME: "F", LATE: "E"}
    repo = repository()
    for back, outcomes in ((2, first), (1, second), (0, third)):
        _night(repo, back, outcomes)
    refresh_repository(repo)
    return repo


def _night(repo: Repository, back: int, outcomes: Mapping[str, str]) -> None:
    durations = {name: 0.1 * (back + 1 + len(name) % 3) for name in outcomes}
    results(snapshot_row(repo, today_at(days_ago=back)), outcomes, durations=durations)


def _took(name: str, back: int) -> float | None:
    return quantised(0.1 * (back + 1 + len(name) % 3))


def test_a_tests_history_is_read_out_of_sets_and_blocks_of_results() -> None:
    repo = stored(MANY)

    def history(name: str) -> list[tuple[str, float | None]]:
        test = find_test(repo.pk, Case.objects.get(name=name).pk)
        assert test is not None
        return [(each.outcome, each.seconds) for each in history_of(repo.pk, test, 30).ended]

    assert history(FIRST) == [("passed", _took(FIRST, back)) for back in (0, 1, 2)]
    assert history(MIDDLE) == [
        ("failed", _took(MIDDLE, 0)),
        ("failed", _took(MIDDLE, 1)),
        ("passed", _took(MIDDLE, 2)),
    ]
    assert [outcome for outcome, _ in history(LATE)] == ["error", "passed", "passed"]
    assert history(CAME) == [("failed", _took(CAME, 0))]
    assert history(GONE) == [("passed", _took(GONE, 2))]


def test_what_tests_took_on_the_newest_commit_is_told_of_those_that_stayed_and_those_that_came() -> None:
    repo = stored(FEW)
    ids = {case.name: case.pk for case in Case.objects.filter(name__in=[FIRST, LATE, CAME, GONE])}
    told = durations_now(repo.pk, list(ids.values()), ["default"])
    assert told == {ids[name]: _took(name, 0) for name in (FIRST, LATE, CAME)}


def test_of_sets_that_are_almost_the_same_one_is_stored_whole() -> None:
    stored(FEW)
    whole, second, third = Roster.objects.order_by("pk")
    assert (len(whole.own_ids), second.own_ids, len(third.own_ids)) == (FEW, [], 8)
    assert second.base == third.base == whole
    names = {case.pk: case.name for case in Case.objects.all()}
    tests = {names[pk] for pk in third.case_ids}
    assert len(third.case_ids) == len(tests) == FEW - 2 + 8 and CAME in tests and GONE not in tests


def test_commits_whose_sets_are_told_by_one_are_compared_test_by_test() -> None:
    repo = stored(FEW)
    oldest, before, newest = Snapshot.objects.order_by("ordered_at").values_list("sha", flat=True)
    ends = compare(repo.pk, oldest, newest).tests
    assert ends.counts == {"added": 8, "removed": 2, "changed": 2}
    assert [(test.name, test.base, test.head) for test in ends.changed] == [
        (MIDDLE, "passed", "failed"),
        (LATE, "passed", "error"),
    ]
    assert compare(repo.pk, before, newest).tests.counts == {"added": 8, "removed": 0, "changed": 1}
