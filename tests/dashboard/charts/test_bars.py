"""The pass bar: every part that exists is seen, and together they fill the bar."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.bars import LEAST_PART, coverage_width, pass_bar

counts = st.integers(0, 10**7)


def test_a_repository_that_passes_has_no_bar() -> None:
    assert pass_bar(1_254, 0, 0, 20) == []


def test_one_failure_among_ten_thousand_is_seen() -> None:
    parts = {part.kind: part.width for part in pass_bar(10_000, 1, 0, 0)}
    assert parts["failed"] >= LEAST_PART


def test_errors_stand_before_failures_and_skipped_tests_stand_last() -> None:
    assert [part.kind for part in pass_bar(5, 5, 5, 5)] == ["passed", "error", "failed", "skipped"]


@given(counts, counts, counts, counts)
def test_the_parts_fill_the_bar_and_none_is_too_thin(passed: int, failed: int, errors: int, skipped: int) -> None:
    parts = pass_bar(passed, failed, errors, skipped)
    if parts:
        assert abs(sum(part.width for part in parts) - 84) < 0.1
        assert all(part.width >= LEAST_PART - 0.01 for part in parts)


@given(st.floats(0, 100))
def test_a_bar_is_full_only_when_all_is_covered_and_empty_only_when_nothing_is(percent: float) -> None:
    width = coverage_width(percent)
    assert (width == 88) == (percent >= 100)
    assert (width == 0) == (percent == 0)
