"""Frames become a Reading again in the parent, if they can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.parsers.lines import MAX_LINES
from collectors.parsers.listed import size_of, take_in
from collectors.parsers.results import (
    CaseResult,
    CoverageReport,
    FileCoverage,
    LineBranches,
    Reading,
    ReadReport,
    TestReport,
)  # fmt: skip
from collectors.sandbox.frames import (
    MAX_BRANCH_LINES,
    MAX_CASES,
    At,
    CaseBatch,
    CoverageEnd,
    Failed,
    FileBatch,
    Head,
    MoreLines,
    Rejected,
    Skipped,
    TestsEnd,
    Warning_,
    may_hold_nul,
)
from collectors.sandbox.wire import NotBelievedError

KEPT_BYTES = 600 * 1024 * 1024
"""Of a worker's memory for one artifact's reports; there are a few workers, and 4 GB for all of the product."""


class Assembler:
    """Puts frames together to a Reading. ``add`` raises NotBelievedError for what no reader of ours says."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.at: At | None = None
        self.opened = 0
        self._kept = sum(map(_weight, reading.reports))
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
            self._add_files(frame.rows)
        elif isinstance(frame, MoreLines) and self._files:
            self._add_lines(self._files[-1], frame)
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
        report = ReadReport(
            head.member, head.format, head.kind, head.size, tests, coverage, head.error, head.warnings
        )
        weight = _weight(report)
        if self._kept and self._kept + weight > KEPT_BYTES:
            report.tests = report.coverage = None
            report.error = (
                f"{head.member} was not kept: the artifact's reports together hold more than is read of one, "
                "about a million test cases or six million lines; upload them as several artifacts."
            )
            weight = 0
        self._kept += weight
        self.reading.reports.append(report)
        self.abandon()

    def _add_cases(self, batch: CaseBatch) -> None:
        for case in batch.rows if may_hold_nul(batch) else ():
            _storable(case.suite, case.classname, case.name, case.file, case.message, case.details)
        self._cases += batch.rows
        if len(self._cases) > MAX_CASES:
            raise NotBelievedError("more test cases than are read")

    def _add_files(self, files: list[FileCoverage]) -> None:
        for file in files:
            _storable(file.path, *file.roots, *(file.contexts or ()))
            if type(file.branches) is dict:
                _believable(file.branches)
        try:
            take_in(files)
        except ValueError as error:
            raise NotBelievedError(str(error)) from error
        for file in files:
            self._count(file.lines, file.branches)
        self._files += files

    def _add_lines(self, file: FileCoverage, more: MoreLines) -> None:
        _believable(more.branches)
        self._count(more.lines, more.branches)
        file.own_lines().update(more.lines)
        file.own_branches().update(more.branches)

    def _count(self, lines: Mapping[int, int], branches: Mapping[int, LineBranches]) -> None:
        self._lines += size_of(lines)
        self._branches += size_of(branches)
        if self._lines > MAX_LINES or self._branches > MAX_BRANCH_LINES:
            raise NotBelievedError("more lines than are read")


def _believable(branches: dict[int, LineBranches]) -> None:
    """Those that were not sent as numbers: what is made of these cannot be wrong."""
    for branch in branches.values():
        if branch.covered > branch.valid:
            raise NotBelievedError("more branches covered than there are")
        if branch.taken or branch.missing:
            _storable(*(branch.taken or ()), *(branch.missing or ()))


def _weight(report: ReadReport) -> int:
    """About what a report takes of this process's memory."""
    if report.tests is not None:
        return 500 * len(report.tests.cases)
    files = report.coverage.files if report.coverage is not None else []
    return sum(100 * size_of(file.lines) + 300 * size_of(file.branches) for file in files)


def _storable(*texts: str) -> None:
    """Surrogates are refused while decoding; NUL is here."""
    if "\x00" in "".join(texts):
        raise NotBelievedError("a text with NUL in it")
