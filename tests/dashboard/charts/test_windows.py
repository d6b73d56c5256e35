"""Panes of nights: zero based, hollow where nothing was made, failing from the foot."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.windows import LEAST_FAILING, Pane, windows

panes = st.none() | st.builds(Pane, st.none() | st.integers(0, 10**9), st.integers(0, 10**9))


def tops(path: str) -> list[float]:
    return [float(top) for top in re.findall(r"M\S+ (\S+?)h", path)]


def test_the_highest_pane_fills_the_height_and_half_of_it_is_half_as_high() -> None:
    drawn = windows([Pane(100), Pane(50), Pane(100)], width=12, height=20)
    assert tops(drawn.past) == [0.0, 10.0]
    assert tops(drawn.newest) == [0.0]


def test_only_the_last_place_is_lit() -> None:
    drawn = windows([Pane(5), Pane(None)], width=8, height=20)
    assert drawn.newest == ""
    assert drawn.past and drawn.hollow


def test_before_the_first_evidence_nothing_is_drawn() -> None:
    drawn = windows([None, None, Pane(5)], width=12, height=20)
    assert drawn.past == "" and drawn.hollow == ""


def test_a_single_failing_test_among_thousands_is_still_seen() -> None:
    drawn = windows([Pane(9_000, failing=1)], width=4, height=20)
    assert tops(drawn.failing) == [20 - LEAST_FAILING]


def test_a_night_that_counted_zero_is_drawn_and_is_not_hollow() -> None:
    drawn = windows([Pane(0), Pane(10)], width=8, height=20)
    assert tops(drawn.past) == [19.0]
    assert drawn.hollow == ""


@given(st.lists(panes, max_size=40))
def test_nothing_is_drawn_outside_the_box(nights: list[Pane | None]) -> None:
    drawn = windows(nights, width=120, height=20)
    for path in (drawn.past, drawn.newest, drawn.failing):
        assert all(0 <= top <= 20 for top in tops(path))
        assert all(0 <= float(x) <= 120 for x in re.findall(r"M(\S+) ", path))
