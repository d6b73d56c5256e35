"""A test's durations as panes, one for each commit: how long it took by height, how it ended by colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.charts.scale import upright

WIDTH, HEIGHT = 1_000.0, 120.0
FOOT = 8.0
"""Under the panes: failing ones stand on a foot, so that colour alone does not tell them."""
LEAST = 3.0
"""A pane that exists is at least this high."""
UNKNOWN = 0.35
"""How high a pane stands whose duration is not known, of the whole height."""
WIDEST = 22.0


class Pane(NamedTuple):
    """``kind``: passed, failed, error, skipped or flaky; ``seconds`` None is unknown."""

    kind: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Durations:
    """SVG path data, ``drawn``, by kind. ``low`` and ``high`` are the heights of the usual range, None without one.

    ``top`` is what the full height means, in seconds.
    """

    width: float
    height: float
    drawn: tuple[tuple[str, str], ...] = ()
    low: float | None = None
    high: float | None = None
    top: float = 0.0

    @property
    def band(self) -> float:
        """How high the usual range is drawn."""
        return max(1.0, (self.low or 0) - (self.high or 0))


def durations(panes: Sequence[Pane], usual: tuple[float, float] | None = None) -> Durations:
    """Panes oldest first. One that took more than four times the usual is cut at the top."""
    known = sorted(pane.seconds for pane in panes if pane.seconds is not None)
    if not panes:
        return Durations(WIDTH, HEIGHT + FOOT)
    top = max(known, default=0.0)
    if usual and top > 4 * usual[1] > 0:
        top = 4 * usual[1]
    step = min(WIDTH / len(panes), WIDEST)
    gap = 1.0 if step > 3 else 0.4
    paths: dict[str, list[str]] = {}
    for place, pane in enumerate(panes):
        height = UNKNOWN * HEIGHT if pane.seconds is None or not top else HEIGHT * min(1.0, pane.seconds / top)
        height = max(LEAST, height)
        kind = "newest" if place == len(panes) - 1 and pane.kind == "passed" else pane.kind
        foot = HEIGHT + FOOT if kind in ("failed", "error") else HEIGHT
        paths.setdefault(kind, []).append(upright(place * step, step - gap, HEIGHT - height, foot))
    drawn = tuple((kind, "".join(parts)) for kind, parts in sorted(paths.items()))
    if usual is None or not top:
        return Durations(step * len(panes), HEIGHT + FOOT, drawn, top=top)
    low, high = (HEIGHT - HEIGHT * min(1.0, each / top) for each in usual)
    return Durations(step * len(panes), HEIGHT + FOOT, drawn, low, high, top)
