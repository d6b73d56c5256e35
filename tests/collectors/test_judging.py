"""Contract rules 6 and 7: which commits are complete, and what stands in for a group that was not uploaded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collectors.judging import CommitPoint, Verdict, judge

MONTH = timedelta(days=30)
START = datetime(2026, 1, 1, tzinfo=UTC)


def never(source: int, group: str, newer: int, new: frozenset[str]) -> bool:
    return False


def commits(*groups: dict[str, str], days: int = 1) -> list[CommitPoint]:
    """Commits a day apart; a group's legs are the letters of its text."""
    return [
        CommitPoint(
            number, START + timedelta(days=days * number), {name: frozenset(legs) for name, legs in of.items()}
        )
        for number, of in enumerate(groups)
    ]


def missing(verdicts: list[Verdict]) -> list[str]:
    return ["".join(verdict.missing) for verdict in verdicts]


def test_a_commit_with_the_legs_of_the_one_before_is_complete() -> None:
    assert missing(judge(commits({"unit": "ab"}, {"unit": "ab"}), MONTH, never)) == ["", ""]


def test_a_leg_that_the_group_had_before_is_missed_by_name() -> None:
    assert missing(judge(commits({"unit": "abc"}, {"unit": "a"}), MONTH, never)) == ["", "bc"]


def test_a_leg_more_than_before_is_no_lack() -> None:
    assert missing(judge(commits({"unit": "a"}, {"unit": "ab"}, {"unit": "a"}), MONTH, never)) == ["", "", "b"]


def test_three_commits_that_agree_on_fewer_legs_are_what_there_is() -> None:
    points = commits({"unit": "abc"}, {"unit": "ab"}, {"unit": "ab"}, {"unit": "ab"}, {"unit": "ab"})
    assert missing(judge(points, MONTH, never)) == ["", "c", "c", "", ""]


def test_commits_that_disagree_on_what_is_missing_do_not_lower_what_is_expected() -> None:
    points = commits({"unit": "abc"}, {"unit": "ab"}, {"unit": "ac"}, {"unit": "ab"})
    assert missing(judge(points, MONTH, never)) == ["", "c", "b", "c"]


def test_a_run_that_was_cancelled_makes_its_commit_incomplete_and_teaches_nothing() -> None:
    first, second, third = commits({"unit": "a"}, {"unit": "ab"}, {"unit": "a"})
    cancelled = CommitPoint(second.id, second.ordered_at, second.groups, ("CI #2 was cancelled",))
    assert missing(judge([first, cancelled, third], MONTH, never)) == ["", "CI #2 was cancelled", ""]


def test_a_group_that_a_newer_commit_did_not_upload_is_carried_from_the_last_that_did() -> None:
    points = commits({"unit": "a", "e2e": "x"}, {"unit": "a"}, {"unit": "a"})
    assert [dict(verdict.carried) for verdict in judge(points, MONTH, never)] == [{}, {"e2e": 0}, {"e2e": 0}]
    assert missing(judge(points, MONTH, never)) == ["", "", ""], "a group wholly absent makes nothing incomplete"


def test_a_group_is_carried_thirty_days_and_not_longer() -> None:
    kept, dropped = (
        judge(commits({"unit": "a", "e2e": "x"}, {"unit": "a"}, days=days), MONTH, never)[1] for days in (30, 31)
    )
    assert (dict(kept.carried), dict(dropped.carried)) == ({"e2e": 0}, {})


def test_a_group_that_goes_on_under_a_new_name_is_not_carried_again() -> None:
    def follows(source: int, group: str, newer: int, new: frozenset[str]) -> bool:
        return group == "unit" and new == {"unit-tests"}

    points = commits({"unit": "a"}, {"unit-tests": "b"}, {"unit-tests": "b"})
    assert [dict(verdict.carried) for verdict in judge(points, MONTH, follows)] == [{}, {}, {}]


group_sets = st.dictionaries(
    st.sampled_from(["unit", "e2e", "lint"]), st.text("abc", min_size=1, max_size=3), min_size=1
)


@given(st.lists(group_sets, max_size=12))
def test_a_verdict_never_carries_a_group_that_the_commit_reported(history: list[dict[str, str]]) -> None:
    points = commits(*history)
    for point, verdict in zip(points, judge(points, MONTH, never), strict=True):
        assert not set(verdict.carried) & set(point.groups)
        assert all(source < point.id for source in verdict.carried.values())
        assert all(group in points[source].groups for group, source in verdict.carried.items())


@given(st.lists(group_sets, max_size=12))
def test_later_commits_never_change_what_is_said_of_earlier_ones(history: list[dict[str, str]]) -> None:
    points = commits(*history)
    whole = judge(points, MONTH, never)
    assert all(judge(points[:length], MONTH, never) == whole[:length] for length in range(len(points)))
