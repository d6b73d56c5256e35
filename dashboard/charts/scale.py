"""Numbers as short SVG path text."""

from __future__ import annotations

from functools import lru_cache


def short_number(value: float) -> str:
    """At most one decimal, no trailing zero: half a pixel is as fine as a screen shows."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


@lru_cache(50)
def places(many: int, start: float, step: float) -> tuple[str, ...]:
    """As many places along an axis, from ``start`` on; those of all rows of a table are the same."""
    return tuple(short_number(start + place * step) for place in range(many))


def tenths(most: float) -> tuple[str, ...]:
    """Each tenth from zero to ``most`` as ``short_number`` writes it: looking one up is a third of writing it."""
    return places(round(most * 10) + 1, 0, 0.1)


def upright(x: float, width: float, top: float, bottom: float) -> str:
    """A filled upright pane as a path."""
    n = short_number
    return f"M{n(x)} {n(top)}h{n(width)}V{n(bottom)}h{n(-width)}z"
