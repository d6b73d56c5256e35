"""A repository's trend as a plotly figure: plain dicts, since ``graph_objects`` validates for tens of milliseconds.

Two panels share the x axis: tests stacked by outcome (a count, from zero) above line coverage (a rate, a line whose
axis may be cut). Colours are names, ``var:pane`` for the token ``--pane``; static/js/chart.js reads them when it
draws, so that one figure serves both themes. The tests validate these dicts with the plotly package.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from dashboard.charts.marks import TrendMark, mark_lines, mark_words
from dashboard.wording import percent_sign, points

MOST_TICKS = 6
HEIGHT = 336
# A bar of a day that leaves a gap between nights, in milliseconds.
DAY_BAR = 0.82 * 86_400_000
# Past this many commits a gap between bars costs more ink than the bars.
GAPLESS = 200
# Below this many commits a bar keeps the width that it would have among this many.
FEW = 10
# A fall in coverage that is worth a note beside the line, in percentage points.
NOTED_FALL = 1.0


class TrendPoint(Protocol):
    """What a commit has to tell; None is unknown and leaves a gap."""

    @property
    def sha(self) -> str: ...
    @property
    def committed_at(self) -> datetime: ...
    @property
    def passed(self) -> int | None: ...
    @property
    def failed(self) -> int | None: ...
    @property
    def errors(self) -> int | None: ...
    @property
    def skipped(self) -> int | None: ...
    @property
    def percent(self) -> float | None: ...
    @property
    def percent_delta(self) -> float | None: ...
    @property
    def evidence(self) -> str: ...


def trend_figure(
    commits: Sequence[TrendPoint], by_date: bool = False, marks: Sequence[TrendMark] = ()
) -> dict[str, Any]:
    """``{"data", "layout"}`` for plotly.js. Commits oldest first; ``by_date`` gives each UTC day its newest one."""
    shown = _newest_of_each_day(commits) if by_date else list(commits)
    x = [f"{p.committed_at:%Y-%m-%d}" if by_date else _label(p) for p in shown]
    layout = _layout(shown, x, by_date)
    places = {p.sha: f"{p.committed_at:%Y-%m-%d}" if by_date else _label(p) for p in commits}
    known = [(places[mark.sha], mark) for mark in marks if places.get(mark.sha) in set(x)]
    layout["shapes"] = mark_lines(known)
    layout["annotations"] += mark_words(known, x)
    return {"data": [*_bars(shown, x, by_date), _line(shown, x)], "layout": layout}


def _newest_of_each_day(commits: Sequence[TrendPoint]) -> list[TrendPoint]:
    return list({commit.committed_at.date(): commit for commit in commits}.values())


def _label(point: TrendPoint) -> str:
    """The commit's category: unique, and what the hover says."""
    grade = ", from a log" if point.evidence == "log" else ""
    return f"{point.sha[:8]}, {point.committed_at.day} {point.committed_at:%b %Y %H:%M}{grade}"


def _bars(shown: Sequence[TrendPoint], x: list[str], by_date: bool) -> list[dict[str, Any]]:
    newest = len(shown) - 1
    passed = ["var:glass" if i == newest else "var:pane" for i in range(len(shown))]
    outcomes: list[tuple[str, list[int | None], Any]] = [
        ("passed", [p.passed for p in shown], passed),
        ("failed", [p.failed for p in shown], "var:fail"),
        ("error", [p.errors for p in shown], "var:error"),
        ("skipped", [p.skipped for p in shown], "var:stone-3"),
    ]
    return [
        {
            "type": "bar",
            "name": name,
            "x": x,
            "y": counts,
            "marker": {"color": colour, "line": {"width": 0}, **_hatched(shown)},
            "customdata": [p.sha for p in shown],
            "hovertemplate": "%{y:,}",
            **_width(len(shown), by_date),
        }
        for name, counts, colour in outcomes
        # A row of zeros would only lengthen the hover.
        if name == "passed" or any(counts)
    ]


def _hatched(shown: Sequence[TrendPoint]) -> dict[str, Any]:
    """What was counted in a log is hatched: told from a report without its colour."""
    shapes = ["/" if point.evidence == "log" else "" for point in shown]
    return {"pattern": {"shape": shapes, "size": 6, "solidity": 0.5}} if any(shapes) else {}


def _width(bars: int, by_date: bool) -> dict[str, float]:
    """A few commits stay panes and do not swell to fill the panel."""
    if by_date:
        return {"width": DAY_BAR}
    return {"width": 0.82 * bars / FEW} if bars < FEW else {}


def _line(shown: Sequence[TrendPoint], x: list[str]) -> dict[str, Any]:
    few = len(shown) <= GAPLESS
    return {
        "type": "scatter",
        "mode": "lines+markers" if few else "lines",
        "name": "coverage",
        "x": x,
        "y": [p.percent for p in shown],
        "yaxis": "y2",
        "connectgaps": False,
        "line": {"color": "var:cover", "width": 2},
        "marker": {"color": "var:cover", "size": 5},
        "customdata": [p.sha for p in shown],
        # As everywhere: cut off, never rounded up.
        "text": [percent_sign(p.percent) for p in shown],
        "hovertemplate": "%{text}",
    }


