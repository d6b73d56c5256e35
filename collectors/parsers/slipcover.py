"""SlipCover's JSON report (``slipcover --json``): coverage.py's shape, by another tool.

Written by: slipcover 0.2 to 1.1 (``--json``, ``--out``, ``--merge``, ``--branch``).
Specified in: slipcover, ``schemas.py`` and ``slipcover.py``.
Read: each file's executed and missing lines and branches.
Dropped: summaries (only compared), percentages, which mix branches in.
Meaning: an executed line has one hit. A branch goes from a line to another; one that leaves the function goes to
0.
Differences:
    * slipcover: the percentage that it prints mixes branches in where they were measured.
Notes: a branch's identity is the line that it goes to.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import Any

from msgspec import Struct

from collectors.parsers.branches import add, by_target
from collectors.parsers.json_reading import load_object, mapping, outline, whole
from collectors.parsers.json_typed import exactly
from collectors.parsers.lines import Hits, Line, LineTable, disagreement, refuse_too_many_in
from collectors.parsers.listed import ListedBranches
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name, bounded_names


def sniff(head: bytes) -> bool:
    """Whether slipcover signed it; coverage.py writes the same shape."""
    keys = outline(head)
    return "meta.software" in keys and b'"slipcover"' in as_utf8(head) and ("files" in keys or "summary" in keys)


class _File(Struct, gc=False):
    executed_lines: list[Line] = []
    missing_lines: list[Line] = []
    executed_branches: list[tuple[Line, Hits]] = []
    missing_branches: list[tuple[Line, Hits]] = []


class _Report(Struct, gc=False):
    files: dict[str, _File]
    summary: Any = None


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many_in(data, 1)
    plain = exactly(data, _Report)
    if plain is not None:
        paths, entries = bounded_names(list(plain.files)), plain.files.values()
        return _compared(CoverageReport(list(map(_plain_file, paths, entries))), plain.summary)
    warnings: list[str] = []
    document = load_object(data, warnings)
    told = document.get("files")
    if not isinstance(told, dict):
        raise ReportError("The JSON has no “files”: it is cut short or no report of slipcover.")
    table = LineTable()
    files = [_read_file(path, mapping(entry), table) for path, entry in told.items()]
    return _compared(CoverageReport(files, warnings + table.warnings()), document.get("summary"))


def _compared(report: CoverageReport, summary: object) -> CoverageReport:
    own = mapping(summary)
    covered, missing = whole(own.get("covered_lines")), whole(own.get("missing_lines"))
    if covered is not None and missing is not None:
        report.warnings += disagreement(report, covered, covered + missing)
    return report


def _plain_file(path: str, entry: _File) -> FileCoverage:
    lines = dict.fromkeys(entry.executed_lines, 1)
    for number in entry.missing_lines:
        lines.setdefault(number, 0)
    file = FileCoverage(path, lines)
    if entry.missing_branches or entry.executed_branches:
        file.branches = ListedBranches(partial(_steps, entry.missing_branches, entry.executed_branches), "")
    return file


def _steps(missing: list[tuple[int, int]], executed: list[tuple[int, int]]) -> list[int]:
    """Line, 0, the line that it goes to and whether it was taken, of one step after the other."""
    steps = [(start, 0, end, 0) for start, end in missing] + [(start, 0, end, 1) for start, end in executed]
    return list(chain.from_iterable(sorted(steps)))


def _read_file(path: str, entry: dict[str, Any], table: LineTable) -> FileCoverage:
    file = FileCoverage(bounded_name(path), {})
    try:
        missed = list(map(int, entry.get("missing_lines") or ()))
        executed = list(map(int, entry.get("executed_lines") or ()))
        table.add_covered(file, executed, missed)
        missing, taken = (
            [(int(start), int(end)) for start, end in entry.get(f"{key}_branches") or ()]
            for key in ("missing", "executed")
        )
        add(file, by_target(missing, taken))
    except (TypeError, ValueError, OverflowError) as error:
        raise ReportError(f"The lines or branches of {path[:200]} are no numbers.") from error
    return file


SLIPCOVER = Format("slipcover", "coverage", sniff, parse)
