"""Devel::Cover's reports for Perl: ``cover -report json`` and ``cover -report text``.

Written by: Devel::Cover 1.2 to 1.53 (1.38 seen).
Specified in: ``Devel/Cover/Report/Json.pm``, ``Json_detailed.pm`` and ``Text.pm`` of the distribution.
Read: of the text, and of the JSON where it lists lines (1.5x, ``json_detailed``), every line's statements and the
branches' true and false; of other JSON the statements and branches of all files together.
Dropped: conditions, subroutines, pod, times, the source text. HTML is not read, nor is the database (``cover_db``):
its counts stand in one file for each run and the lines they belong to in others, named by digest.
Meaning: JSON without lines has statements for figures, as Devel::Cover prints them. Else a line is covered if any
statement that begins on it ran; further statements of a line stand in an entry of their own beside the file, whose
line numbers mean nothing, so that the total is Devel::Cover's. A branch has two ways, true and false. What the
source calls uncoverable counts as covered if it did not run, and as not covered if it did, as in Devel::Cover's
percentages.
Differences:
  * Devel::Cover: its “total” adds branches, conditions and subroutines to the statements.

Notes:
In the text a file's table has a column for each criterion, right-aligned below its name. A row without a line
number belongs to the line above it. A number that is too wide for its column starts at the column's left edge.
"""

from __future__ import annotations

import re
from itertools import pairwise, zip_longest
from typing import Any

from msgspec import Struct

from collectors.parsers.json_reading import load_object, mapping, outline, whole
from collectors.parsers.json_typed import exactly
from collectors.parsers.lines import MAX_HITS, Line, LineTable, disagreement, refuse_too_many
from collectors.parsers.results import (
    CoverageCounts,
    CoverageReport,
    FileCoverage,
    Format,
    LineBranches,
    ReportError,
)
from collectors.parsers.text import as_utf8, bounded_name

FURTHER = "(further statements on the same lines)"

_TEXT = re.compile(
    rb"(?:[^\r\n]*\r?\n){0,8}?-{4,}(?: -{4,})+\r?\nFile +(?:stmt|bran|cond|sub|pod)\b[^\r\n]* total(?: +scar)?\r?\n"
)
_RUN = re.compile(rb"^Run: +\S[^\r\n]*\r?\nPerl version: ", re.MULTILINE)
_TABLE = "line  err "
"""How the heading of a table begins, which is asked for before its shape."""
_LINES = re.compile(r"line  err +(?=stmt )[a-z ]+ code\s*")
_BRANCHES = re.compile(r"line  err +% +true +false +branch\s*")
_BLOCK = re.compile(r"\n(?:File Summary|Worst Subroutines)\r?\n-{4,}\r?\n")
"""What stands between a file's path and its table since 2026."""
_DETAIL = re.compile(r"files\..*\.statements\.\d+\[\]\.uncoverable", re.DOTALL)
_BLANK_LINE = re.compile(r"\n\s*\n")


def sniff(head: bytes) -> bool:
    """Whether this is the JSON (its keys in any order), or the text with its table of files and its runs."""
    keys = outline(head)
    if keys:
        by_runs = bool(keys & {"runs[].OS", "runs[].dir"} and "runs[].perl" in keys)
        return by_runs or _summary_first(keys) or any(map(_DETAIL.fullmatch, keys))
    text = as_utf8(head)
    return bool(_TEXT.match(text) and _RUN.search(text))


def _summary_first(keys: frozenset[str]) -> bool:
    ends = {key.rpartition(".")[2] for key in keys if key.startswith("summary.")}
    return {"statement", "percentage", "covered", "total"} <= ends and bool(ends & {"subroutine", "error"})


def parse(data: bytes) -> CoverageReport:
    """Read the lines or the totals of the JSON, or the lines of the text. Raises ReportError."""
    if as_utf8(data[:4096]).lstrip()[:1] == b"{":
        refuse_too_many(data.count(b'"uncoverable"'))
        told = exactly(data, _Detailed)
        if told and any(file.statements for file in told.files.values()):
            return _read_detail(told)
        warnings: list[str] = []
        return _read_summary(mapping(load_object(data, warnings).get("summary")), warnings)
    return _read_text(as_utf8(data).decode("utf-8", "replace"))


class _Statement(Struct, gc=False):
    covered: int
    uncoverable: int = 0
    error: int = 0


class _Branch(Struct, gc=False):
    covered: list[int]
    uncoverable: list[int] = []


class _File(Struct, gc=False):
    statements: dict[Line, list[_Statement]] | None = None
    branches: dict[Line, list[_Branch]] | None = None


class _Detailed(Struct, gc=False):
    files: dict[str, _File]
    summary: Any = None


def _read_detail(told: _Detailed) -> CoverageReport:
    """The lines and branches of every file, compared with the summary."""
    found = _Files()
    for path, entry in told.files.items():
        rows = [
            (number, 0 if one.error else max(min(one.covered, MAX_HITS), int(one.uncoverable > 0)))
            for number, several in (entry.statements or {}).items()
            for one in several
        ]
        found.add(path, rows)
        for number, branches in (entry.branches or {}).items():
            taken = {
                f"{place} {way}": (count > 0) != (uncoverable > 0)
                for place, branch in enumerate(branches)
                for way, count, uncoverable in zip_longest(
                    ("true", "false"), branch.covered[:2], branch.uncoverable[:2], fillvalue=0
                )
            }
            found.add_branches(number, taken)
    report = found.report()
    report.warnings.extend(_difference(report, mapping(told.summary)))
    return report


