"""A rate night by night as a line: its axis may be cut, so it is never a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.scale import polyline, short_number

# Less movement than this many points fills less than the height, so that noise stays flat.
LEAST_SPAN = 3.0
MARGIN = 2.5


@dataclass(frozen=True, slots=True)
class Line:
    """SVG path data and the end point; ``area`` closes the line to the foot. ``path`` is "" without values."""

    width: float
    height: float
    path: str
    area: str
    end_x: float
    end_y: float

    @property
    def dot(self) -> str:
        """A dot as a line of no length: with round caps it stays round however the picture is stretched."""
        return f"M{short_number(self.end_x)} {short_number(self.end_y)}h0" if self.path else ""


def line(
    values: Sequence[float | None],
    width: float = 96,
    height: float = 20,
    least_span: float = LEAST_SPAN,
    area: bool = False,
) -> Line:
    """Values oldest first, one for each night; None leaves its place empty and the neighbours are joined.

    With ``area`` the axis starts at zero: an area under a cut axis would lie.
    """
    known = [(position, value) for position, value in enumerate(values) if value is not None]
    if not known:
        return Line(width, height, "", "", 0, 0)
    low, high = _axis([value for _, value in known], least_span, area)
    step = (width - 2 * MARGIN) / max(1, len(values) - 1)
    room = height - 2 * MARGIN
    points = [
        (MARGIN + position * step, height - MARGIN - room * (value - low) / (high - low))
        for position, value in known
    ]
    closed = polyline([(points[0][0], height), *points, (points[-1][0], height)]) + "z" if area else ""
    if len(points) == 1:
        points = [(points[0][0] - 4, points[0][1]), points[0]]
    return Line(width, height, polyline(points), closed, points[-1][0], points[-1][1])


def _axis(values: Sequence[float], least_span: float, from_zero: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if from_zero:
        return 0.0, max(high * 1.3, 1.0)
    if high - low < least_span:
        middle = (high + low) / 2
        low, high = middle - least_span / 2, middle + least_span / 2
    return low, high
