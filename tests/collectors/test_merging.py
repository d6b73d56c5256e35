"""Legs of one commit put together: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collectors.merging import LegResults, merge_branches, merge_lines, merge_results
from dashboard.packing import Branches, Lines

hits = st.dictionaries(st.integers(1, 60), st.integers(0, 4))
files = st.builds(Lines, hits=hits)


def leg(**outcomes: int) -> LegResults:
    ids = [int(key[1:]) for key in outcomes]
    return LegResults(ids, list(outcomes.values()), [False] * len(ids), [0.5] * len(ids))


def test_a_test_of_two_legs_is_one_test_with_its_worst_outcome() -> None:
    merged = merge_results([leg(t1=1, t2=1, t3=0), leg(t1=2, t3=1, t4=3)])
    assert list(merged.case_ids) == [1, 2, 3, 4]
    assert list(merged.outcomes) == [2, 1, 1, 3]


@given(st.lists(files, min_size=1, max_size=4))
def test_union_keeps_every_line_and_covers_what_any_report_covers(reports: list[Lines]) -> None:
    merged = merge_lines(reports)
    assert set(merged.hits) == {n for lines in reports for n in lines.hits}
    assert {n for n, h in merged.hits.items() if h} == {n for lines in reports for n, h in lines.hits.items() if h}


@given(files, files)
def test_the_order_of_reports_does_not_matter(one: Lines, other: Lines) -> None:
    assert merge_lines([one, other]).hits == merge_lines([other, one]).hits


@given(files)
def test_a_report_merged_with_itself_is_itself(lines: Lines) -> None:
    assert merge_lines([lines, lines]) == lines


def test_executed_lines_count_only_where_another_report_calls_them_executable() -> None:
    executed = Lines({1: 1, 2: 1, 9: 1}, executed_only=True)
    merged = merge_lines([executed, Lines({1: 0, 2: 0, 3: 0})])
    assert merged == Lines({1: 1, 2: 1, 3: 0})
    assert merge_lines([executed, executed]).executed_only


def test_complementary_halves_of_a_branch_make_a_whole() -> None:
    one = Branches(1, 2, {"then": True, "else": False})
    other = Branches(1, 2, {"then": False, "else": True})
    assert merge_branches(one, other)[:2] == (2, 2)


def test_counts_without_identity_give_the_better_count() -> None:
    assert merge_branches(Branches(1, 2), Branches(2, 2)) == Branches(2, 2)
