"""A repository's trend as a plotly figure: plain dicts, since ``graph_objects`` validates for tens of milliseconds.

Two panels share the x axis: tests stacked by outcome (a count, from zero) above line coverage (a rate, a line whose
axis may be cut). Colours are names, ``var:pane`` for the token ``--pane``; static/js/chart.js reads them when it
draws, so that one figure serves both themes. The tests validate these dicts with the plotly package.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from datetime import datetime
from typing import Any, Protocol

from dashboard.charts.axes import FEW, commit_axis, count_axis, coverage_range, date_axis, percent_axis
from dashboard.charts.marks import TrendMark, mark_lines, mark_words
from dashboard.wording import percent_sign, points

HEIGHT = 336
MARGIN = {"l": 44, "r": 12, "t": 18, "b": 28}
PANEL_HEIGHT = HEIGHT - MARGIN["t"] - MARGIN["b"]
"""Of both panels together, in pixels."""
TESTS, COVERAGE = (0.42, 1.0), (0.0, 0.32)
"""Which share of that height each takes, from its foot to its head, counted from below."""
DAY = 86_400_000
"""In milliseconds, as plotly counts."""
# The share of its place that a bar takes.
BAR = 0.82
# Past this many commits a gap between bars costs more ink than the bars.
GAPLESS = 200
# A fall in coverage that is worth a note beside the line, in percentage points.
NOTED_FALL = 1.0
# Of all places: this near to an end of the axis a note would be cut.
NEAR_AN_END = 0.15


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
    written = _day if by_date else _label
    x = [written(point) for point in shown]
    layout = _layout(shown, x, by_date)
    known = _placed(marks, commits, written, set(x)) if marks else []
    layout["shapes"] = mark_lines(known)
    layout["annotations"] += mark_words(known, x)
    return {"data": [*_bars(shown, x, by_date), _line(shown, x)], "layout": layout}


def _placed(
    marks: Sequence[TrendMark],
    commits: Sequence[TrendPoint],
    written: Callable[[TrendPoint], str],
    shown: Container[str],
) -> list[tuple[str, TrendMark]]:
    """The marks that have a place on the axis, each with it."""
    by_sha = {commit.sha: commit for commit in commits}
    placed = [(written(by_sha[mark.sha]), mark) for mark in marks if mark.sha in by_sha]
    return [(place, mark) for place, mark in placed if place in shown]


def _newest_of_each_day(commits: Sequence[TrendPoint]) -> list[TrendPoint]:
    return list({commit.committed_at.date(): commit for commit in commits}.values())


def _day(point: TrendPoint) -> str:
    return point.committed_at.date().isoformat()


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
    shapes = ["-" if point.evidence == "log" else "" for point in shown]
    return {"pattern": {"shape": shapes, "size": 6, "solidity": 0.5, "fgcolor": "var:paper"}} if any(shapes) else {}


def _width(bars: int, by_date: bool) -> dict[str, float]:
    """A few commits stay panes and do not swell to fill the panel."""
    if by_date:
        return {"width": BAR * DAY}
    return {"width": BAR * bars / FEW} if bars < FEW else {}


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
    heights = [_height(p) for p in shown if p.passed is not None]
    moments = [p.committed_at for p in shown]
    failing = _most_failing(shown, x)
    pixels = (TESTS[1] - TESTS[0]) * PANEL_HEIGHT
    return {
        "height": HEIGHT,
        "autosize": True,
        "barmode": "stack",
        "bargap": 0 if len(shown) > GAPLESS else round(1 - BAR, 2),
        "showlegend": False,
        "hovermode": "x unified",
        "dragmode": "zoom",
        # The UTC day of each bar, so that what is zoomed to can be written into the address.
        "meta": {"days": [_day(p) for p in shown]},
        "font": {"family": "var:font", "size": 12, "color": "var:ink-2"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": dict(MARGIN),
        "hoverlabel": {
            "bgcolor": "var:raise",
            "bordercolor": "var:stone-3",
            "font": {"size": 12, "color": "var:ink"},
        },
        "xaxis": date_axis(moments) if by_date else commit_axis(moments, x),
        "yaxis": count_axis(heights, failing[0]["y"] if failing else 0, pixels) | {"domain": list(TESTS)},
        "yaxis2": percent_axis(coverage) | {"domain": list(COVERAGE)},
        "annotations": [
            _panel_title("Tests" if heights else "Tests: none reported here", TESTS[1]),
            _panel_title("Coverage, % of lines" if coverage else "Coverage: none reported here", COVERAGE[1]),
            *failing,
            *_steepest_fall(shown, x),
        ],
    }


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


def _height(point: TrendPoint) -> int:
    """Of its bar, in tests."""
    return (point.passed or 0) + (point.failed or 0) + (point.errors or 0) + (point.skipped or 0)


def _note(text: str, place: int, x: Sequence[str], y: float, colour: str, below: bool = False) -> dict[str, Any]:
    """A text with a line to its point; near an end of the axis it stands towards the middle."""
    edge = len(x) * NEAR_AN_END
    return {
        "text": text,
        "x": x[place],
        "xanchor": "left" if place < edge else "right" if place >= len(x) - edge else "center",
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


def _most_failing(shown: Sequence[TrendPoint], x: Sequence[str]) -> list[dict[str, Any]]:
    failing = [(p.failed or 0) + (p.errors or 0) for p in shown]
    worst = max(failing, default=0)
    if not worst:
        return []
    place = failing.index(worst)
    point = shown[place]
    words = [f"{point.failed:,} failed"] if point.failed else []
    words += [f"{point.errors:,} error{'' if point.errors == 1 else 's'}"] if point.errors else []
    colour = "var:fail" if point.failed else "var:error"
    return [{**_note(", ".join(words), place, x, _height(point), colour), "yref": "y"}]


def _steepest_fall(shown: Sequence[TrendPoint], x: list[str]) -> list[dict[str, Any]]:
    falls = [(p.percent_delta, i) for i, p in enumerate(shown) if p.percent_delta is not None and i]
    steepest, place = min(falls, default=(0.0, 0))
    percent = shown[place].percent if falls else None
    if steepest > -NOTED_FALL or percent is None:
        return []
    text = f"fell {points(-steepest).lstrip('+')} points"
    # Below the line there is room only when the line is not at the foot of its panel.
    below = percent > sum(coverage_range([p.percent for p in shown if p.percent is not None])) / 2
    return [{**_note(text, place, x, percent, "var:ink-3", below), "yref": "y2"}]