def _layout(shown: Sequence[TrendPoint], x: list[str], by_date: bool) -> dict[str, Any]:
    coverage = [p.percent for p in shown if p.percent is not None]
    tests = any(p.passed is not None for p in shown)
    return {
        "height": HEIGHT,
        "autosize": True,
        "barmode": "stack",
        "bargap": 0 if len(shown) > GAPLESS else 0.18,
        "showlegend": False,
        "hovermode": "x unified",
        "dragmode": "zoom",
        # The UTC day of each bar, so that what is zoomed to can be written into the address.
        "meta": {"days": [f"{p.committed_at:%Y-%m-%d}" for p in shown]},
        "font": {"family": "var:font", "size": 12, "color": "var:ink-2"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 44, "r": 12, "t": 18, "b": 28},
        "hoverlabel": {
            "bgcolor": "var:raise",
            "bordercolor": "var:stone-3",
            "font": {"size": 12, "color": "var:ink"},
        },
        "xaxis": _x_axis(shown, x, by_date),
        "yaxis": {**Y_AXIS, "domain": [0.42, 1], "rangemode": "tozero", "tickformat": ",d"},
        "yaxis2": {**Y_AXIS, "domain": [0, 0.32], "range": coverage_range(coverage)},
        "annotations": [
            _panel_title("Tests" if tests else "Tests: none reported here", 1.0),
            _panel_title("Coverage, % of lines" if coverage else "Coverage: none reported here", 0.32),
            *_most_failing(shown, x),
            *_steepest_fall(shown, x),
        ],
    }


Y_AXIS: dict[str, Any] = {
    "anchor": "x",
    "fixedrange": True,
    "showline": False,
    "zeroline": False,
    "gridcolor": "var:stone-2",
    "gridwidth": 1,
    "nticks": 4,
    "tickfont": {"size": 11, "color": "var:ink-3"},
}


def _x_axis(shown: Sequence[TrendPoint], x: list[str], by_date: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "anchor": "y2",
        "showgrid": False,
        "showline": False,
        "zeroline": False,
        "tickfont": {"size": 11, "color": "var:ink-3"},
    }
    if by_date:
        return {**axis, "type": "date", "nticks": MOST_TICKS, "tickformat": "%-d %b", "hoverformat": "%-d %b %Y"}
    chosen = tick_places([p.committed_at for p in shown])
    return {
        **axis,
        "type": "category",
        "tickmode": "array",
        "tickvals": [x[i] for i in chosen],
        "ticktext": [f"{shown[i].committed_at.day} {shown[i].committed_at:%b}" for i in chosen],
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


def coverage_range(percents: Sequence[float]) -> list[float]:
    """The axis of a rate: cut to the values with some air, at least 10 points high so that noise stays flat."""
    if not percents:
        return [0, 100]
    low, high = min(percents), max(percents)
    air = max(2.0, (high - low) * 0.15, (10 - (high - low)) / 2)
    lower, upper = max(0.0, low - air), min(100.0, high + air)
    # A full 100 keeps its marker inside the panel.
    return [round(lower, 1), round(upper, 1) if upper < 100 else 101.5]


def _panel_title(text: str, top: float) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": top,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12, "color": "var:ink-3"},
    }


def _note(text: str, x: str, y: float, colour: str, below: bool = False) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "x",
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": colour,
        "bgcolor": "var:paper",
        "ax": 0,
        "ay": 24 if below else -24,
        "font": {"size": 12, "color": colour},
    }


def _most_failing(shown: Sequence[TrendPoint], x: list[str]) -> list[dict[str, Any]]:
    failing = [(p.failed or 0) + (p.errors or 0) for p in shown]
    worst = max(failing, default=0)
    if not worst:
        return []
    place = failing.index(worst)
    point = shown[place]
    words = [f"{point.failed:,} failed"] if point.failed else []
    words += [f"{point.errors:,} error{'' if point.errors == 1 else 's'}"] if point.errors else []
    height = (point.passed or 0) + worst + (point.skipped or 0)
    return [{**_note(", ".join(words), x[place], height, "var:fail" if point.failed else "var:error"), "yref": "y"}]


def _steepest_fall(shown: Sequence[TrendPoint], x: list[str]) -> list[dict[str, Any]]:
    falls = [(p.percent_delta, i) for i, p in enumerate(shown) if p.percent_delta is not None and i]
    steepest, place = min(falls, default=(0.0, 0))
    percent = shown[place].percent if falls else None
    if steepest > -NOTED_FALL or percent is None:
        return []
    text = f"fell {points(-steepest).lstrip('+')} points"
    # Below the line there is room only when the line is not at the foot of its panel.
    below = percent > sum(coverage_range([p.percent for p in shown if p.percent is not None])) / 2
    return [{**_note(text, x[place], percent, "var:ink-3", below), "yref": "y2"}]
