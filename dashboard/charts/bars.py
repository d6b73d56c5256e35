"""One bar for one repository: how its tests ended, and how much of its lines ran."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_PART = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """``kind`` is ``passed``, ``error``, ``failed`` or ``skipped``."""

    kind: str
    x: float
    width: float


def pass_bar(passed: int, failed: int, errors: int, skipped: int, width: float = 84) -> list[Part]:
    """From the left: passed, error, failed, skipped. Empty when nothing failed: the row is then a thin line.

    A part that exists is at least 3 wide; the others give way in proportion.
    """
    if not failed and not errors:
        return []
    counts = [("passed", passed), ("error", errors), ("failed", failed), ("skipped", skipped)]
    present = [(kind, number) for kind, number in counts if number]
    total = sum(number for _, number in present)
    least = min(LEAST_PART, width / len(present))
    free = width - least * len(present)
    over = [max(0.0, width * number / total - least) for _, number in present]
    scale = free / sum(over) if sum(over) else 0.0
    parts, x = [], 0.0
    for (kind, _), extra in zip(present, over, strict=True):
        part_width = round(least + extra * scale, 2)
        parts.append(Part(kind, round(x, 2), part_width))
        x += part_width
    return parts


def coverage_width(percent: float, width: float = 88) -> float:
    """How much of the bar is filled; any coverage at all is seen, and less than all is never full."""
    if percent <= 0:
        return 0.0
    return width if percent >= 100 else round(min(max(width * percent / 100, 1.0), width - 1.0), 1)
