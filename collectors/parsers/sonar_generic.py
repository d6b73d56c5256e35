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
_NUMBER = safe_xml.attribute(rb"lineNumber")
_COVERED = safe_xml.attribute(rb"covered")
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
    lines = [attributes for _, attributes, _ in _LINE.findall(text)]
    joined = b"".join(lines)
    numbers, told = _NUMBER.findall(joined), _COVERED.findall(joined)
    if not len(numbers) == len(told) == len(lines):
        raise ReportError(f"A line without lineNumber or covered stands in {file.path[:200]}.")
    covered = [was == b"true" for was in map(bytes.lower, told)]
    known = len(file.lines)
    table.add(file, numbers, [int(was) for was in covered])
    branches: dict[int, list[int]] = {}
    for number, line in zip(numbers, lines, strict=True):
        if b"branchesToCover" in line:
            _add_branches(int(number), safe_xml.attributes(line), branches)
    for number, (taken, valid) in branches.items():
        table.add_branches(file, number, LineBranches(min(taken, valid), valid))
    return instances(file, map(int, numbers), covered) if not known and len(file.lines) < len(lines) else []


def _add_branches(number: int, told: dict[str, str], branches: dict[int, list[int]]) -> None:
    """Branches of one line; a line that is listed again has more of them."""
    valid, taken = count(told.get("branchesToCover")) or 0, count(told.get("coveredBranches")) or 0
    if valid > 0 and taken >= 0:
        sums = branches.setdefault(number, [0, 0])
        sums[0] += taken
        sums[1] += valid


SONAR_GENERIC = Format("sonar-generic", "coverage", sniff, parse)
