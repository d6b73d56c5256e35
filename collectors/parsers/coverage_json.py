"""coverage.py's JSON report (``coverage json``, pytest-cov's ``--cov-report=json``), formats 1 to 3.

::

    {"meta": {"format": 3, "branch_coverage": true, "show_contexts": false, …}, "totals": {…},
     "files": {path: {"executed_lines": [1, …], "missing_lines": [2, …], "excluded_lines": […],
                      "executed_branches": [[from, to], …], "missing_branches": [[from, to], …], …}}}

There are no hits: an executed line has one. A branch's identity is the line that it goes to (negative: an exit).
``executed_lines`` holds excluded lines too where they ran; coverage.py counts them nowhere, nor does this reader.
Dropped: contexts, functions and classes, and all percentages (coverage.py's own mixes branches in).
"""

from __future__ import annotations

from typing import Any

import orjson

from collectors.parsers.lines import LineTable, disagreement, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import as_utf8, bounded_name

_NUMBERS_PER_LINE = 2
"""A line stands in the list of its file and in that of its function or class; counted before anything is built."""


def sniff(head: bytes) -> bool:
    """Whether this is coverage.py's JSON; slipcover writes the same shape and signs it."""
    head = as_utf8(head).lstrip()
    if not head.startswith(b"{") or b'"slipcover"' in head[:512]:
        return False
    by_meta = b'"branch_coverage"' in head and b'"show_contexts"' in head
    return by_meta or (b'"executed_lines"' in head and b'"excluded_lines"' in head)


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many(data.count(b",") // _NUMBERS_PER_LINE)
    try:
        document = orjson.loads(as_utf8(data))
    except orjson.JSONDecodeError as error:
        raise ReportError(f"The JSON breaks off or is broken: {_sentence(error)}.") from error
    told = document.get("files") if isinstance(document, dict) else None
    if not isinstance(told, dict):
        raise ReportError("The JSON has no “files”: it is cut short or no coverage report.")
    table = LineTable()
    files = [_read_file(path, entry, table) for path, entry in told.items()]
    totals = document.get("totals")
    report = CoverageReport(files, table.warnings())
    if isinstance(totals, dict) and files:
        covered, valid = totals.get("covered_lines"), totals.get("num_statements")
        report.warnings.extend(disagreement(report, covered, valid))
    return report


def _read_file(path: str, entry: Any, table: LineTable) -> FileCoverage:
    if not isinstance(entry, dict):
        raise ReportError(f"The entry of {path[:200]} is no object.")
    file = FileCoverage(bounded_name(path), {})
    excluded = set(_numbers(entry, "excluded_lines", path))
    executed = [line for line in _numbers(entry, "executed_lines", path) if line not in excluded]
    missing = _numbers(entry, "missing_lines", path)
    table.add(file, missing, [0] * len(missing))
    table.add(file, executed, [1] * len(executed))
    taken: dict[int, dict[str, bool]] = {}
    for key, was_taken in (("missing_branches", False), ("executed_branches", True)):
        for start, end in _pairs(entry, key, path):
            if start not in excluded:
                taken.setdefault(start, {})[str(end)] = was_taken
    for line, branch in taken.items():
        table.add_branches(file, line, LineBranches(sum(branch.values()), len(branch), branch))
    return file


def _numbers(entry: dict[str, Any], key: str, path: str) -> list[int]:
    value = entry.get(key) or []
    if not isinstance(value, list) or not set(map(type, value)) <= {int}:
        raise ReportError(f"“{key}” of {path[:200]} is no list of line numbers.")
    return value


def _pairs(entry: dict[str, Any], key: str, path: str) -> list[tuple[int, int]]:
    value = entry.get(key) or []
    try:
        pairs = [(start, end) for start, end in value]
    except (TypeError, ValueError):
        pairs = [("", "")]
    if not all(type(start) is int and type(end) is int for start, end in pairs):
        raise ReportError(f"“{key}” of {path[:200]} is no list of pairs of line numbers.")
    return pairs


def _sentence(error: orjson.JSONDecodeError) -> str:
    return f"{error.msg.partition(': line')[0].rstrip('.')} at line {error.lineno}, column {error.colno}"


COVERAGE_JSON = Format("coverage-json", "coverage", sniff, parse)
