"""The points of a repository: their range, their order, and what changed at each."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.queries.trend import Span, commit_with_earlier, span_of, trend
from tests.factories import repository, snapshot, today_at

TODAY = date(2026, 3, 6)
ALL = Span(None, None, "all")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, Span(date(2025, 12, 7), None, "90")),
        ({"days": "7"}, Span(date(2026, 2, 28), None, "7")),
        ({"days": "all"}, Span(None, None, "all")),
        ({"days": "-1"}, Span(date(2025, 12, 7), None, "90")),
        ({"from": "2026-01-01", "to": "2026-02-01"}, Span(date(2026, 1, 1), date(2026, 2, 1), "")),
        ({"from": "2026-02-01", "to": "2026-01-01"}, Span(date(2026, 1, 1), date(2026, 2, 1), "")),
        ({"from": "2026-01-01", "days": "7"}, Span(date(2026, 1, 1), None, "")),
        ({"from": "yesterday", "days": "30"}, Span(date(2026, 2, 5), None, "30")),
    ],
)
def test_a_range_is_read_from_the_address_and_nonsense_is_passed_over(
    asked: dict[str, str], expected: Span
) -> None:
    assert span_of(asked, TODAY) == expected


@pytest.mark.django_db
class TestPoints:
    def test_stand_oldest_first_with_what_changed(self) -> None:
        repo = repository()
        snapshot(repo, days_ago=2, tests=(10, 0, 0, 0), lines=(50, 100))
        snapshot(repo, days_ago=1, tests=(11, 2, 0, 0), lines=(48, 100))
        snapshot(repo, days_ago=0, tests=(12, 0, 0, 0), lines=(49, 100))
        points = trend(repo.pk, ALL).points
        assert [point.tests for point in points] == [10, 13, 12]
        assert [point.tests_delta for point in points] == [None, 3, -1]
        assert [point.failing_delta for point in points] == [None, 2, -2]
        assert [point.percent_delta for point in points] == [None, -2.0, 1.0]

    def test_the_first_of_a_range_knows_the_commit_before_it(self) -> None:
        repo = repository()
        snapshot(repo, days_ago=20, tests=(10, 0, 0, 0))
        snapshot(repo, days_ago=2, tests=(12, 0, 0, 0))
        told = trend(repo.pk, span_of({"days": "7"}, today_at().date()))
        assert [(point.tests, point.tests_delta) for point in told.points] == [(12, 2)]

    def test_a_commit_that_does_not_know_a_figure_changes_nothing(self) -> None:
        repo = repository()
        snapshot(repo, days_ago=2, tests=(10, 0, 0, 0), lines=(50, 100))
        snapshot(repo, days_ago=1, tests=None, lines=(60, 100))
        snapshot(repo, days_ago=0, tests=(11, 0, 0, 0), lines=None)
        middle, last = trend(repo.pk, ALL).points[1:]
        assert (middle.tests, middle.tests_delta, middle.failing) == (None, None, None)
        assert (last.tests_delta, last.percent, last.percent_delta) == (1, None, None)

    def test_a_commit_that_left_the_branch_is_no_measure_for_the_next(self) -> None:
        repo = repository()
        snapshot(repo, days_ago=2, tests=(10, 0, 0, 0))
        snapshot(repo, days_ago=1, tests=(90, 0, 0, 0), reachable=False)
        snapshot(repo, days_ago=0, tests=(11, 0, 0, 0))
        assert trend(repo.pk, ALL).points[-1].tests_delta == 1

    def test_the_end_of_a_range_is_its_whole_last_day(self) -> None:
        repo = repository()
        snapshot(repo, when=today_at(hour=23, days_ago=3))
        snapshot(repo, when=today_at(hour=0, days_ago=2))
        last = today_at(days_ago=3).date()
        assert len(trend(repo.pk, Span(None, last, "")).points) == 1

    def test_past_the_most_only_the_newest_are_drawn_and_the_trend_says_so(self) -> None:
        repo = repository()
        for days_ago in range(4):
            snapshot(repo, days_ago=days_ago, tests=(10 + days_ago, 0, 0, 0))
        told = trend(repo.pk, ALL, most=3)
        assert told.cut
        assert [point.tests for point in told.points] == [12, 11, 10]
        assert not trend(repo.pk, ALL, most=4).cut

    def test_marks_tell_the_first_red_commit_from_those_after(self) -> None:
        repo = repository()
        for days_ago, tests in enumerate([(9, 0, 1, 0), (0, 0, 0, 3), (8, 2, 0, 0), (9, 1, 0, 0), (10, 0, 0, 0)]):
            snapshot(repo, days_ago=days_ago, tests=tests)
        marks = [point.mark for point in trend(repo.pk, ALL).points]
        assert marks == ["passing", "broke", "still-failing", "ran-nothing", "error"]

    def test_one_commit_is_found_by_the_start_of_its_sha(self) -> None:
        repo = repository()
        snapshot(repo, days_ago=1, tests=(10, 0, 0, 0))
        newest = snapshot(repo, tests=(12, 0, 0, 0))
        found = commit_with_earlier(repo.pk, newest.sha[:9].upper())[-1]
        assert (found.sha, found.tests_delta) == (newest.sha, 2)
        assert commit_with_earlier(repo.pk, "0000000") == []
