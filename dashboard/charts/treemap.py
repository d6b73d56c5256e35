"""Areas in proportion to weights: the squarified treemap of Bruls, Huizing and van Wijk (2000)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A place in percent of the whole, so that a drawing stretches with its window while its words do not."""

    x: float
    y: float
    width: float
    height: float


def treemap(weights: Sequence[float], aspect: float) -> list[Box]:
    """One box for each weight, in their order, largest first or not; ``aspect`` is width by height of the whole.

    Boxes are as near to squares as the shape allows. Weights must be above zero.
    """
    boxes: dict[int, Box] = {}
    order = sorted(range(len(weights)), key=lambda at: -weights[at])
    total = sum(weights)
    # Laid out in a rectangle of the true shape whose area is the sum, then told in percent.
    width = (total * aspect) ** 0.5
    height = total / width if width else 0.0
    left, top, right, bottom = 0.0, 0.0, width, height
    start = 0
    while start < len(order):
        side = min(right - left, bottom - top)
        end = _row_end(order, weights, start, side)
        row = order[start:end]
        amount = sum(weights[at] for at in row)
        thickness = amount / side if side else 0.0
        upright = right - left >= bottom - top
        along = top if upright else left
        for at in row:
            length = weights[at] / thickness if thickness else 0.0
            x, y = (left, along) if upright else (along, top)
            w, h = (thickness, length) if upright else (length, thickness)
            boxes[at] = Box(*(round(100 * part, 3) for part in (x / width, y / height, w / width, h / height)))
            along += length
        left, top = (left + thickness, top) if upright else (left, top + thickness)
        start = end
    return [boxes[at] for at in range(len(weights))]


def _row_end(order: Sequence[int], weights: Sequence[float], start: int, side: float) -> int:
    """How far a row along the shorter side may go before its boxes grow more oblong."""
    amount, worst = 0.0, float("inf")
    largest = weights[order[start]]
    for end in range(start, len(order)):
        smallest = weights[order[end]]
        amount += smallest
        squared = (amount / side) ** 2 if side else 0.0
        oblong = max(largest * side**2 / amount**2, squared / smallest) if side else 0.0
        if oblong > worst:
            return end
        worst = oblong
    return len(order)
