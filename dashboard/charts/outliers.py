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
    found = set()
    for place in range(NOT_JUDGED, len(points) - NOT_JUDGED):
        around = points[max(0, place - REACH) : place + REACH + 1]
        if _tests_stand_out(points[place], around) or _coverage_stands_out(points[place], around):
            found.add(points[place].sha)
    return frozenset(found)


def _tests_stand_out(point: Judged, around: Sequence[Judged]) -> bool:
    known = [each.tests for each in around if each.tests is not None]
    if point.tests is None:
        return False
    middle = median(known)
    return point.tests * FACTOR < middle or point.tests > middle * FACTOR


def _coverage_stands_out(point: Judged, around: Sequence[Judged]) -> bool:
    known = [each.percent for each in around if each.percent is not None]
    return point.percent is not None and abs(point.percent - median(known)) >= POINTS
