"""CPU of one piece of work, in Python and in PostgreSQL, while the machine is as fast as it was seen to be.

What others do on the same cores costs CPU time too: a machine that is shared runs at half its speed for seconds or
minutes, one core of it or both. The least of a few measurements is then that of half the speed. So yardsticks stand
between them, one for each of the two processes; it is measured on until both have their pace, and what was not
measured together is compared by what it is of the yardsticks beside it.

PostgreSQL's part is that of the one backend behind this process's connection, read from the kernel.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

TURNS = 30_000
COUNTED = "select sum(number) from generate_series(1, 15000) as number"
REPEATS = 15
MOST_ROUNDS = 10
"""Of so many repeats each: a machine that stays slow is measured as it is."""
FULL_PACE = 1.1
"""Yardsticks of so many times the shortest of this process tell of no neighbours."""


class Work(NamedTuple):
    """Milliseconds of CPU."""

    python_ms: float
    database_ms: float

    @property
    def both_ms(self) -> float:
        return self.python_ms + self.database_ms


class Measured(NamedTuple):
    work: Work
    yardsticks: Work
    """At their shortest meanwhile."""

    def at(self, yardsticks: Work) -> float:
        """Milliseconds in both processes on a machine that takes so long for the yardsticks."""
        python, database = (other / own for other, own in zip(yardsticks, self.yardsticks, strict=True))
        return self.work.python_ms * python + self.work.database_ms * database


_shortest = [Work(float("inf"), float("inf"))]
"""The yardsticks at their shortest in this process."""


def yardsticks() -> Work:
    """30,000 turns of ``d[i % 1000] = str(i)`` in Python, and the sum of 15,000 numbers in PostgreSQL."""
    return cpu_of(_turn)


def _turn() -> None:
    kept = {}
    for turn in range(TURNS):
        kept[turn % 1000] = str(turn)
    connection.connection.execute(COUNTED, prepare=True)


def cpu_of(work: Callable[[], Any]) -> Work:
    """Of one call."""
    connection.ensure_connection()
    before, began = _backend_ns(), time.process_time_ns()
    work()
    return Work((time.process_time_ns() - began) / 1e6, (_backend_ns() - before) / 1e6)


def _backend_ns() -> int:
    """What the backend has used since it began. A stretch is added up when it ends, after the answer came."""
    process = Path(f"/proc/{connection.connection.info.backend_pid}")
    while (process / "stat").read_text().rpartition(") ")[2][0] == "R":
        pass
    return int((process / "schedstat").read_text().split()[0])


def least_of(work: Callable[[], Any]) -> Measured:
    """Each the least of many calls: whatever else runs on the machine only ever adds."""
    took: list[Work] = []
    paces: list[Work] = []
    for _ in range(MOST_ROUNDS):
        for _ in range(REPEATS):
            took.append(cpu_of(work))
            paces.append(yardsticks())
        _shortest[0] = _least([*_shortest, *paces])
        now = _least(paces[-REPEATS:])
        if all(each <= FULL_PACE * best for each, best in zip(now, _shortest[0], strict=True)):
            break
    return Measured(_least(took), _least(paces))


def _least(all_of: list[Work]) -> Work:
    return Work(*(min(values) for values in zip(*all_of, strict=True)))
