"""Counts night by night as tall narrow panes; the newest is lit, a night without evidence is hollow.

count     ▏▏▎▎▍▍      ┌┐ hollow: a night without evidence
failing   ▂▂▃         from the foot, at least 3 units high
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dashboard.charts.scale import short_number, upright

HOLLOW_HEIGHT = 0.65
LEAST_FAILING = 3.0
# A night that counted zero is still a night that counted.
LEAST_PANE = 1.0
# Past this many panes a gap would take more room than a pane.
GAPLESS = 120
MOST_KEPT = 500
"""Pictures in a process: the same nights are drawn for everybody until the next one."""


@dataclass(frozen=True, slots=True)
class Pane:
    """One night. ``count`` None: no evidence was made. ``failing`` of ``count`` is drawn from the foot."""

    count: int | None
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
    return _windows(tuple(panes), width, height, gap)


@lru_cache(MOST_KEPT)
def _windows(panes: tuple[Pane | None, ...], width: float, height: float, gap: float) -> Windows:
    step = width / max(1, len(panes))
    pane_width = step if len(panes) > GAPLESS else max(step - gap, step / 2)
    highest = max((pane.count or 0 for pane in panes if pane), default=0) or 1
    past, failing, hollow, newest = [], [], [], ""
    for position, pane in enumerate(panes):
        x = position * step
        if pane is None:
            continue
        if pane.count is None:
            hollow.append(_outline(x, pane_width, height))
            continue
        tall = max(height * pane.count / highest, LEAST_PANE)
        drawn = upright(x, pane_width, height - tall, height)
        if position == len(panes) - 1:
            newest = drawn
        else:
            past.append(drawn)
        if pane.failing:
            share = tall * min(1, pane.failing / max(1, pane.count))
            failing.append(upright(x, pane_width, height - max(share, LEAST_FAILING), height))
    return Windows(width, height, "".join(past), newest, "".join(failing), "".join(hollow))


def _outline(x: float, width: float, height: float) -> str:
    """A dashed outline stands half a stroke inside the pane's box, so that it keeps its place."""
    n = short_number
    top, side = height * (1 - HOLLOW_HEIGHT), max(width - 1, 1)
    return f"M{n(x + 0.5)} {n(height)}V{n(top)}h{n(side)}V{n(height)}"
