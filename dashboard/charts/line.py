"""A rate night by night as a line: its axis may be cut, so it is never a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.scale import places, short_number, tenths

# Less movement than this many points fills less than the height, so that noise stays flat.
LEAST_SPAN = 3.0
MARGIN = 2.5
# A single night is a short stroke.
LEAST_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Line:
    """SVG path data; ``area`` closes the line to the foot. All are "" without values.

    ``dot`` ends it, a line of no length: with round caps it stays round however the picture is stretched.
    """

    width: float
    height: float
    path: str
    area: str
    dot: str


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
        return Line(width, height, "", "", "")
    low, high = _axis([value for _, value in known], least_span, area)
    step = (width - 2 * MARGIN) / max(1, len(values) - 1)
    room = height - 2 * MARGIN
    across, up = places(len(values), MARGIN, step), tenths(height)
    foot, scale = 10 * (height - MARGIN), 10 * room / (high - low)
    points = [f"{across[position]} {up[round(foot - scale * (value - low))]}" for position, value in known]
    if len(points) == 1:
        points.insert(0, f"{short_number(MARGIN + known[0][0] * step - LEAST_LENGTH)} {points[0].split()[1]}")
    path = "M" + "L".join(points)
    closed = f"{path}L{points[-1].split()[0]} {height}L{points[0].split()[0]} {height}z" if area else ""
    return Line(width, height, path, closed, f"M{points[-1]}h0")


def _axis(values: Sequence[float], least_span: float, from_zero: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if from_zero:
        return 0.0, max(high * 1.3, 1.0)
    if high - low < least_span:
        middle = (high + low) / 2
        low, high = middle - least_span / 2, middle + least_span / 2
    return low, high
