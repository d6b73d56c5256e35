"""How each test of a report group stands after a row of commits: values in, values out.

A streak is the unbroken row of commits on which a test passed, failed (errors too) or was skipped as it is now; a
commit that lacks the test does not break it. Walking costs what changed from one commit to the next: two commits
with the same tests are compared as bytes, and only the places that differ are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.packing import FLAKY_BIT, OUTCOME_BITS, duration_of
from dashboard.packing.squeezing import differing

FAILED = 2
"""Outcomes from here on are failing ones: 2 failed, 3 error."""

FACTOR, ADDEND = 1.5, 0.05


def _near(code: int) -> frozenset[int]:
    now = duration_of(code)
    if now is None:
        return frozenset({code})
    known = [(other, duration_of(other)) for other in range(1, 256)]
    return frozenset(
        other
        for other, then in known
        if then is not None and ((now <= FACTOR * then and then <= FACTOR * now) or abs(now - then) <= ADDEND)
    )


NEAR = tuple(map(_near, range(256)))
"""By the code of a duration: those that are no other kind of slow, within a half or 50 ms. A test that wavers by a
quarter to either side soon has a stored duration that is near all of them."""


@dataclass(slots=True)
class Streak:
    """One test. ``since`` is the commit that its streak began on; ``last_at`` is None while the test is there."""

    code: int
    since: int
    since_at: datetime
    first_at: datetime
    last_at: datetime | None = None
    duration: int = 0
    """A code of ``dashboard.packing``: what it took when it was last there, where the walk was asked to tell."""

    @property
    def outcome(self) -> int:
        return self.code & OUTCOME_BITS

    @property
    def flaky(self) -> bool:
        return bool(self.code & FLAKY_BIT)


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit says of a group: ``codes`` holds a byte for each test, its outcome and whether it wavered."""

    id: int
    at: datetime
    roster: int
    case_ids: Sequence[int]
    codes: bytes
    durations: Callable[[], bytes]
    """A code of ``dashboard.packing`` for each."""


Stored = Callable[[list[int]], dict[int, Streak]]


@dataclass(slots=True)
class Walk:
    """Streaks after the commits so far. ``stored`` gives those that an earlier walk left, for tests met here."""

    stored: Stored = lambda wanted: {}
    before: Commit | None = None
    streaks: dict[int, Streak] = field(default_factory=dict)

    def step(self, commit: Commit) -> None:
        """Go on to a newer commit."""
        before, self.before = self.before, commit
        gone = self._gone(before, commit)
        changed = _changed(before, commit)
        self._meet([*(case for case, _ in changed), *(case for case, _ in gone)])
        for case, code in changed:
            streak = self.streaks.get(case)
            if streak is None:
                self.streaks[case] = Streak(code, commit.id, commit.at, commit.at)
                continue
            if _kind(streak.outcome) != _kind(code & OUTCOME_BITS):
                streak.since, streak.since_at = commit.id, commit.at
            streak.code, streak.last_at = code, None
        if gone and before is not None:
            durations = before.durations()
            for case, place in gone:
                if streak := self.streaks.get(case):
                    streak.last_at, streak.duration = before.at, durations[place]

    def end(self, commit: int, at: datetime) -> None:
        """The group stands no more: no test of it is there."""
        self.step(Commit(commit, at, 0, (), b"", bytes))

    def _gone(self, before: Commit | None, commit: Commit) -> list[tuple[int, int]]:
        if before is None or before.roster == commit.roster:
            return []
        here = set(commit.case_ids)
        return [(case, place) for place, case in enumerate(before.case_ids) if case not in here]

    def _meet(self, cases: Iterable[int]) -> None:
        unknown = [case for case in cases if case not in self.streaks]
        if unknown:
            self.streaks |= self.stored(unknown)


def _changed(before: Commit | None, commit: Commit) -> list[tuple[int, int]]:
    """(test, code) of those that are new or other than on the commit before."""
    if before is not None and before.roster == commit.roster:
        return [(commit.case_ids[place], commit.codes[place]) for place in differing(before.codes, commit.codes)]
    known = set(zip(before.case_ids, before.codes, strict=True)) if before else set()
    return [pair for pair in zip(commit.case_ids, commit.codes, strict=True) if pair not in known]


def same_kind(one: Streak, other: Streak) -> bool:
    """Whether the two are a streak of the same: skipped, passed or failing."""
    return _kind(one.outcome) == _kind(other.outcome)


def _kind(outcome: int) -> int:
    return min(outcome, FAILED)
