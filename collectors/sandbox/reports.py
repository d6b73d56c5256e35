"""The job ``read``: an artifact's reports as frames, and frames as a Reading again, if they can be believed.

A report travels in pieces, so that neither side holds it twice: its head, its cases or files in batches, its close.
Types and lengths are checked by msgspec while it decodes, what belongs together by ``Assembler``.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO

import msgspec
from msgspec import NODEFAULT, Meta, Struct
from msgspec.structs import fields

from collectors.parsers.lines import MAX_HITS, MAX_LINE, MAX_LINES
from collectors.parsers.results import (
    CaseResult,
    CoverageCounts,
    CoverageReport,
    FileCoverage,
    LineBranches,
    Reading,
    ReadReport,
    TestReport,
)  # fmt: skip
from collectors.parsers.text import MAX_SECONDS, bounded_details, bounded_message, bounded_name, storable
from collectors.reading import Limits, Opened, PassedOver, Refused, Start, Warned, events
from collectors.sandbox.wire import FRAME_BYTES, NotBelievedError

MAX_CASES, MAX_BRANCH_LINES = 1_000_000, 2_000_000
"""In one report; the readers stop at half of it. A case takes some 500 bytes of the parent's memory."""
CASES_A_FRAME, FILES_A_FRAME, LINES_A_FRAME = 2_000, 2_000, 100_000

