"""Legs of one commit put together: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collectors.merging import LegResults, as_reported, merge_branches, merge_lines, merge_results
from collectors.parsers.results import LineBranches
from dashboard.packing import Branches, Lines


@st.composite
def reported(draw: st.DrawFn) -> LineBranches:
    """One line's branches as a format gives them: by name, by the names of the missing, or by counts."""
    kind = draw(st.sampled_from(["named", "missing", "counts"]))
    if kind == "named":
        names = draw(st.sampled_from([["0,0", "0,1"], ["0,0", "0,1", "0,2"], ["12", "-1"], ["3:2-3:9", "4:2-4:9"]]))
        taken = {name: draw(st.booleans()) for name in names}
        return LineBranches(sum(taken.values()), len(taken), taken)
    valid = draw(st.integers(1, 3))
    if kind == "missing":
        missing = draw(st.sets(st.sampled_from(["7", "12", "exit"]), max_size=valid))
        return LineBranches(valid - len(missing), valid, None, tuple(missing))
    return LineBranches(draw(st.integers(0, valid)), valid)


branches = st.builds(as_reported, reported())
hits = st.dictionaries(st.integers(1, 60), st.integers(0, 4))
files = st.builds(Lines, hits=hits, branches=st.dictionaries(st.integers(1, 5), branches))


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
    assert merge_lines([one, other]) == merge_lines([other, one])


@given(files, files, files)
def test_legs_may_be_merged_in_any_groups(one: Lines, other: Lines, third: Lines) -> None:
    at_once = merge_lines([one, other, third])
    assert merge_lines([merge_lines([one, other]), third]) == at_once
    assert merge_lines([one, merge_lines([other, third])]) == at_once


@given(branches, branches)
def test_a_merged_line_is_at_least_as_covered_as_each_report_of_it(one: Branches, other: Branches) -> None:
    merged = merge_branches(one, other)
    assert merged.valid >= max(one.valid, other.valid) and merged.covered >= max(one.covered, other.covered)
    assert merged.covered <= merged.valid
    assert merge_branches(merged, one) == merged


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


def missed(valid: int, *names: str) -> Branches:
    return as_reported(LineBranches(valid - len(names), valid, None, names))


def test_halves_that_name_only_what_they_missed_make_a_whole() -> None:
    assert merge_branches(missed(2, "12"), missed(2, "exit"))[:2] == (2, 2)
    assert merge_branches(missed(3, "12", "exit"), missed(3, "exit"))[:2] == (2, 3)
    assert merge_branches(missed(2, "12", "exit"), missed(2, "12", "exit"))[:2] == (0, 2)


def test_a_report_that_missed_nothing_makes_the_line_whole() -> None:
    assert merge_branches(as_reported(LineBranches(2, 2, None, ())), missed(2, "12"))[:2] == (2, 2)


def test_three_thirds_make_a_whole_in_any_order() -> None:
    one, other, third = missed(3, "a", "b"), missed(3, "b", "c"), missed(3, "a", "c")
    assert merge_branches(merge_branches(one, other), third)[:2] == (3, 3)
    assert merge_branches(third, merge_branches(other, one))[:2] == (3, 3)


def test_names_that_do_not_fit_the_counts_are_no_identities() -> None:
    assert as_reported(LineBranches(1, 2, None, ("12", "14"))) == Branches(1, 2)
    assert as_reported(LineBranches(1, 2, {"0,0": True, "0,1": True})) == Branches(1, 2)


def test_one_branch_named_in_two_manners_is_not_counted_twice() -> None:
    lcov = as_reported(LineBranches(1, 2, {"0,jump to line 5": True, "0,jump to line 7": False}))
    json = as_reported(LineBranches(1, 2, {"5": False, "7": True}))
    assert merge_branches(lcov, json)[:2] == (1, 2)
    assert merge_branches(merge_branches(lcov, json), as_reported(LineBranches(1, 2, {"5": True, "7": False})))[
        :2
    ] == (2, 2)


def test_counts_without_identity_give_the_better_count() -> None:
    assert merge_branches(Branches(1, 2), Branches(2, 2)) == Branches(2, 2)
