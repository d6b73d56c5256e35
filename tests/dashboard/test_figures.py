"""Figures are written as the reader was promised: cut off, signed, and unknown where unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import floor

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from dashboard import wording

NOW = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


def shown(template: str, **values: object) -> str:
    return Template("{% load figures %}" + template).render(Context(values))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (85.0612, "85.0"),
        (99.96, "99.9"),
        (99.99999999, "99.9"),
        (100.0, "100"),
        (100 * 29 / 100, "29.0"),
        (0.0, "0.0"),
        (0.04, "<\u202f0.1"),
        (0.1, "0.1"),
        (None, "–"),
    ],
)
def test_a_percent_is_cut_off_and_never_rounded_up(value: float | None, written: str) -> None:
    assert wording.percent(value) == written


@given(st.integers(1, 10**6), st.data())
def test_no_percent_claims_a_line_that_is_not_covered(valid: int, data: st.DataObject) -> None:
    covered = data.draw(st.integers(0, valid))
    written = wording.percent(100 * covered / valid)
    if covered == 0:
        assert written == "0.0"
    elif not written.startswith("<"):
        assert round(float(written) * 10) == floor(1_000 * covered / valid)
        assert (written == "100") == (covered == valid)


@pytest.mark.parametrize(
    ("value", "written"),
    [(99.9999996, "99.9999"), (100.0, "100"), (66.65797149, "66.6579"), (1e-7, "0.0000001"), (0.0, "0")],
)
def test_on_hover_a_percent_has_six_digits_and_is_cut_off_as_well(value: float, written: str) -> None:
    assert wording.exact_percent(value) == f"{written}\u202f%"


@pytest.mark.parametrize(("value", "written"), [(9133, "9,133"), (0, "0"), (None, "–"), (1_234_567, "1,234,567")])
def test_a_count_is_written_out(value: int | None, written: str) -> None:
    assert wording.count(value) == written


@pytest.mark.parametrize(("change", "written"), [(89, "+89"), (-3, "−3"), (0, "·"), (None, ""), (-1_200, "−1,200")])
def test_a_change_has_its_sign_and_a_true_minus(change: int | None, written: str) -> None:
    assert wording.delta(change) == written


@pytest.mark.parametrize(
    ("change", "written"), [(2.39, "+2.3"), (-4.19, "−4.1"), (-0.04, "·"), (0.3, "+0.3"), (None, "")]
)
def test_points_are_cut_off_towards_zero(change: float | None, written: str) -> None:
    assert wording.points(change) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (153, "2 m 33 s"),
        (6.98, "6.9 s"),
        (0.169, "169 ms"),
        (0.0001, "1 ms"),
        (0, "0 s"),
        (60, "1 m"),
        (65, "1 m 05 s"),
        (3_600, "1 h"),
        (90_000, "1 d 01 h"),
        (None, "–"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float | None, written: str) -> None:
    assert wording.duration(seconds) == written


@pytest.mark.parametrize(("days", "written"), [(0, "0 d"), (6, "6 d"), (13, "13 d"), (14, "2 w"), (22, "3 w")])
def test_trouble_ages_in_days_and_later_in_weeks(days: int, written: str) -> None:
    assert wording.age_in_days(NOW - timedelta(days=days), NOW) == written


def test_what_was_seen_in_the_future_was_seen_now() -> None:
    assert wording.seen(NOW + timedelta(hours=1), NOW) == "0 min"
    assert wording.ago(NOW + timedelta(hours=1), NOW) == "just now"


@pytest.mark.parametrize(("octets", "written"), [(612_000_000, "612 MB"), (1, "1 byte"), (4_100, "4.1 KB")])
def test_a_size_is_written_as_github_writes_it(octets: int, written: str) -> None:
    assert wording.size(octets) == written


def test_a_digest_is_told_by_its_ends() -> None:
    assert wording.short_digest("a" * 12 + "b" * 42 + "c" * 10) == "a" * 12 + "…" + "c" * 10


def test_a_loss_of_tests_is_written_in_the_colour_of_failure_and_a_gain_is_not() -> None:
    assert "delta-loss" in shown("{% tests_delta change %}", change=-1)
    assert "delta-loss" not in shown("{% tests_delta change %}", change=5)


def test_coverage_may_waver_by_less_than_half_a_point_without_alarm() -> None:
    assert "delta-loss" not in shown("{% points_delta change %}", change=-0.4)
    assert "delta-loss" in shown("{% points_delta change %}", change=-0.5)


def test_no_change_is_said_to_those_who_do_not_see_the_dot() -> None:
    assert "no change" in shown("{% tests_delta 0 %}")


def test_a_mark_names_its_state_unless_the_word_stands_beside_it() -> None:
    assert 'aria-label="still failing"' in shown('{% mark "still-failing" %}')
    assert 'aria-hidden="true"' in shown('{% mark "still-failing" hidden=True %}')


@pytest.mark.parametrize(("grade", "lit"), [("report", 3), ("carried", 2), ("log", 1), ("none", 0)])
def test_evidence_lights_as_many_lancets_as_it_is_worth(grade: str, lit: int) -> None:
    assert f'href="#evidence-{lit}"' in shown("{% evidence grade %}", grade=grade)


def test_a_mark_of_a_hostile_name_stays_text() -> None:
    assert "<script" not in shown("{% mark status %}", status='"><script>alert(1)</script>')
