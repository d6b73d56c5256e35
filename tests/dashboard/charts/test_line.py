"""A rate as a line: noise stays flat, gaps stay empty, an area stands on zero."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.line import MARGIN, line

rates = st.none() | st.floats(0, 100)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+?) ([\d.]+)", path)]


def test_a_tenth_of_a_point_of_noise_stays_flat() -> None:
    heights = [y for _, y in points(line([85.0, 85.1, 85.0], height=20).path)]
    assert max(heights) - min(heights) < 1


def test_a_fall_of_ten_points_uses_the_height() -> None:
    heights = [y for _, y in points(line([90.0, 80.0], height=20).path)]
    assert heights == [MARGIN, 20 - MARGIN]


def test_an_unknown_night_leaves_its_place_empty() -> None:
    drawn = points(line([50.0, None, 50.0], width=100).path)
    assert [x for x, _ in drawn] == [MARGIN, 100 - MARGIN]


def test_without_any_rate_there_is_no_line() -> None:
    assert line([None, None]).path == ""
    assert line([]).dot == ""


def test_an_area_stands_on_zero() -> None:
    whole = line([50.0, 100.0], height=40, area=True)
    half, full = (y for _, y in points(whole.path))
    foot = 40 - MARGIN
    assert abs((foot - half) / (foot - full) - 0.5) < 0.02


@given(st.lists(rates, max_size=60), st.booleans())
def test_the_line_stays_in_its_box(values: list[float | None], area: bool) -> None:
    drawn = line(values, width=96, height=20, area=area)
    assert all(-2 <= x <= 96 and 0 <= y <= 20 for x, y in points(drawn.path))