def _difference(report: CoverageReport, summary: dict[str, Any]) -> list[str]:
    if "statement" not in (own := mapping(summary.get("Total"))):
        return []
    return disagreement(report, *_sum([own], "statement"))


def _read_summary(summary: dict[str, Any], warnings: list[str]) -> CoverageReport:
    """The sums over all files."""
    files = [mapping(entry) for name, entry in summary.items() if name != "Total"]
    if not files:
        raise ReportError("The JSON has no files in its “summary”: it is cut short, or nothing was measured.")
    covered, valid = _sum(files, "statement")
    taken, branches = _sum(files, "branch")
    totals = CoverageCounts(len(files), valid, covered, None, branches, taken)
    return CoverageReport([], warnings, totals=totals)


def _sum(files: list[dict[str, Any]], criterion: str) -> tuple[int, int]:
    covered = valid = 0
    for entry in files:
        told = mapping(entry.get(criterion))
        ran, there = whole(told.get("covered")) or 0, whole(told.get("total")) or 0
        excused, error = whole(told.get("uncoverable")), whole(told.get("error"))
        if excused:  # what did not run and need not is no error
            ran = min(ran + excused, there) if error is None else there - error
        if not 0 <= ran <= there <= MAX_HITS:
            raise ReportError(f"A file's {criterion}s do not add up: {ran} of {there} ran.")
        covered, valid = covered + ran, valid + there
    return covered, valid


def _read_text(text: str) -> CoverageReport:
    """The lines of each file's table, and the branches of the table behind it."""
    refuse_too_many(text.count("\n"))
    found = _Files()
    parts = text.split("\n" + _TABLE)
    for place, (above, part) in enumerate(pairwise(parts), 1):
        heading, newline, rows = (_TABLE + _BLANK_LINE.split(part, 1)[0]).partition("\n")
        rows = newline + rows  # so that each of them begins with one
        if _LINES.fullmatch(heading):
            if "SCAR" in above:  # a column of each such block
                above = _BLOCK.split(above, maxsplit=1)[0]
            path = next((row.strip() for row in reversed(above.rsplit("\n", 3)[-3:]) if row.strip()), "")
            if not path:
                line = sum(part.count("\n") + 1 for part in parts[:place]) + 1
                raise ReportError(f"The table at line {line} does not say whose lines it lists.")
            found.add(path, _lines(heading, rows))
        elif found.files and _BRANCHES.fullmatch(heading):
            for number, taken in _branches(heading, rows).items():
                found.add_branches(number, taken)
    if not found.files:
        raise ReportError("The text has no table of lines: it is cut short, or nothing was measured.")
    return found.report()


class _Files:
    """The files so far, and beside them the further statements on their lines."""

    def __init__(self) -> None:
        self.files: list[FileCoverage] = []
        self._placeholders: list[FileCoverage] = []
        self._table = LineTable()

    def add(self, path: str, rows: list[tuple[int, int]]) -> None:
        """Add a file with the line and the hits of each statement."""
        lines: dict[int, int] = {}
        further: dict[int, list[int]] = {}
        for number, hits in rows:
            known = lines.get(number)
            if known is None:
                lines[number] = hits
            else:
                lines[number] = max(known, hits)
                further.setdefault(number, []).append(min(known, hits))
        self.files.append(FileCoverage(bounded_name(path), {}))
        self._table.add_plain(self.files[-1], list(lines), list(lines.values()))
        if further:
            beside = [hits for line in further.values() for hits in sorted(line, reverse=True)]
            self._placeholders.append(FileCoverage(bounded_name(f"{path} {FURTHER}"), {}, placeholder=True))
            self._table.add_plain(self._placeholders[-1], list(range(1, len(beside) + 1)), beside)

    def add_branches(self, line: int, taken: dict[str, bool]) -> None:
        """Add the branches on a line of the last file."""
        self._table.add_branches(self.files[-1], line, LineBranches(sum(taken.values()), len(taken), taken))

    def report(self) -> CoverageReport:
        return CoverageReport(self.files + self._placeholders, self._table.warnings())


def _lines(heading: str, rows: str) -> list[tuple[int, int]]:
    """Line and hits of each statement in a table."""
    left, edge = heading.index("err") + len("err"), heading.index("stmt ") + len("stmt")
    row = re.compile(rf"\n(?=(\d{{0,18}})).{{{left}}} {{0,{edge - left - 1}}}([*-]{{0,2}})(\d{{1,18}})")
    found = []
    number = 0
    for digits, mark, times in row.findall(rows):
        if digits:
            number = int(digits)
        hits = int(times)
        if "-" in mark:
            hits = int(not hits)
        found.append((number, hits))
    return found


def _branches(heading: str, rows: str) -> dict[int, dict[str, bool]]:
    """Which ways of a line's branches were taken, in a table."""
    left = heading.index("%") + len("%")
    row = re.compile(rf"\n(?=(\d{{0,18}})).{{{left}}} *([*-]{{0,2}}\d+) +([*-]{{0,2}}\d+)(?!\S)")
    taken: dict[int, dict[str, bool]] = {}
    number = 0
    for digits, true, false in row.findall(rows):
        if digits:
            number = int(digits)
        branches = taken.setdefault(number, {})
        place = len(branches) // 2
        for way, times in (("true", true), ("false", false)):
            branches[f"{place} {way}"] = (times.strip("*-0") != "") != ("-" in times)
    return taken


DEVEL_COVER = Format(
    "devel-cover",
    "coverage",
    sniff,
    parse,
    meaning="Devel::Cover's JSON counts statements where it lists no lines.",
)
