"""An artifact's Reading, whatever it does to the children that read it.

A child says which member it opens before it reads it. When it dies over one that was not its first, a fresh child
begins with that member: only what ends a child of its own is refused, by name, and the next one goes on behind it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from collectors.parsers.results import Cost, Reading, ReadReport, ReportError
from collectors.reading import Start
from collectors.sandbox.assembler import Assembler
from collectors.sandbox.frames import Next, Order, SeveralOrder
from collectors.sandbox.limits import Limits, from_environment, sentence
from collectors.sandbox.parent import Answer, Sandbox, in_memory
from collectors.sandbox.wire import NotBelievedError
from collectors.usual_names import usual_report

_own: Sandbox | None = None
_lock = threading.Lock()


def sandbox(limits: Limits | None = None) -> Sandbox:
    """This process's own sandbox, with the environment's limits unless others are given."""
    global _own
    limits = limits or from_environment()
    with _lock:
        if _own is None or _own.limits != limits:
            if _own is not None:
                _own.close()
            _own = Sandbox(limits)
        return _own


def read_safely(
    source: int | bytes, name: str, limits: Limits | None = None, box: Sandbox | None = None
) -> Reading:
    """Read an artifact, given as a file descriptor or as bytes, in locked-down children.

    Never raises for anything that the bytes hold or do. Raises SandboxError when no child can be had.
    """
    box = box or sandbox(limits)
    reading, costs, start = Reading(), [], None
    began = time.monotonic()
    with _descriptor(source) as descriptor:
        while True:
            assembler = Assembler(reading)
            order = Order(name, box.limits.reading, start)
            answer = box.run("read", order, descriptor, assembler.add)
            costs.append(answer.cost)
            if answer.trouble is None:
                break
            assembler.abandon()
            start = _after(assembler, answer, reading, box.limits)
            if start is None:
                break
            if time.monotonic() - began > box.limits.artifact_seconds:
                _give_up(reading, box.limits)
                break
    reading.reports.sort(key=lambda report: report.member or "")
    reading.cost = _sum(costs)
    return reading


def read_several(files: Sequence[tuple[str, bytes]], box: Sandbox | None = None) -> list[Reading]:
    """Read small files of one owner together in one child, which saves most of the time that each would take.

    Where that child dies, what it had not told by then is read file by file. Raises SandboxError.
    """
    box = box or sandbox()
    readings: list[Reading] = []
    assemblers: list[Assembler] = []

    def take(frame: Any) -> None:
        if not isinstance(frame, Next):
            assemblers[-1].add(frame)
        elif frame.place == len(readings) < len(files):
            readings.append(Reading())
            assemblers.append(Assembler(readings[-1]))
        else:
            raise NotBelievedError("files in another order")

    order = SeveralOrder([(name, len(data)) for name, data in files], box.limits.reading)
    with in_memory(b"".join(data for _, data in files)) as file, _descriptor(file.fileno()) as descriptor:
        answer = box.run("read several", order, descriptor, take)
    whole = len(readings) if answer.trouble is None else max(0, len(readings) - 1)
    for reading in readings:
        reading.reports.sort(key=lambda report: report.member or "")
    return readings[:whole] + [read_safely(data, name, box=box) for name, data in files[whole:]]


def _after(assembler: Assembler, answer: Answer, reading: Reading, limits: Limits) -> Start | None:
    """Where the next child begins; None when the artifact as a whole is at fault."""
    at = assembler.at
    trouble = answer.trouble or ""
    why = sentence(trouble, limits) if hasattr(limits, trouble) else trouble
    if at is None:
        reading.error = f"The artifact was not read: {why}"
        return None
    if assembler.opened > 1:
        return Start(at.place, at.left)
    error = str(ReportError(f"{at.member} was not read: {why}"))
    if usual := usual_report(at.member):
        reading.reports.append(ReadReport(at.member, *usual, 0, error=error))
    else:
        reading.passed_over.append(at.member)
        reading.warnings.append(error)
    return Start((*at.place[:-1], at.place[-1] + 1), at.left)


def _give_up(reading: Reading, limits: Limits) -> None:
    reading.warnings.append(f"The rest of the artifact was not read: {sentence('artifact_seconds', limits)}")


def _sum(costs: list[Cost]) -> Cost:
    return Cost(
        sum(cost.cpu_seconds for cost in costs),
        sum(cost.wall_seconds for cost in costs),
        max(cost.peak_bytes for cost in costs),
        sum(cost.output_bytes for cost in costs),
    )


@contextmanager
def _descriptor(source: int | bytes) -> Iterator[int]:
    """A descriptor of its own, read only where the system can reopen a file: a child cannot move ours."""
    if isinstance(source, bytes):
        with in_memory(source) as file, _descriptor(file.fileno()) as descriptor:
            yield descriptor
        return
    try:
        descriptor = os.open(f"/proc/self/fd/{source}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        descriptor = os.dup(source)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
