"""gcovr's JSON (``gcovr --json``) and its summary (``gcovr --json-summary``).

Written by: gcovr 5 to 8 (8.8 seen).
Specified in: “JSON Output” and “JSON Summary Output” of gcovr's manual
(https://gcovr.com/en/stable/output/json.html).
Read: the lines of every file with their counts and branches; of a summary its totals and the number of files.
Dropped: lines and branches that gcovr excludes (``gcovr/excluded``, ``gcovr/noncode``), functions, calls,
decisions, MC/DC conditions, checksums.
Meaning: a line with a count of zero is missed. A branch is taken if its count is above zero. gcovr counts a line
once for each instance of a template that has it: the further ones stand in an entry of their own beside the file,
whose line numbers mean nothing, so that the total is gcovr's. A summary has totals and no lines.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import UNSET, Struct, field

from collectors.parsers.gcov_json import File, Row, read_file
from collectors.parsers.json_reading import load_object, outline, whole
from collectors.parsers.json_typed import read
from collectors.parsers.lines import MAX_HITS, LineTable, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name

INSTANCES = "(lines of further template instances)"

_LEFT_OUT = (b"gcovr/excluded", b"gcovr/noncode")


def sniff(head: bytes) -> bool:
    """Whether keys of gcovr's own stand in the file."""
    return any(key.startswith(("gcovr/", "files[].lines[].gcovr/")) for key in outline(head))


class _Report(Struct, gc=False):
    files: list[File] | None = None
    summary: Any = field(name="gcovr/summary_format_version", default=UNSET)


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file, or a summary's totals. Raises ReportError."""
    data = as_utf8(data)
    refuse_too_many(data.count(b'"line_number"'))
    warnings: list[str] = []
    document = read(data, _Report, warnings)
    if document.files is None:
        raise ReportError("The JSON has no “files”: it is cut short or no report of gcovr.")
    if document.summary is not UNSET:
        summary = load_object(data, [])
        return CoverageReport([], warnings, totals=_totals(summary, len(summary["files"])))
    table = LineTable()
    files: list[FileCoverage] = []
    marked = any(key in data for key in _LEFT_OUT)
    for entry in document.files:
        if marked:
            entry.lines = [row for row in entry.lines if row.excluded is not True and row.noncode is not True]
            for row in entry.lines:
                if row.branches:
                    row.branches = [b for b in row.branches if b.excluded is not True and b.noncode is not True]
        files.append(read_file(entry, table))
        files.extend(_instances(entry.lines, files[-1]))
    return CoverageReport(files, warnings + table.warnings())


def _instances(rows: list[Row], file: FileCoverage) -> list[FileCoverage]:
    """An entry for the lines that gcovr counts more than once, if there are any."""
    if len(rows) == len(file.lines):
        return []
    listed = Counter(row.line_number for row in rows)
    covered = Counter(row.line_number for row in rows if row.count and row.count > 0)
    further = sum(listed[number] - 1 for number in file.lines)
    ran = sum(covered[number] - 1 for number, hits in file.lines.items() if hits)
    if not further:
        return []
    lines = {number: int(number <= ran) for number in range(1, further + 1)}
    return [FileCoverage(bounded_name(f"{file.path} {INSTANCES}"), lines, placeholder=True)]


def _totals(document: dict[str, Any], files: int) -> CoverageCounts:
    """The summary's totals. Raises ReportError where they are missing or make no sense."""
    told = [whole(document.get(key)) for key in ("line_covered", "line_total", "branch_covered", "branch_total")]
    covered, valid, taken, branches = told
    if covered is None or valid is None or not covered <= valid <= MAX_HITS:
        raise ReportError("The summary has no totals that add up (“line_covered” of “line_total”).")
    if taken is None or branches is None or not taken <= branches <= MAX_HITS:
        taken = branches = None
    return CoverageCounts(files, valid, covered, None, branches, taken)


GCOVR_JSON = Format(
    "gcovr-json",
    "coverage",
    sniff,
    parse,
    meaning="gcovr counts a line once for each instance of a template.",
)
