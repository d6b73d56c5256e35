"""JaCoCo XML: line and branch coverage of the JVM's languages.

Written by: JaCoCo 0.5 to 0.8 (Maven, Gradle and Ant), Kover, IntelliJ, gcovr's imitation.
Specified in: JaCoCo's ``report.dtd``: ``report > group* > package > sourcefile > line[nr, mi, ci, mb, cb]``.
Read: the lines and branches of every source file, with its package and its groups (modules); the report's own
  totals.
Dropped: classes, methods and all counters but those totals; sessions; complexity.
Meaning: a line is covered when any of its instructions (``ci``) ran, as in JaCoCo's own reports. JaCoCo knows no
  hits: a covered line has one. ``mb`` and ``cb`` are branches missed and covered, without a name. A file's path
  is its package and its name; the same path in two groups (Maven modules) is two files, with the group as the
  root before it.
Differences:
* JaCoCo: its own headline is the percentage of instructions; ours is that of lines
* gcovr 8: writes lines without instructions and so says of no line whether it ran; only the totals are read
* any, of classes compiled without debug information: there are no lines; only the totals are read
"""

from __future__ import annotations

import re

from collectors.parsers import safe_xml
from collectors.parsers.lines import MAX_HITS, MAX_LINES, LineTable, disagreement, plain_numbers, refuse_too_many
from collectors.parsers.results import (
    CoverageCounts,
    CoverageReport,
    FileCoverage,
    Format,
    LineBranches,
    ReportError,
)
from collectors.parsers.text import bounded_name, count

_MARK = re.compile(rb"<(?:[\w.-]+:)?(?:sessioninfo|package|group|counter)[\s/>]")
"""EMMA, with the same root, says how many ``packages`` there are."""

_PLACES = safe_xml.tag(rb"/?group|package|sourcefile")
_COUNTER = safe_xml.tag(rb"counter")
_LINE_TAG = re.compile(rb"<line\s[^>]*>")
_SHAPE = b'<line nr="" mi="" ci="" mb="" cb=""'
_NUMBER = safe_xml.attribute(rb"nr")
_COVERED = safe_xml.attribute(rb"ci")
_MISSED_BRANCHES = safe_xml.attribute(rb"mb")
_COVERED_BRANCHES = safe_xml.attribute(rb"cb")


def sniff(head: bytes) -> bool:
    """Whether this is JaCoCo: ``report`` is a name that others take too."""
    name, _, rest = safe_xml.root(head)
    return name == "report" and (b"-//JACOCO//" in head[:1024] or _MARK.search(rest) is not None)


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every source file. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings)
    if len(text) > len("<line/>") * MAX_LINES:
        refuse_too_many(text.count(b"<line "))
    files: dict[tuple[tuple[str, ...], str], FileCoverage] = {}
    table = LineTable()
    groups: list[str] = []
    package = ""
    for place in safe_xml.tags(text, _PLACES, b"<group", b"</group", b"<package", b"<sourcefile"):
        kind = place[1]
        name = safe_xml.attributes(place[2]).get("name", "")
        if kind == b"package":
            package = name
        elif kind == b"group" and not place[3]:
            groups.append(name)
        elif kind == b"/group":
            groups.pop()
        elif kind == b"sourcefile":
            roots = (bounded_name("/".join(groups)),) if groups else ()
            path = bounded_name(f"{package}/{name}" if package else name)
            file = files.setdefault((roots, path), FileCoverage(path, {}, roots=roots))
            if not place[3]:
                _read_file(text[place.end() : text.find(b"</sourcefile", place.end())], file, table)
    report = CoverageReport(list(files.values()), warnings)
    lines = _own_counter(text, "LINE")
    if (lines or table.unknown) and not any(file.lines for file in report.files):
        return _totals_only(
            _packages_counter(text, "LINE") or lines,
            _packages_counter(text, "BRANCH") or _own_counter(text, "BRANCH"),
            len(files),
            warnings,
        )
    warnings.extend(table.warnings())
    warnings.extend(disagreement(report, lines[0] if lines else None, sum(lines) if lines else None))
    return report


