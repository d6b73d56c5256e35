"""Counts night by night as tall narrow panes; the newest is lit, a night without evidence is hollow.

count     ▏▏▎▎▍▍      ┌┐ hollow: a night without evidence
failing   ▂▂▃         from the foot, at least 3 units high
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.charts.scale import places, short_number, tenths

HOLLOW_HEIGHT = 0.65
LEAST_FAILING = 3.0
# A night that counted zero is still a night that counted.
LEAST_PANE = 1.0
# Past this many panes a gap would take more room than a pane.
GAPLESS = 120


class Pane(NamedTuple):
    """One night. ``number`` None: no evidence was made. ``failing`` of ``number`` is drawn from the foot."""

    number: int | None
    failing: int = 0


@dataclass(frozen=True, slots=True)
class Windows:
    """SVG path data, one for each colour; an empty text draws nothing."""

    width: float
    height: float
    past: str
    newest: str
    failing: str
    hollow: str


def windows(panes: Sequence[Pane | None], width: float = 120, height: float = 20, gap: float = 1) -> Windows:
    """Panes oldest first, spread over the width. None is a night before the first evidence: nothing is drawn.

    Zero based, scaled to the highest pane of its own.
    """
    step = width / max(1, len(panes))
    pane_width = step if len(panes) > GAPLESS else max(step - gap, step / 2)
    highest = max((pane.number or 0 for pane in panes if pane), default=0) or 1
    past, failing, hollow, newest = [], [], [], ""
    foot = f"h{short_number(pane_width)}V{short_number(height)}h{short_number(-pane_width)}z"
    up = tenths(height)
    for position, (left, pane) in enumerate(zip(places(len(panes), 0, step), panes, strict=True)):
        if pane is None:
            continue
        if pane.number is None:
            hollow.append(_outline(position * step, pane_width, height))
            continue
        tall = max(height * pane.number / highest, LEAST_PANE)
        drawn = f"M{left} {up[round(10 * (height - tall))]}{foot}"
        if position == len(panes) - 1:
            newest = drawn
        else:
            past.append(drawn)
        if pane.failing:
            share = tall * min(1, pane.failing / max(1, pane.number))
            failing.append(f"M{left} {up[round(10 * (height - max(share, LEAST_FAILING)))]}{foot}")
    return Windows(width, height, "".join(past), newest, "".join(failing), "".join(hollow))


def _outline(x: float, width: float, height: float) -> str:
    """A dashed outline stands half a stroke inside the pane's box, so that it keeps its place."""
    n = short_number
    top, side = height * (1 - HOLLOW_HEIGHT), max(width - 1, 1)
    return f"M{n(x + 0.5)} {n(height)}V{n(top)}h{n(side)}V{n(height)}"
