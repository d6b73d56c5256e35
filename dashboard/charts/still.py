"""A trend's figure as a still picture: SVG that stands in the page before plotly is fetched, and without a script.

It is drawn from the very dict that plotly gets (``dashboard.charts.trend``), so that both hold the same; of what
plotly knows it knows as much as is used there. The picture is as wide as its window: paths are drawn in units,
``UNIT`` of them for a commit or a day, and stretched; words stand at percents of the width and are not. Heights are
pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.charts.scale import short_number
from dashboard.charts.trend import DAY, PANEL_HEIGHT

UNIT = 100
MIDDLE = 4
"""Pixels from the middle of a line of words down to its foot."""
PADDING = 3
"""Pixels around the words of a note."""
GAP = 5
"""Pixels between words and what they belong to."""
BESIDE = 1
"""Pixels from the panels to the foot of the words at their left."""
BELOW = 12
"""Pixels from the panels down to the foot of the words under them."""
ANCHORS = {"left": "start", "center": "middle", "right": "end"}

Figure = Mapping[str, Any]
Place = Callable[[str], int]
"""What the figure has on its x axis, in units."""
Height = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Words:
    """At ``x`` percent of the width and ``dx`` pixels, ``y`` pixels from above; ``ink`` is the name of a token."""

    text: str
    x: str
    y: str
    ink: str
    anchor: str = "start"
    dx: int = 0
    small: bool = False
    backed: bool = False
    """Whether what lies behind them is covered."""


@dataclass(frozen=True, slots=True)
class Still:
    """SVG path data in a box of ``width`` units by ``height`` pixels; of more than one colour, by the token's name.

    All paths are strokes. ``bars`` are ``bar`` units wide; ``logged`` are those that were counted in logs, to be
    hatched; ``leaders`` lead from a note to its point.
    """

    width: int
    height: int
    bar: int
    bars: tuple[tuple[str, str], ...]
    logged: str
    line: str
    dots: str
    grid: str
    marks: str
    leaders: tuple[tuple[str, str], ...]
    words: tuple[Words, ...]


def still(figure: Figure) -> Still:
    """The picture of a figure that ``trend_figure`` made."""
    layout, data = figure["layout"], figure["data"]
    x: Sequence[str] = data[-1]["x"]
    width, place = _across(layout["xaxis"], x)
    counts, percents = _height(layout["yaxis"]), _height(layout["yaxis2"])
    places = [place(each) for each in x]
    traces = [trace for trace in data if trace["type"] == "bar"]
    bars, logged = _bars(traces, places, counts)
    bar = traces[0].get("width", 1 - layout["bargap"]) / (DAY if layout["xaxis"]["type"] == "date" else 1)
    line, dots = _line(places, [None if percent is None else percents(percent) for percent in data[-1]["y"]])

    def percent_of(label: str) -> str:
        return f"{short_number(100 * place(label) / width)}%"

    notes = layout["annotations"]
    return Still(
        width=width,
        height=PANEL_HEIGHT,
        bar=round(UNIT * bar),
        bars=bars,
        logged=logged,
        line=line,
        dots=dots if "markers" in data[-1]["mode"] else "",
        grid="".join(
            f"M0 {round(height(mark)) + 0.5}H{width}"
            for axis, height in ((layout["yaxis"], counts), (layout["yaxis2"], percents))
            for mark in axis["tickvals"]
        ),
        marks="".join(f"M{place(shape['x0'])} 0V{PANEL_HEIGHT}" for shape in layout["shapes"]),
        leaders=tuple(_leaders(notes, place, counts, percents)),
        words=(
            *_at_the_axes(layout, percent_of, counts, percents),
            *(_written(note, percent_of, counts, percents) for note in notes),
        ),
    )


def _across(axis: Figure, x: Sequence[str]) -> tuple[int, Place]:
    """How wide the box is, and where on it what the figure names stands."""
    if axis["type"] == "date":
        # From noon to noon; the first day that is shown is the one after the first noon.
        before, last = (date.fromisoformat(edge[:10]).toordinal() for edge in axis["range"])
        return UNIT * (last - before), lambda day: _middle(date.fromisoformat(day).toordinal() - before - 1)
    numbers = {label: number for number, label in enumerate(x)}
    return UNIT * max(len(x), 1), lambda label: _middle(numbers[label])


def _middle(number: int) -> int:
    return UNIT * number + UNIT // 2


def _height(axis: Figure) -> Height:
    (low, high), (foot, head) = axis["range"], axis["domain"]
    bottom, pixels = (1 - foot) * PANEL_HEIGHT, (head - foot) * PANEL_HEIGHT
    return lambda value: bottom - pixels * (value - low) / (high - low)


def _bars(
    traces: Sequence[Figure], places: Sequence[int], height: Height
) -> tuple[tuple[tuple[str, str], ...], str]:
    """Outcomes stacked; as with plotly, on whole pixels, and what exists is at least one of them high."""
    base, a_test = height(0), height(0) - height(1)
    foot = round(base)
    paths: dict[str, list[str]] = {}
    stacked, tops = [0] * len(places), [foot] * len(places)
    for trace in traces:
        inks = trace["marker"]["color"]
        inks = [inks] * len(places) if isinstance(inks, str) else inks
        for at, (place, count, ink) in enumerate(zip(places, trace["y"], inks, strict=True)):
            if count:
                bottom = tops[at]
                stacked[at] += count
                top = round(base - a_test * stacked[at])
                tops[at] = top = top if top < bottom else bottom - 1
                paths.setdefault(ink, []).append(f"M{place} {bottom}V{top}")
    shapes = traces[0]["marker"].get("pattern", {}).get("shape", ())
    logged = "".join(f"M{places[at]} {foot}V{tops[at]}" for at, shape in enumerate(shapes) if shape)
    return tuple((_token(ink), "".join(parts)) for ink, parts in paths.items()), logged


def _line(places: Sequence[int], heights: Sequence[float | None]) -> tuple[str, str]:
    """The line, broken where nothing is known, and a dot for each value."""
    line, dots = [], []
    before = None
    for at, height in zip(places, heights, strict=True):
        if height is not None:
            point = f"{at} {short_number(height)}"
            line.append(f"{'M' if before is None else 'L'}{point}")
            dots.append(f"M{point}h0")
        before = height
    return "".join(line), "".join(dots)


def _at_the_axes(layout: Figure, percent_of: Callable[[str], str], *heights: Height) -> Iterator[Words]:
    for axis, height in zip((layout["yaxis"], layout["yaxis2"]), heights, strict=True):
        for mark in axis["tickvals"]:
            foot = short_number(height(mark) + MIDDLE)
            yield Words(
                f"{mark:,}" if "tickformat" in axis else f"{mark:g}", "0%", foot, "ink-3", "end", -BESIDE, True
            )
    axis = layout["xaxis"]
    for at, text in zip(axis["tickvals"], axis["ticktext"], strict=True):
        yield Words(text, percent_of(at), str(PANEL_HEIGHT + BELOW), "ink-3", "middle", small=True)


def _written(note: Figure, percent_of: Callable[[str], str], counts: Height, percents: Height) -> Words:
    """An annotation's words: a panel's title, a mark's word, or a note at a point."""
    ink, anchor = _token(note["font"]["color"]), ANCHORS[note["xanchor"]]
    if note["showarrow"]:
        foot = _of(note, counts, percents) + note["ay"] + MIDDLE
        dx = {"start": PADDING, "middle": 0, "end": -PADDING}[anchor]
        return Words(note["text"], percent_of(note["x"]), short_number(foot), ink, anchor, dx, backed=True)
    above = (1 - note["y"]) * PANEL_HEIGHT
    if note["xref"] == "paper":
        return Words(note["text"], "0%", short_number(above - GAP), ink)
    dx = -GAP if anchor == "end" else GAP
    return Words(note["text"], percent_of(note["x"]), short_number(above + MIDDLE), ink, anchor, dx, True, True)


def _leaders(notes: Sequence[Figure], place: Place, counts: Height, percents: Height) -> Iterator[tuple[str, str]]:
    for note in notes:
        if note["showarrow"]:
            point = short_number(_of(note, counts, percents))
            yield _token(note["arrowcolor"]), f"M{place(note['x'])} {point}v{note['ay']}"


def _of(note: Figure, counts: Height, percents: Height) -> float:
    return (counts if note["yref"] == "y" else percents)(note["y"])


def _token(colour: str) -> str:
    """The name in "var:name"."""
    return colour.removeprefix("var:")