def _read_file(text: bytes, file: FileCoverage, table: LineTable) -> None:
    """Add the lines of one source file; its counters stand behind them."""
    lines, _, rest = text.partition(b"<counter")
    told = None if b"<line" in rest else plain_numbers(lines, _SHAPE)
    if told is None:
        _read_any(text, file, table)
        return
    numbers, _, covered, missed_branches, covered_branches = told
    table.add_plain(file, numbers, [1 if instructions else 0 for instructions in covered])
    branches = zip(numbers, missed_branches, covered_branches, strict=True)
    for number, missed, taken in [found for found in branches if found[1] or found[2]]:
        table.add_branches(file, number, LineBranches(min(taken, MAX_HITS), min(taken + missed, MAX_HITS)))


def _read_any(text: bytes, file: FileCoverage, table: LineTable) -> None:
    """Add lines whose attributes stand in any order, or are not all there."""
    rows = [_row(line) for line in _LINE_TAG.findall(text)]
    if not any(row[1] for row in rows):
        table.unknown += len(rows)
        return
    if not all(row[0] and row[1] for row in rows):
        raise ReportError(f"A line without number or covered instructions stands in {file.path[:200]}.")
    table.add(file, [row[0] for row in rows], [int(row[1] != b"0") for row in rows])
    for number, _, missed, covered in [row for row in rows if row[2] != b"0" or row[3] != b"0"]:
        taken, left = count(covered) or 0, count(missed) or 0
        if taken >= 0 and left >= 0:
            table.add_branches(file, number, LineBranches(taken, taken + left))


def _row(line: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Number, covered instructions, missed and covered branches, each empty where the line does not give it."""
    found = [pattern.search(line) for pattern in (_NUMBER, _COVERED, _MISSED_BRANCHES, _COVERED_BRANCHES)]
    number, covered, missed_branches, covered_branches = [match[1] if match else b"" for match in found]
    return number, covered, missed_branches or b"0", covered_branches or b"0"


def _own_counter(text: bytes, kind: str) -> tuple[int, int] | None:
    """Covered and missed of the whole report (its counters stand behind everything else), or None."""
    return _counter(text, max(text.rfind(b"</package>"), text.rfind(b"</group>"), 0), len(text), kind)


def _packages_counter(text: bytes, kind: str) -> tuple[int, int] | None:
    """The sum of the packages' own counters, or None where one has none: gcovr 7 gives the last class's as the
    report's."""
    covered = missed = 0
    ends = [found.start() for found in re.finditer(rb"</package>", text)]
    for end in ends:
        start = max(text.rfind(b"</sourcefile>", 0, end), text.rfind(b"</class>", 0, end), 0)
        told = _counter(text, start, end, kind)
        if told is None:
            return None
        covered, missed = covered + told[0], missed + told[1]
    return (covered, missed) if ends else None


def _counter(text: bytes, start: int, end: int, kind: str) -> tuple[int, int] | None:
    for found in _COUNTER.finditer(text, start, end):
        told = safe_xml.attributes(found[2])
        covered, missed = count(told.get("covered")), count(told.get("missed"))
        if told.get("type") != kind or covered is None or missed is None:
            continue
        if 0 <= covered <= MAX_HITS and 0 <= missed <= MAX_HITS:
            return covered, missed
    return None


def _totals_only(
    lines: tuple[int, int] | None, branches: tuple[int, int] | None, files: int, warnings: list[str]
) -> CoverageReport:
    if lines is None:
        raise ReportError("The report says of no line whether it ran, and has no totals either.")
    warnings.append("The report says of no line whether it ran; only its totals were read.")
    totals = CoverageCounts(
        files=files,
        lines_valid=sum(lines),
        lines_covered=lines[0],
        lines_partial=None,
        branches_valid=sum(branches) if branches else None,
        branches_covered=branches[0] if branches else None,
    )
    return CoverageReport([], warnings, totals=totals)


JACOCO = Format("jacoco", "coverage", sniff, parse)
