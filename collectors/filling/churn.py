"""How a repository's tests and files change from night to night, made up: the same seed gives the same nights.

for night in Churn(seed=7, tests=200, files=20).nights(days):
    night.tests, night.outcomes, night.seconds          # parallel
    night.files                                         # path → version; ``lines(path, version)`` are its lines

Values in, values out: no database, no clock. Every run has a commit of its own:

* durations jitter on every run, by a quarter to either side;
* on one commit in five (``Habits.eventful``) 1–3 % of the tests change outcome: those that fail are mended first,
  the others fail, end in an error, or are skipped. What broke is mostly mended by the next commit;
* one test in a thousand is flaky on a run;
* 0.5 % of the files change, get longer or shorter, and lose or win covered lines;
* on one commit in ten a test in two hundred is added, renamed or removed, at least one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, cycle
from random import Random
from typing import NamedTuple

from collectors.filling.words import file_path, test_name
from collectors.parsers.results import Outcome

TESTS_A_CLASS = 25
LINES_A_FILE = (20, 140)

# Durations stand on a grid of two per cent from 0.1 ms up, far finer than they are stored with.
GRID = [0.0001 * 1.02**step for step in range(1_000)]
USUAL_STEPS, FEWEST_STEPS, MOST_STEPS = (265.0, 75.0), 14, 900
JITTER = [Random(number).randint(-13, 13) for number in range(8_191)]


class MadeUpTest(NamedTuple):
    """One test as a report would name it."""

    classname: str
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class Habits:
    """How much changes, as shares of one."""

    eventful: float = 0.2
    """Commits on which tests change outcome,"""
    outcomes: tuple[float, float] = (0.01, 0.03)
    """and how many of its tests do."""
    mended: float = 0.85
    """Failing tests that pass again on the next commit."""
    flaky: float = 0.001
    files: float = 0.005
    """Files that a commit changes."""
    reshaped: float = 0.1
    """Commits that add, rename or remove tests,"""
    tests: float = 0.005
    """and how many."""


@dataclass(frozen=True, slots=True)
class Night:
    """What one run on one commit reported. Lists that are the same as the night before are the same objects."""

    day: date
    number: int
    tests: Sequence[MadeUpTest]
    outcomes: Sequence[Outcome]
    flaky: Sequence[bool]
    seconds: Sequence[float]
    files: dict[str, int]
    """Version of each file by path; ``lines`` gives what it holds."""
    changed: frozenset[str]
    """Files that are not as they were on the commit before."""


def fails(night: Night) -> bool:
    return max(bytes(night.outcomes), default=0) >= Outcome.FAILED


def message_of(test: MadeUpTest, outcome: Outcome) -> tuple[str, str]:
    """The message and details of a failure: the same test fails in the same words, another line number apart."""
    if outcome is Outcome.ERROR:
        return f"ConnectionError: {test.file} lost its server", f"{test.file}:17: in {test.name}\n    connect()"
    return f"AssertionError: {test.name} got None", f"{test.file}:42: in {test.name}\n    assert found is not None"


def lines_of(seed: int, path: str, version: int) -> dict[int, int]:
    """Line number → hits of one version of a file: runs of covered lines, gaps between them, some missed."""
    random = Random(f"{seed} {path}")
    count, line, hits = random.randint(*LINES_A_FILE), 0, {}
    fate = Random(f"{seed} {path} {version}") if version else random
    for _ in range(count + (fate.randint(-2, 3) if version else 0)):
        line += 1 if fate.random() < 0.8 else fate.randint(2, 6)
        hits[line] = 0 if fate.random() < 0.2 else fate.choice((1, 1, 1, 2, 4, 12))
    return hits


@dataclass(slots=True)
class Churn:
    """One repository's life."""

    seed: int
    tests: int
    files: int
    habits: Habits = field(default_factory=Habits)

    def lines(self, path: str, version: int) -> dict[int, int]:
        return lines_of(self.seed, path, version)

    def nights(self, days: Iterable[date]) -> Iterator[Night]:
        """A night for each of ``days``, oldest first."""
        life = _Life(Random(self.seed), self.habits)
        life.begin(self.tests, self.files)
        for number, day in enumerate(days):
            yield life.night(day, number)


