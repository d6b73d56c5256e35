"""Is a commit complete, and which groups stand in for those that it did not upload (contract rules 6 and 7)?

Values in, values out: commits in the order of the trend, each with the groups and legs that it reported itself.

    complete    its runs have ended, none was cancelled, and each group has the legs that it had on the last
                complete commit, or the same fewer legs for three commits in a row
    carried     a group that it did not report, from the last commit that did, while that is at most 30 days older
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

AGREEING = 3
"""So many commits in a row with the same fewer legs, and fewer is what there is."""


@dataclass(frozen=True, slots=True)
class CommitPoint:
    """One commit with evidence. ``legs`` of each group that it reported; ``unfinished``: sentences about runs that
    have not ended or were cancelled."""

    id: int
    ordered_at: datetime
    groups: Mapping[str, frozenset[str]]
    unfinished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds for a commit. ``carried`` maps a group to the commit whose figures stand in."""

    id: int
    missing: tuple[str, ...] = ()
    """Legs that are missing, and runs that did not end; empty when the commit is complete."""
    carried: Mapping[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return not self.missing


Renamed = Callable[[int, str, int, frozenset[str]], bool]
"""(commit, its group, newer commit, groups that are new on it) → whether the group goes on under a new name."""


def judge(points: Iterable[CommitPoint], limit: timedelta, renamed: Renamed) -> list[Verdict]:
    """The verdict on each commit, in the order given, which is that of the trend."""
    memory = _Memory(limit, renamed)
    return [memory.verdict(point) for point in points]


@dataclass(slots=True)
class _Memory:
    """What the commits so far have taught."""

    limit: timedelta
    renamed: Renamed
    expected: dict[str, frozenset[str]] = field(default_factory=dict)
    """The legs of each group on the last complete commit that reported it."""
    fewer: dict[str, tuple[frozenset[str], int]] = field(default_factory=dict)
    """The fewer legs that a group came with lately, and on how many commits in a row."""
    last: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """The newest commit that reported each group itself."""

    def verdict(self, point: CommitPoint) -> Verdict:
        missing = [leg for name, legs in sorted(point.groups.items()) for leg in self._missing(name, legs)]
        missing += point.unfinished
        if not missing:
            self.expected.update(point.groups)
        new = frozenset(name for name in point.groups if name not in self.last)
        carried = {}
        for name, (source, made) in sorted(self.last.items()):
            if name in point.groups:
                continue
            too_old = point.ordered_at - made > self.limit
            if too_old or (new and self.renamed(source, name, point.id, new)):
                del self.last[name]
                self.expected.pop(name, None)
            else:
                carried[name] = source
        self.last.update(dict.fromkeys(point.groups, (point.id, point.ordered_at)))
        return Verdict(point.id, tuple(missing), carried)

    def _missing(self, name: str, legs: frozenset[str]) -> list[str]:
        lacking = self.expected.get(name, frozenset()) - legs
        if not lacking:
            self.fewer.pop(name, None)
            return []
        before, times = self.fewer.get(name, (legs, 0))
        times = times + 1 if before == legs else 1
        self.fewer[name] = (legs, times)
        return [] if times >= AGREEING else sorted(lacking)
