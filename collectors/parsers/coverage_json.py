"""coverage.py's JSON report (``coverage json``, pytest-cov's ``--cov-report=json``).

Written by: coverage.py 5 to 7 (formats 1 to 3).
Specified in: coverage.py's ``jsonreport.py`` and the chapter “JSON reporting” of its manual.
Read: executed and missing lines of every file, branches, and with ``--show-contexts`` the tests that ran each
  line.
Dropped: functions, classes and regions; all percentages (coverage.py's own mixes branches in).
Meaning: an executed line has one hit, a missing one none; there are no other hits. A branch's identity is the
  line that it goes to (negative: an exit). Lines that coverage.py excludes are left out although the file lists
  them as executed where they ran. The test of a context is its name without pytest-cov's phase.
Differences:
* coverage.py 7.6 to 7.12: lists lines of docstrings as executed that it does not count as statements (707
  counted, 721 listed in one report of cachetools). The file does not say which, so the listed ones are counted,
  with a warning
"""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from collectors.parsers.lines import MAX_LINE, MAX_LINES, Line, LineTable, disagreement, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.slipcover import signed
from collectors.parsers.text import as_utf8, bounded_name

_NUMBERS_PER_LINE = 2
"""A line stands in the list of its file and in that of its function or class; counted before anything is built."""
_SMALLEST = len("1,")


def sniff(head: bytes) -> bool:
    """Whether this is coverage.py's JSON; slipcover writes the same shape and signs it."""
    head = as_utf8(head).lstrip()
    if not head.startswith(b"{") or signed(head):
        return False
    by_meta = b'"branch_coverage"' in head and b'"show_contexts"' in head
    return by_meta or (b'"executed_lines"' in head and b'"excluded_lines"' in head)


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    text = as_utf8(data)
    if len(text) > _SMALLEST * MAX_LINES:
        refuse_too_many(text.count(b",") // _NUMBERS_PER_LINE)
    table = LineTable()
    try:
        document = msgspec.json.decode(text, type=_Report)
        totals: Any = document.totals
        files = [_file(path, entry, table) for path, entry in document.files.items()]
    except (msgspec.DecodeError, UnicodeDecodeError):  # the long way says what is wrong, and where
        table = LineTable()
        totals, told = _any(text)
        files = [_read_file(path, entry, table) for path, entry in told.items()]
    report = CoverageReport(files, table.warnings())
    if isinstance(totals, dict) and files:
        covered, valid = totals.get("covered_lines"), totals.get("num_statements")
        report.warnings.extend(disagreement(report, covered, valid))
    return report


class _File(msgspec.Struct, gc=False):
    """A file's entry; what is not named here is passed over without being built."""

    executed_lines: list[Line]
    missing_lines: list[Line] = []
    excluded_lines: list[int] = []
    executed_branches: list[tuple[int, int]] = []
    missing_branches: list[tuple[int, int]] = []
    contexts: dict[int, list[str]] | None = None


class _Report(msgspec.Struct, gc=False):
    files: dict[str, _File]
    totals: Any = None


def _file(path: str, entry: _File, table: LineTable) -> FileCoverage:
    executed, excluded = entry.executed_lines, set(entry.excluded_lines)
    if not excluded.isdisjoint(executed):
        executed = [line for line in executed if line not in excluded]
    lines = dict.fromkeys(entry.missing_lines, 0)
    lines.update(dict.fromkeys(executed, 1))
    file = FileCoverage(bounded_name(path), lines)
    _add_branches(file, entry.missing_branches, entry.executed_branches, excluded, table)
    if entry.contexts:
        file.contexts = _by_test(entry.contexts)
    return file


def _by_test(told: dict[int, list[str]]) -> dict[str, tuple[int, ...]] | None:
    """The lines of each test, out of the contexts of each line; see coverage_data for what a context is called."""
    if sum(map(len, told.values())) > MAX_LINES:
        return None
    lines: dict[str, list[int]] = {}
    for number, contexts in told.items():
        if 1 <= number <= MAX_LINE:
            for name in filter(None, dict.fromkeys(map(_test, contexts))):
                lines.setdefault(name, []).append(number)
    return {name: tuple(sorted(lines[name])) for name in sorted(lines)} or None


def _test(context: str) -> str:
    """The test that a context stands for: pytest-cov adds the phase in which a line ran."""
    name, bar, phase = context.rpartition("|")
    return bounded_name(name if bar and phase in ("run", "setup", "teardown") else context)


def _any(text: bytes) -> tuple[Any, dict[str, Any]]:
    """Totals and files, whatever they are. Raises ReportError."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ReportError(f"The JSON breaks off or is broken: {_sentence(error)}.") from error
    told = document.get("files") if isinstance(document, dict) else None
    if not isinstance(told, dict):
        raise ReportError("The JSON has no “files”: it is cut short or no coverage report.")
    return document.get("totals"), told


def _read_file(path: str, entry: Any, table: LineTable) -> FileCoverage:
    if not isinstance(entry, dict):
        raise ReportError(f"The entry of {path[:200]} is no object.")
    file = FileCoverage(bounded_name(path), {})
    excluded = set(_numbers(entry, "excluded_lines", path))
    executed = [line for line in _numbers(entry, "executed_lines", path) if line not in excluded]
    missing = _numbers(entry, "missing_lines", path)
    table.add_covered(file, executed, missing)
    missing_branches, executed_branches = (
        _pairs(entry, f"{key}_branches", path) for key in ("missing", "executed")
    )
    _add_branches(file, missing_branches, executed_branches, excluded, table)
    return file


def _add_branches(
    file: FileCoverage,
    missing: list[tuple[int, int]],
    executed: list[tuple[int, int]],
    excluded: set[int],
    table: LineTable,
) -> None:
    taken: dict[int, dict[str, bool]] = {}
    for pairs, was_taken in ((missing, False), (executed, True)):
        for start, end in pairs:
            if start not in excluded:
                taken.setdefault(start, {})[str(end)] = was_taken
    for line, branch in taken.items():
        table.add_branches(file, line, LineBranches(sum(branch.values()), len(branch), branch))


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