@dataclass(slots=True)
class _Life:
    """What is true of a repository tonight."""

    random: Random
    habits: Habits
    tests: list[MadeUpTest] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    usual: list[int] = field(default_factory=list)
    """Steps on the grid."""
    steady: list[bool] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    named: int = 0

    def begin(self, tests: int, files: int) -> None:
        self.paths = [file_path(self.random, number) for number in range(files)]
        self.files = dict.fromkeys(self.paths, 0)
        for _ in range(tests):
            self._add()

    def night(self, day: date, number: int) -> Night:
        changed: frozenset[str] = frozenset()
        if number:
            changed = self._edit()
            if self.random.random() < self.habits.reshaped:
                self._reshape()
            self._events()
        return Night(
            day,
            number,
            self.tests,
            self.outcomes,
            self._flaky(),
            self._seconds(),
            self.files,
            changed if number else frozenset(self.files),
        )

    def _add(self) -> None:
        number, self.named = self.named, self.named + 1
        name = test_name(self.random, number)
        place = name.split("_")[1] if number % TESTS_A_CLASS == 0 or not self.tests else None
        before = self.tests[-1] if self.tests else None
        if place is None and before is not None:
            self.tests.append(MadeUpTest(before.classname, name, before.file))
        else:
            module = f"test_{place}_{number // TESTS_A_CLASS}"
            self.tests.append(MadeUpTest(f"tests.{module}.Test{str(place).title()}", name, f"tests/{module}.py"))
        self.outcomes.append(Outcome.SKIPPED if self.random.random() < 0.02 else Outcome.PASSED)
        self.usual.append(min(MOST_STEPS, max(FEWEST_STEPS, round(self.random.gauss(*USUAL_STEPS)))))
        self.steady.append(False)

    def _some(self, share: float, of: int) -> int:
        """``share`` of a number, rounded up or down so that it is right on average."""
        exact = share * of
        return int(exact) + (self.random.random() < exact % 1)

    def _edit(self) -> frozenset[str]:
        count = self._some(self.habits.files, len(self.paths))
        if not count:
            return frozenset()
        changed = frozenset(self.random.choice(self.paths) for _ in range(count))
        self.files = self.files | {path: self.files[path] + 1 for path in changed}
        return changed

    def _reshape(self) -> None:
        """Add, rename and remove tests; the lists are made anew, because a night holds the old ones."""
        self.tests, self.outcomes = list(self.tests), list(self.outcomes)
        self.usual, self.steady = list(self.usual), list(self.steady)
        for _ in range(max(1, self._some(self.habits.tests, len(self.tests)))):
            deed, place = self.random.randrange(4), self.random.randrange(len(self.tests))
            if deed == 0 and len(self.tests) > 1:
                for column in (self.tests, self.outcomes, self.usual, self.steady):
                    del column[place]
            elif deed == 1:
                number, self.named = self.named, self.named + 1
                self.tests[place] = self.tests[place]._replace(name=test_name(self.random, number))
            else:
                self._add()

    def _events(self) -> None:
        failing = [place for place, outcome in enumerate(bytes(self.outcomes)) if outcome >= Outcome.FAILED]
        changes = {place: Outcome.PASSED for place in failing if self.random.random() < self.habits.mended}
        if self.random.random() < self.habits.eventful:
            share = self.random.uniform(*self.habits.outcomes)
            for _ in range(self._some(share, len(self.tests)) - len(changes)):
                place = self.random.randrange(len(self.tests))
                changes[place] = self._other(self.outcomes[place])
        if changes:
            self.outcomes = list(self.outcomes)
            for place, outcome in changes.items():
                self.outcomes[place] = outcome

    def _other(self, outcome: Outcome) -> Outcome:
        if outcome is not Outcome.PASSED:
            return Outcome.PASSED
        chance = self.random.random()
        return Outcome.FAILED if chance < 0.75 else Outcome.ERROR if chance < 0.85 else Outcome.SKIPPED

    def _flaky(self) -> list[bool]:
        count = self._some(self.habits.flaky, len(self.tests))
        if not count:
            return self.steady
        flaky = list(self.steady)
        for _ in range(count):
            place = self.random.randrange(len(self.tests))
            flaky[place] = self.outcomes[place] is Outcome.PASSED
        return flaky

    def _seconds(self) -> list[float]:
        start = self.random.randrange(len(JITTER))
        return [
            GRID[step + jitter]
            for step, jitter in zip(self.usual, chain(JITTER[start:], cycle(JITTER)), strict=False)
        ]
