"""Xcode's coverage as JSON: ``xcrun xccov view --report --json`` and ``--archive --json``.

Written by: xccov of Xcode 9.3 to 26, fastlane and GitHub actions that call it.
Specified in: ``man xccov``; the files themselves.
Read: of an archive every executable line's count, by source; of a report the executable and covered lines of all
files together, or of all targets where it lists no files (``--only-targets``, an object or a list).
Dropped: functions, subranges of a line, the plain text of either.
Meaning: an archive's lines are as Xcode shows them. A report names no line, so it is totals only: the sum over the
targets, where a file that belongs to two targets counts twice, as in Xcode's own figure; where an archive stands
beside it, the archive counts.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from collectors.parsers.json_reading import load, objects, outline, text, whole
from collectors.parsers.json_typed import exactly
from collectors.parsers.lines import MAX_HITS, Hits, Line, LineTable, disagreement, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name

_REPORT = {"targets[].files", "targets[].executableLines", "targets[].coveredLines"}
_TARGETS = {"targets[].name", "targets[].executableLines", "targets[].coveredLines"}
_LIST = {"[].name", "[].lineCoverage", "[].executableLines", "[].coveredLines"}
_LACKING = "An executable line of {} has no number or no count."
_FILES = {"targets[].files[].executableLines", "targets[].files[].coveredLines"}


def sniff(head: bytes) -> bool:
    """Whether targets count lines as xccov does, or every key of the object is a source with lines."""
    keys = outline(head)
    if any(keys >= known for known in (_FILES, _REPORT, _TARGETS, _LIST)):
        return True
    return any(key.endswith("[].isExecutable") for key in keys) and any(key.endswith("[].line") for key in keys)


class _Row(Struct, gc=False):
    line: Line
    isExecutable: bool  # noqa: N815 (the file's own names)
    executionCount: Hits | None = None  # noqa: N815


def parse(data: bytes) -> CoverageReport:
    """Read an archive's lines or a report's totals. Raises ReportError."""
    refuse_too_many(data.count(b'"isExecutable"'))
    archive = exactly(data, dict[str, list[_Row]])
    table = LineTable()
    if archive:
        plain = [_plain_file(path, rows, table) for path, rows in archive.items()]
        return CoverageReport(plain, table.warnings())
    warnings: list[str] = []
    document = load(data, warnings)
    if isinstance(document, list):
        document = {"targets": document}
    if not isinstance(document, dict):
        raise ReportError("The JSON is neither an object nor a list of targets.")
    if isinstance(document.get("targets"), list):
        return _totals_only(document, warnings)
    files = [_read_file(path, rows, table) for path, rows in document.items() if isinstance(rows, list)]
    if not files:
        raise ReportError("The JSON has neither targets nor the lines of a file.")
    return CoverageReport(files, warnings + table.warnings())


def _plain_file(path: str, rows: list[_Row], table: LineTable) -> FileCoverage:
    code = [row for row in rows if row.isExecutable]
    numbers: list[int] = [row.line for row in code]
    hits: list[Any] = [row.executionCount for row in code]
    if None in hits:
        raise ReportError(_LACKING.format(path[:200]))
    file = FileCoverage(bounded_name(path), dict(zip(numbers, hits, strict=True)))
    if len(file.lines) != len(code):
        table.add(file, numbers, hits)  # of a line that comes twice the higher count stands
    return file


def _read_file(path: str, told: list[Any], table: LineTable) -> FileCoverage:
    file = FileCoverage(bounded_name(path), {})
    rows = [row for row in objects(told) if row.get("isExecutable") is True]
    numbers, hits = [whole(row.get("line")) for row in rows], [whole(row.get("executionCount")) for row in rows]
    lines = [(line, ran) for line, ran in zip(numbers, hits, strict=True) if line is not None and ran is not None]
    if len(lines) != len(rows):
        raise ReportError(_LACKING.format(path[:200]))
    table.add(file, [line for line, _ in lines], [ran for _, ran in lines])
    return file


def _totals_only(document: dict[str, Any], warnings: list[str]) -> CoverageReport:
    """The sums over the files of all targets; over the targets, where they list none (``--only-targets``)."""
    targets = objects(document["targets"])
    files = [file for target in targets for file in objects(target.get("files"))]
    covered = valid = 0
    for entry in files or targets:
        ran, there = whole(entry.get("coveredLines")), whole(entry.get("executableLines"))
        if ran is None or there is None or not ran <= there <= MAX_HITS:
            name = text(entry.get("path") or entry.get("name"))
            raise ReportError(f"The lines of “{name[:200]}” do not add up (coveredLines of executableLines).")
        covered, valid = covered + ran, valid + there
    totals = CoverageCounts(len(files), valid, covered, None, None, None)
    report = CoverageReport([], warnings, totals=totals)
    own = whole(document.get("coveredLines")), whole(document.get("executableLines"))
    warnings.extend(disagreement(report, *own))
    return report


XCCOV = Format(
    "xccov",
    "coverage",
    sniff,
    parse,
    meaning="An xccov report gives totals only; an xccov archive gives the lines.",
)
