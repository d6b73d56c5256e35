"""Devel::Cover's reports for Perl: ``cover -report json`` and ``cover -report text``.

Written by: Devel::Cover 1.2 to 1.4x (1.38 seen).
Specified in: ``Devel/Cover/Report/Json.pm`` and ``Text.pm`` of the distribution.
Read: of the JSON the statements and branches of all files together; of the text every line's statements and the
branches' true and false.
Dropped: conditions, subroutines, pod, times, the source text. HTML is not read, nor is the database (``cover_db``):
its counts stand in one file for each run and the lines they belong to in others, named by digest.
Meaning: the JSON knows no lines, so its figures are statements, as Devel::Cover prints them. In the text a line is
covered if any statement that begins on it ran; further statements of a line stand in an entry of their own beside
the file, whose line numbers mean nothing, so that the total is Devel::Cover's. A branch has two ways, true and
false.
Differences:
  * Devel::Cover: its “total” adds branches, conditions and subroutines to the statements.

Notes:
In the text a file's table has a column for each criterion, right-aligned below its name. A row without a line
number belongs to the line above it. A number that is too wide for its column starts at the column's left edge.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from collectors.parsers.json_reading import load_object, mapping, outline, whole
from collectors.parsers.lines import MAX_HITS, LineTable, disagreement, refuse_too_many
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
    rb"(?:[^\r\n]*\r?\n){0,8}?-{4,}(?: -{4,})+\r?\nFile +(?:stmt|bran|cond|sub|pod)\b[^\r\n]* total\r?\n"
)
_RUN = re.compile(rb"^Run: +\S[^\r\n]*\r?\nPerl version: ", re.MULTILINE)
_TABLE = "line  err "
"""How the heading of a table begins, which is asked for before its shape."""
_LINES = re.compile(r"line  err +(?=stmt )[a-z ]+ code\s*")
_BRANCHES = re.compile(r"line  err +% +true +false +branch\s*")
_BLANK_LINE = re.compile(r"\n\s*\n")


def sniff(head: bytes) -> bool:
    """Whether this is the JSON (its keys in any order), or the text with its table of files and its runs."""
    keys = outline(head)
    if keys:
        return bool(keys & {"runs[].OS", "runs[].dir"} and "runs[].perl" in keys) or _summary_first(keys)
    text = as_utf8(head)
    return bool(_TEXT.match(text) and _RUN.search(text))


def _summary_first(keys: frozenset[str]) -> bool:
    ends = {key.rpartition(".")[2] for key in keys if key.startswith("summary.")}
    return {"statement", "percentage", "covered", "total"} <= ends and bool(ends & {"subroutine", "error"})


def parse(data: bytes) -> CoverageReport:
    """Read the totals of the JSON or the lines of the text. Raises ReportError."""
    if as_utf8(data[:4096]).lstrip()[:1] == b"{":
        warnings: list[str] = []
        return _read_summary(mapping(load_object(data, warnings).get("summary")), warnings)
    return _read_text(as_utf8(data).decode("utf-8", "replace"))


def _read_summary(summary: dict[str, Any], warnings: list[str]) -> CoverageReport:
    """The sums over all files, compared with the totals."""
    files = [mapping(entry) for name, entry in summary.items() if name != "Total"]
    if not files:
        raise ReportError("The JSON has no files in its “summary”: it is cut short, or nothing was measured.")
    covered, valid = _sum(files, "statement")
    taken, branches = _sum(files, "branch")
    totals = CoverageCounts(len(files), valid, covered, None, branches, taken)
    report = CoverageReport([], warnings, totals=totals)
    own = mapping(mapping(summary.get("Total")).get("statement"))
    warnings.extend(disagreement(report, whole(own.get("covered")), whole(own.get("total"))))
    return report


def _sum(files: list[dict[str, Any]], criterion: str) -> tuple[int, int]:
    covered = valid = 0
    for entry in files:
        told = mapping(entry.get(criterion))
        ran, there = whole(told.get("covered")) or 0, whole(told.get("total")) or 0
        if not ran <= there <= MAX_HITS:
            raise ReportError(f"A file's {criterion}s do not add up: {ran} of {there} ran.")
        covered, valid = covered + ran, valid + there
    return covered, valid


def _read_text(text: str) -> CoverageReport:
    """The lines of each file's table, and the branches of the table behind it."""
    refuse_too_many(text.count("\n"))
    table = LineTable()
    files: list[FileCoverage] = []
    placeholders: list[FileCoverage] = []
    parts = text.split("\n" + _TABLE)
    for place, (above, part) in enumerate(pairwise(parts), 1):
        heading, newline, rows = (_TABLE + _BLANK_LINE.split(part, 1)[0]).partition("\n")
        rows = newline + rows  # so that each of them begins with one
        if _LINES.fullmatch(heading):
            path = next((row.strip() for row in reversed(above.rsplit("\n", 3)[-3:]) if row.strip()), "")
            if not path:
                line = sum(part.count("\n") + 1 for part in parts[:place]) + 1
                raise ReportError(f"The table at line {line} does not say whose lines it lists.")
            files.append(FileCoverage(bounded_name(path), {}))
            if further := _read_lines(heading, rows, files[-1], table):
                placeholders.append(FileCoverage(bounded_name(f"{path} {FURTHER}"), {}, placeholder=True))
                table.add_plain(placeholders[-1], list(range(1, len(further) + 1)), further)
        elif files and _BRANCHES.fullmatch(heading):
            _read_branches(heading, rows, files[-1], table)
    if not files:
        raise ReportError("The text has no table of lines: it is cut short, or nothing was measured.")
    return CoverageReport(files + placeholders, table.warnings())


def _read_lines(heading: str, rows: str, file: FileCoverage, table: LineTable) -> list[int]:
    """Add a table's lines; how often the further statements on them ran."""
    left, edge = heading.index("err") + len("err"), heading.index("stmt ") + len("stmt")
    row = re.compile(rf"\n(?=(\d{{0,18}})).{{{left}}} {{0,{edge - left - 1}}}(\d{{1,18}})")
    lines: dict[int, int] = {}
    further: dict[int, list[int]] = {}
    number = 0
    for digits, times in row.findall(rows):
        if digits:
            number = int(digits)
        hits, known = int(times), lines.get(number)
        if known is None:
            lines[number] = hits
        else:
            lines[number] = max(known, hits)
            further.setdefault(number, []).append(min(known, hits))
    table.add_plain(file, list(lines), list(lines.values()))
    return [hits for line in further.values() for hits in sorted(line, reverse=True)]


def _read_branches(heading: str, rows: str, file: FileCoverage, table: LineTable) -> None:
    """Add a table's branches."""
    left = heading.index("%") + len("%")
    row = re.compile(rf"\n(?=(\d{{0,18}})).{{{left}}} *(\d+) +(\d+)(?!\S)")
    taken: dict[int, dict[str, bool]] = {}
    number = 0
    for digits, true, false in row.findall(rows):
        if digits:
            number = int(digits)
        branches = taken.setdefault(number, {})
        place = len(branches) // 2
        branches[f"{place} true"], branches[f"{place} false"] = true.strip("0") != "", false.strip("0") != ""
    for line, branches in taken.items():
        table.add_branches(file, line, LineBranches(sum(branches.values()), len(branches), branches))


DEVEL_COVER = Format(
    "devel-cover",
    "coverage",
    sniff,
    parse,
    meaning="Devel::Cover's JSON counts statements and knows no lines.",
)
