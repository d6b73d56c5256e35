"""Where a trend's axes begin and end, and what is written at them.

All of it is decided here and nothing is left to plotly: the picture that stands before plotly is fetched
(``dashboard.charts.still``) and plotly's own must not differ, or the page would jump when one follows the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

MOST_TICKS = 6
"""Under the x axis."""
MOST_STEPS = 4
"""Between the lines of a y axis."""
FEW = 10
"""Below this many commits or days a bar keeps the width that it would have among this many."""
HEAD = 38
"""Pixels over a bar that a note on it takes."""
DAY_STEPS = (1, 2, 3, 7, 14)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)

Y_AXIS: dict[str, Any] = {
    "anchor": "x",
    "fixedrange": True,
    "showline": False,
    "zeroline": False,
    "gridcolor": "var:stone-2",
    "gridwidth": 1,
    "tickfont": {"size": 11, "color": "var:ink-3"},
}
X_AXIS: dict[str, Any] = {
    "anchor": "y2",
    "showgrid": False,
    "showline": False,
    "zeroline": False,
    "tickfont": {"size": 11, "color": "var:ink-3"},
}


def count_axis(heights: Sequence[int], noted: int, pixels: float) -> dict[str, Any]:
    """The axis of counts, from zero; ``heights`` of the bars, ``noted`` of one with a note over it (0: none)."""
    highest = max(heights, default=0)
    top = max(highest / 0.95, noted * pixels / (pixels - HEAD), 1.0)
    marks = [int(mark) for mark in _even(0.0, top, least=1.0)] if heights else []
    return {**Y_AXIS, "range": [0, round(top, 2)], "tickmode": "array", "tickvals": marks, "tickformat": ",d"}


def percent_axis(percents: Sequence[float]) -> dict[str, Any]:
    """The axis of a rate; without a value it says nothing."""
    low, high = coverage_range(percents)
    marks = [round(mark, 1) for mark in _even(low, min(high, 100.0))] if percents else []
    return {**Y_AXIS, "range": [low, high], "tickmode": "array", "tickvals": marks}


def coverage_range(percents: Sequence[float]) -> list[float]:
    """The axis of a rate: cut to the values with some air, at least 10 points high so that noise stays flat."""
    if not percents:
        return [0, 100]
    low, high = min(percents), max(percents)
    air = max(2.0, (high - low) * 0.15, (10 - (high - low)) / 2)
    lower, upper = max(0.0, low - air), min(100.0, high + air)
    # A full 100 keeps its marker inside the panel.
    return [round(lower, 1), round(upper, 1) if upper < 100 else 101.5]


def _even(low: float, high: float, least: float = 0.0) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most five, ``least`` apart or more."""
    power = 10.0 ** math.floor(math.log10((high - low) / MOST_STEPS))
    step = next(step for factor in (1, 2, 5, 10) if (step := max(factor * power, least)) * MOST_STEPS >= high - low)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def commit_axis(moments: Sequence[datetime], x: Sequence[str]) -> dict[str, Any]:
    """One place for each commit, whatever lies between them."""
    chosen = tick_places(moments)
    return {
        **X_AXIS,
        "type": "category",
        "range": [-0.5, max(len(x), 1) - 0.5],
        "tickmode": "array",
        "tickvals": [x[i] for i in chosen],
        "ticktext": [f"{moments[i].day} {moments[i]:%b}" for i in chosen],
    }


def date_axis(moments: Sequence[datetime]) -> dict[str, Any]:
    """One place for each day from the first to the last; few days stand in the middle of ``FEW``."""
    first, last = (moments[0].date(), moments[-1].date()) if moments else (date(2000, 1, 1),) * 2
    more = max(0, FEW - (last - first).days - 1)
    begin, end = first - timedelta(days=more // 2), last + timedelta(days=more - more // 2)
    chosen, years = tick_days(first, last), (last - first).days > 366
    return {
        **X_AXIS,
        "type": "date",
        # Half a day of air on both sides: a day's bar stands around its midnight.
        "range": [f"{begin - timedelta(days=1):%Y-%m-%d} 12:00", f"{end:%Y-%m-%d} 12:00"],
        "tickmode": "array",
        "tickvals": [f"{day:%Y-%m-%d}" for day in chosen],
        "ticktext": [f"{day:%b %Y}" if years else f"{day.day} {day:%b}" for day in chosen],
        "nticks": MOST_TICKS,
        "tickformat": "%-d %b",
        "hoverformat": "%-d %b %Y",
    }


def tick_places(moments: Sequence[datetime]) -> list[int]:
    """At most six places to write a day at: the first commit of a day, evenly spread, never two near each other."""
    firsts = [i for i, at in enumerate(moments) if i == 0 or at.date() != moments[i - 1].date()]
    least = max(1, len(moments) / MOST_TICKS)
    chosen: list[int] = []
    for place in firsts:
        if not chosen or place - chosen[-1] >= least:
            chosen.append(place)
    return chosen


def tick_days(first: date, last: date) -> list[date]:
    """At most six days to write under the axis: every so many days, Mondays, or the first of months."""
    days = (last - first).days + 1
    if days <= DAY_STEPS[-1] * MOST_TICKS:
        step = next(step for step in DAY_STEPS if days <= step * MOST_TICKS)
        start = -(first.toordinal() - 1) % step
        return [first + timedelta(days=start + step * number) for number in range(-(-(days - start) // step))]
    begin, end = first.year * 12 + first.month - (first.day == 1), last.year * 12 + last.month - 1
    step = next((step for step in MONTH_STEPS if end - begin + 1 <= step * MOST_TICKS), MONTH_STEPS[-1])
    months = range(-(-begin // step) * step, end + 1, step)
    return [date(month // 12, month % 12 + 1, 1) for month in months][:MOST_TICKS]
