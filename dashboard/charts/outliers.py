"""Which points of a trend stand out from their neighbours: usually a job that died or a report that was cut.

The rule, as the page says it: a commit is an outlier when its tests are fewer than half or more than twice the
median of the eleven commits around it, or its coverage is ten points or more away from theirs. The first and the
last three are not judged: nobody knows yet whether they are the new normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Protocol

REACH = 5
"""Neighbours on each side."""
NOT_JUDGED = 3
FACTOR = 2
POINTS = 10.0


class Judged(Protocol):
    @property
    def sha(self) -> str: ...
    @property
    def tests(self) -> int | None: ...
    @property
    def percent(self) -> float | None: ...


def outliers(points: Sequence[Judged]) -> frozenset[str]:
    """The commits that stand out; ``points`` in the order of the trend. A lasting change of level is none."""
    tests = [point.tests for point in points]
    percents = [point.percent for point in points]
    return frozenset(
        points[place].sha
        for place in range(NOT_JUDGED, len(points) - NOT_JUDGED)
        if _number_stands_out(tests[place], tests[max(0, place - REACH) : place + REACH + 1])
        or _percent_stands_out(percents[place], percents[max(0, place - REACH) : place + REACH + 1])
    )


def _number_stands_out(own: int | None, around: Sequence[int | None]) -> bool:
    if own is None:
        return False
    middle = median([each for each in around if each is not None])
    return own * FACTOR < middle or own > middle * FACTOR


def _percent_stands_out(own: float | None, around: Sequence[float | None]) -> bool:
    return own is not None and abs(own - median([each for each in around if each is not None])) >= POINTS
