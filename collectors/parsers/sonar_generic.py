"""SonarQube's generic coverage: lines to cover, by file.

Written by: gcovr 4.2 and later (``--sonarqube``), xccov-to-sonarqube-generic, bats and shell wrappers, lcov and
Cobertura converters, the ``coverage`` plug-ins of Dart, Godot, Apex (sfdx), Elixir and others without a reader in
SonarQube.
Specified in: SonarQube's documentation, “Generic test data”, version 1 of the format.
Read: each file's lines with whether they were covered, and the counts of their branches.
Dropped: nothing that is in the format.
Meaning: a line to cover is valid. There are no hits, so a covered line has one.
Differences:
    * gcovr: it lists and counts a line once for each instance of a template; the further ones stand in an entry of
      their own, so that the total is gcovr's.
"""

from __future__ import annotations

import re

from collectors.parsers import safe_xml
from collectors.parsers.lines import LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import bounded_name, count
from collectors.parsers.unlisted import instances

_FILE = safe_xml.tag(rb"file")
_LINE = safe_xml.tag(rb"lineToCover")
_PLAIN_LINE = re.compile(
    rb'<lineToCover lineNumber="(\d+)" covered="(true|false)"(?: branchesToCover="(\d+)" coveredBranches="(\d+)")?'
)
_ATTRIBUTES = [
    safe_xml.attribute(name) for name in (rb"lineNumber", rb"covered", rb"branchesToCover", rb"coveredBranches")
]
_VERSION = re.compile(rb"""\sversion\s*=\s*["']1["']""")
_OTHERS = (b"line-rate", b"clover=", b"lines-valid")


def sniff(head: bytes) -> bool:
    """Whether this is Sonar's: Cobertura and Clover have the same root element."""
    name, attributes, rest = safe_xml.root(head)
    if name != "coverage" or any(word in attributes for word in _OTHERS) or b"<packages" in rest:
        return False
    return b"<lineToCover" in rest or (_VERSION.search(attributes) is not None and b"<project" not in rest)


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings)
    refuse_too_many(text.count(b"<lineToCover"))
    files: dict[str, FileCoverage] = {}
    further: list[FileCoverage] = []
    table = LineTable()
    for place in _FILE.finditer(text):
        path = bounded_name(safe_xml.attributes(place[2]).get("path", ""))
        if not path:
            raise ReportError("A file has no path.")
        file = files.setdefault(path, FileCoverage(path, {}))
        if not place[3]:
            further += _read_file(text[place.end() : text.find(b"</file>", place.end())], file, table)
    return CoverageReport([*files.values(), *further], warnings + table.warnings())


def _read_file(text: bytes, file: FileCoverage, table: LineTable) -> list[FileCoverage]:
    """Add the lines; gives the entry of those that are listed more than once."""
    rows = _PLAIN_LINE.findall(text)
    if len(rows) != text.count(b"<lineToCover"):
        rows = [_row(attributes, file) for _, attributes, _ in _LINE.findall(text)]
    numbers = [row[0] for row in rows]
    covered = [row[1] == b"true" for row in rows]
    known = len(file.lines)
    table.add(file, numbers, [int(was) for was in covered])
    branches: dict[bytes, LineBranches] = {}
    for number, _, to_cover, of_them in rows:
        if to_cover and (valid := count(to_cover)) and valid > 0:
            taken = min(max(count(of_them) or 0, 0), valid)
            more = branches.get(number)  # a line that is listed again has further branches
            branches[number] = (
                LineBranches(taken + more.covered, valid + more.valid) if more else LineBranches(taken, valid)
            )
    for number, found in branches.items():
        table.add_branches(file, number, found)
    return instances(file, map(int, numbers), covered) if not known and len(file.lines) < len(rows) else []


def _row(line: bytes, file: FileCoverage) -> tuple[bytes, bytes, bytes, bytes]:
    """Number, whether it was covered, branches to cover and covered, of a line as others than gcovr write it."""
    number, covered, *branches = [pattern.search(line) for pattern in _ATTRIBUTES]
    if not number or not covered or count(number[1]) is None:
        raise ReportError(f"A line without lineNumber or covered stands in {file.path[:200]}.")
    to_cover, of_them = [found[1] if found else b"" for found in branches]
    return number[1], covered[1].lower(), to_cover, of_them


SONAR_GENERIC = Format("sonar-generic", "coverage", sniff, parse)
