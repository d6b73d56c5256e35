"""Numbers as short SVG path text."""

from __future__ import annotations

from collections.abc import Sequence


def short_number(value: float) -> str:
    """At most one decimal, no trailing zero: half a pixel is as fine as a screen shows."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def upright(x: float, width: float, top: float, bottom: float) -> str:
    """A filled upright pane as a path."""
    n = short_number
    return f"M{n(x)} {n(top)}h{n(width)}V{n(bottom)}h{n(-width)}z"


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """The points joined: M0 3L4 5."""
    return "M" + "L".join(f"{short_number(x)} {short_number(y)}" for x, y in points) if points else ""
