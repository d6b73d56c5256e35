"""The job ``read``, in the child: all that an artifact holds, as frames."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from collectors.parsers.lines import MAX_LINE
from collectors.parsers.listed import size_of
from collectors.parsers.results import CaseResult, FileCoverage, ReadReport
from collectors.parsers.text import MAX_SECONDS, bounded_details, bounded_message, bounded_name, storable
from collectors.reading import Limits, Opened, PassedOver, Refused, Warned, events
from collectors.sandbox.frames import (
    CASES_A_FRAME,
    FILES_A_FRAME,
    LINES_A_FRAME,
    LONGEST_DETAILS,
    LONGEST_NAME,
    ROOTS,
    SENTENCE,
    WARNINGS,
    At,
    CaseBatch,
    CoverageEnd,
    Failed,
    FileBatch,
    Head,
    MoreLines,
    Next,
    Order,
    Rejected,
    SeveralOrder,
    Skipped,
    TestsEnd,
    Warning_,
    may_hold_nul,
)
from collectors.sandbox.wire import FRAME_BYTES


def frames_of(order: Order, file: BinaryIO) -> Iterator[Any]:
    """Read the artifact; the frames of all that it holds."""
    for event in events(file, order.name, order.limits, order.start):
        if isinstance(event, Opened):
            yield At(event.place, event.member, event.left)
        elif isinstance(event, PassedOver):
            yield Skipped(event.name)
        elif isinstance(event, Warned):
            yield Warning_(event.sentence)
        elif isinstance(event, Refused):
            yield Rejected(event.sentence)
        else:
            yield from _report_frames(event)


def frames_of_several(order: SeveralOrder, file: BinaryIO) -> Iterator[Any]:
    """Read files that stand one behind the other."""
    for place, (name, size) in enumerate(order.files):
        yield Next(place)
        yield from frames_of(Order(name, order.limits), io.BytesIO(file.read(size)))


def _rehearsal() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("TEST-a.xml", '<testsuite><testcase name="a" classname="b" time="1"/></testsuite>')
        archive.writestr("lcov.info", "TN:\nSF:a.c\nDA:1,1\nend_of_record\n")
        archive.writestr("notes.txt", "{}")
    return buffer.getvalue()


REHEARSAL = _rehearsal()
REHEARSAL_ORDER = msgspec.msgpack.encode(("read", Order("rehearsal.zip", Limits())))
"""An artifact of our own, for a child that waits."""


def _report_frames(report: ReadReport) -> Iterator[Any]:
    warnings = [_fitting(warning, SENTENCE) for warning in report.warnings[:WARNINGS]]
    error = None if report.error is None else _fitting(report.error, SENTENCE)
    yield Head(report.member, report.format, report.kind, report.size, error, warnings)
    if report.tests is not None:
        yield from _case_frames(report.tests.cases)
        yield TestsEnd(report.tests.duration)
    elif report.coverage is not None:
        yield from _file_frames(report.coverage.files)
        yield CoverageEnd(report.coverage.totals, report.coverage.branch_totals)
    else:
        yield Failed()


def _case_frames(cases: list[CaseResult]) -> Iterator[CaseBatch]:
    batch: list[CaseResult] = []
    size = 0
    for case in cases:
        size += len(case.details) + len(case.message)
        batch.append(case)
        if len(batch) == CASES_A_FRAME or size > FRAME_BYTES // 16:  # up to four bytes a character
            yield _tidied(batch)
            batch, size = [], 0
    if batch:
        yield _tidied(batch)


def _file_frames(files: list[FileCoverage]) -> Iterator[Any]:
    batch: list[FileCoverage] = []
    size = 0
    for file in files:
        _tidy_file(file)
        lines, branches = file.lines, file.branches
        entries = size_of(lines) + 8 * size_of(branches)
        large = entries > LINES_A_FRAME
        batch.append(msgspec.structs.replace(file, lines={}, branches={}) if large else file)
        # A context's name may be longer than all of its lines: forty characters of it count as one.
        contexts = file.contexts or {}
        size += entries + sum(map(len, contexts.values())) + sum(map(len, contexts)) // 40
        if size > LINES_A_FRAME or len(batch) == FILES_A_FRAME:
            yield FileBatch(batch)
            batch, size = [], 0
        if large:
            yield from (MoreLines(part, {}) for part in _parts(lines, LINES_A_FRAME))
            yield from (MoreLines({}, part) for part in _parts(branches, LINES_A_FRAME // 8))
    if batch:
        yield FileBatch(batch)


def _tidied(cases: list[CaseResult]) -> CaseBatch:
    """What a reader forgot to bound is bounded here: the parent would not believe it."""
    batch = CaseBatch(cases)
    most, longest = LONGEST_NAME, LONGEST_DETAILS
    if may_hold_nul(batch) or any(
        len(case.name) > most or len(case.classname) > most or len(case.suite) > most or len(case.file) > most
        or len(case.message) > most or len(case.details) > longest or not _sane(case.duration)
        for case in cases
    ):  # fmt: skip
        for case in cases:
            case.suite, case.classname, case.name, case.file = map(
                bounded_name, (case.suite, case.classname, case.name, case.file)
            )
            case.message, case.details = bounded_message(case.message), bounded_details(case.details)
            case.duration = case.duration if _sane(case.duration) else None
    return batch


def _sane(seconds: float | None) -> bool:
    return seconds is None or 0 <= seconds <= MAX_SECONDS


def _tidy_file(file: FileCoverage) -> None:
    if len(file.path) > LONGEST_NAME or "\x00" in file.path:
        file.path = bounded_name(file.path)
    if file.roots:
        file.roots = tuple(map(bounded_name, file.roots[:ROOTS]))
    if file.contexts:
        file.contexts = {bounded_name(name): lines for name, lines in file.contexts.items()}
    # What is listed lies within the bounds, and numbers are the names of its branches.
    if isinstance(file.lines, dict) and file.lines and not 1 <= min(file.lines) <= max(file.lines) <= MAX_LINE:
        file.lines = {line: hits for line, hits in file.lines.items() if 1 <= line <= MAX_LINE}
    if not isinstance(file.branches, dict):
        return
    if file.branches and not 0 <= min(file.branches) <= max(file.branches) <= MAX_LINE:
        file.branches = {line: branch for line, branch in file.branches.items() if 0 <= line <= MAX_LINE}
    for branch in file.branches.values():
        if branch.taken and (max(map(len, branch.taken)) > LONGEST_NAME or "\x00" in "".join(branch.taken)):
            branch.taken = {bounded_name(name): taken for name, taken in branch.taken.items()}
        if branch.missing:
            branch.missing = tuple(map(bounded_name, branch.missing))


def _fitting(text: str, longest: int) -> str:
    return storable(text)[:longest]


def _parts(whole: Mapping[int, Any], size: int) -> Iterator[dict[int, Any]]:
    items = list(whole.items())
    for start in range(0, len(items), size):
        yield dict(items[start : start + size])