LONGEST_NAME, LONGEST_DETAILS, SENTENCE = 8_192, 131_072, 2_000
"""Twice what the readers cut names and texts at, and more: what is longer was not cut by them."""
WARNINGS, ROOTS = 200, 200

Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
Text = Annotated[str, Meta(max_length=LONGEST_NAME)]
Details = Annotated[str, Meta(max_length=LONGEST_DETAILS)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
BranchLine = Annotated[int, Meta(ge=0, le=MAX_LINE)]
"""coverage.py 7.6 put some branches at line 0."""
Line = Annotated[int, Meta(ge=1, le=MAX_LINE)]
Hits = Annotated[int, Meta(ge=0, le=MAX_HITS)]
Seconds = Annotated[float, Meta(ge=0, le=MAX_SECONDS * MAX_CASES)]


def _bounded(of: type[Struct], **bounds: Any) -> Any:
    """The same struct, its fields with bounds; one that is added there travels with its bare type."""
    same = []
    for field in fields(of):
        kept: tuple[Any, ...] = (field.name, bounds.get(field.name, field.type))
        if field.default is not NODEFAULT or field.default_factory is not NODEFAULT:
            factory = field.default_factory
            kept += (field.default if factory is NODEFAULT else msgspec.field(default_factory=factory),)
        same.append(kept)
    return msgspec.defstruct(of.__name__, same, bases=(of,), array_like=True, gc=False, forbid_unknown_fields=True)


Case: Any = _bounded(
    CaseResult, suite=Name, classname=Name, name=Name, file=Name, message=Text, details=Details,
    duration=Seconds | None,
)  # fmt: skip
Branch: Any = _bounded(
    LineBranches, covered=Hits, valid=Hits, taken=dict[Name, bool] | None, missing=tuple[Name, ...] | None
)
File: Any = _bounded(
    FileCoverage, path=Name, lines=dict[Line, Hits], branches=dict[BranchLine, Branch], roots=tuple[Name, ...],
    contexts=dict[Name, tuple[Line, ...]] | None,
)  # fmt: skip


class Order(Struct, array_like=True):
    """``start``: see ``collectors.reading.Start``."""

    name: str
    limits: Limits
    start: Start | None = None


class At(Struct, array_like=True, tag=0):
    place: tuple[Annotated[int, Meta(ge=0)], ...]
    member: Name
    left: int


class Skipped(Struct, array_like=True, tag=1):
    name: Name


class Warning_(Struct, array_like=True, tag=2):  # noqa: N801
    sentence: Text


class Rejected(Struct, array_like=True, tag=3):
    sentence: Text


class Head(Struct, array_like=True, tag=4):
    member: Name | None
    format: Annotated[str, Meta(max_length=40)]
    kind: Annotated[str, Meta(pattern="^(tests|coverage)$")]
    size: Count
    error: Text | None
    warnings: list[Text]


class CaseBatch(Struct, array_like=True, tag=5):
    rows: list[Case]


class FileBatch(Struct, array_like=True, tag=6):
    rows: list[File]


class MoreLines(Struct, array_like=True, tag=7):
    """Of the file that came last."""

    lines: dict[Line, Hits]
    branches: dict[BranchLine, Branch]


class TestsEnd(Struct, array_like=True, tag=8):
    duration: Seconds | None


class CoverageEnd(Struct, array_like=True, tag=9):
    totals: CoverageCounts | None
    branch_totals: tuple[Count, Count] | None


class Failed(Struct, array_like=True, tag=10):
    """The end of a report that could not be read; its head has the sentence."""


Frame = (
    At | Skipped | Warning_ | Rejected | Head | CaseBatch | FileBatch | MoreLines | TestsEnd | CoverageEnd | Failed
)

_json = msgspec.json.Encoder()

# In the child


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


def rehearse() -> None:
    """Read a small report of our own: a child that waits has its memory at hand when the artifact comes."""
    order = Order("rehearsal.zip", Limits())
    for frame in frames_of(order, io.BytesIO(_REHEARSAL)):
        msgspec.msgpack.encode(frame)


def _rehearsal() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("TEST-a.xml", '<testsuite><testcase name="a" classname="b" time="1"/></testsuite>')
        archive.writestr("lcov.info", "TN:\nSF:a.c\nDA:1,1\nend_of_record\n")
        archive.writestr("notes.txt", "{}")
    return buffer.getvalue()


_REHEARSAL = _rehearsal()


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
        large = len(lines) + 8 * len(branches) > LINES_A_FRAME
        batch.append(msgspec.structs.replace(file, lines={}, branches={}) if large else file)
        # A context's name may be longer than all of its lines: forty characters of it count as one.
        contexts = file.contexts or {}
        size += len(lines) + 8 * len(branches) + sum(map(len, contexts.values())) + sum(map(len, contexts)) // 40
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
    if _may_hold_nul(batch) or any(
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
    if file.branches and not 0 <= min(file.branches) <= max(file.branches) <= MAX_LINE:
        file.branches = {line: branch for line, branch in file.branches.items() if 0 <= line <= MAX_LINE}
    if file.lines and not 1 <= min(file.lines) <= max(file.lines) <= MAX_LINE:
        file.lines = {line: hits for line, hits in file.lines.items() if 1 <= line <= MAX_LINE}
    for branch in file.branches.values():
        if branch.taken and (max(map(len, branch.taken)) > LONGEST_NAME or "\x00" in "".join(branch.taken)):
            branch.taken = {bounded_name(name): taken for name, taken in branch.taken.items()}
        if branch.missing:
            branch.missing = tuple(map(bounded_name, branch.missing))


def _fitting(text: str, longest: int) -> str:
    return storable(text)[:longest]


def _parts(whole: dict[int, Any], size: int) -> Iterator[dict[int, Any]]:
    items = list(whole.items())
    for start in range(0, len(items), size):
        yield dict(items[start : start + size])


# In the parent


class Assembler:
    """Puts frames together to a Reading. ``add`` raises NotBelievedError for what no reader of ours says."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.at: At | None = None
        self.opened = 0
        self._head: Head | None = None
        self._cases: list[CaseResult] = []
        self._files: list[FileCoverage] = []
        self._lines = self._branches = 0

    def add(self, frame: Any) -> None:
        if self._head is not None:
            self._continue(self._head, frame)
        elif isinstance(frame, At):
            self.at, self.opened = frame, self.opened + 1
            _storable(frame.member)
        elif isinstance(frame, Head):
            _storable(frame.member or "", frame.error or "", *frame.warnings)
            self._head = frame
        elif isinstance(frame, Skipped):
            _storable(frame.name)
            self.reading.passed_over.append(frame.name)
        elif isinstance(frame, Warning_):
            _storable(frame.sentence)
            self.reading.warnings.append(frame.sentence)
        elif isinstance(frame, Rejected):
            _storable(frame.sentence)
            self.reading.error = frame.sentence
        else:
            raise NotBelievedError("a piece of no report")

    def abandon(self) -> None:
        """Forget the report whose end did not come."""
        self._head = None
        self._cases, self._files = [], []
        self._lines = self._branches = 0

    def _continue(self, head: Head, frame: Any) -> None:
        tests, failed = head.kind == "tests", head.error is not None
        if isinstance(frame, CaseBatch) and tests and not failed:
            self._add_cases(frame)
        elif isinstance(frame, FileBatch) and not tests and not failed:
            for file in frame.rows:
                self._add_file(file)
        elif isinstance(frame, MoreLines) and self._files:
            self._add_lines(self._files[-1], frame.lines, frame.branches)
        elif isinstance(frame, TestsEnd) and tests and not failed:
            self._close(head, tests=TestReport(self._cases, frame.duration, head.warnings))
        elif isinstance(frame, CoverageEnd) and not tests and not failed:
            report = CoverageReport(self._files, head.warnings, frame.totals, frame.branch_totals)
            self._close(head, coverage=report)
        elif isinstance(frame, Failed) and failed:
            self._close(head)
        else:
            raise NotBelievedError("pieces that do not belong together")

    def _close(self, head: Head, tests: TestReport | None = None, coverage: CoverageReport | None = None) -> None:
        self.reading.reports.append(
            ReadReport(head.member, head.format, head.kind, head.size, tests, coverage, head.error, head.warnings)
        )
        self.abandon()

    def _add_cases(self, batch: CaseBatch) -> None:
        for case in batch.rows if _may_hold_nul(batch) else ():
            _storable(case.suite, case.classname, case.name, case.file, case.message, case.details)
        self._cases += batch.rows
        if len(self._cases) > MAX_CASES:
            raise NotBelievedError("more test cases than are read")

    def _add_file(self, file: FileCoverage) -> None:
        lines, branches = file.lines, file.branches
        file.lines, file.branches = {}, {}
        _storable(file.path, *file.roots, *(file.contexts or ()))
        self._files.append(file)
        self._add_lines(file, lines, branches)

    def _add_lines(self, file: FileCoverage, lines: dict[int, int], branches: dict[int, LineBranches]) -> None:
        self._lines += len(lines)
        self._branches += len(branches)
        if self._lines > MAX_LINES or self._branches > MAX_BRANCH_LINES:
            raise NotBelievedError("more lines than are read")
        for branch in branches.values():
            if branch.covered > branch.valid:
                raise NotBelievedError("more branches covered than there are")
            if branch.taken or branch.missing:
                _storable(*(branch.taken or ()), *(branch.missing or ()))
        if file.lines or file.branches:
            file.lines.update(lines)
            file.branches.update(branches)
        else:
            file.lines, file.branches = lines, branches


def _storable(*texts: str) -> None:
    """Surrogates are refused while decoding; NUL is here."""
    if "\x00" in "".join(texts):
        raise NotBelievedError("a text with NUL in it")


def _may_hold_nul(batch: CaseBatch) -> bool:
    """A quick look, in C; text that spells the escape out is looked at again."""
    return b"\\u0000" in _json.encode(batch)
