"""PHPUnit's coverage XML (``--coverage-xml``): an index of all files, and one file for each source.

Written by: PHPUnit 5 to 12 with php-code-coverage 4 to 14 (PHPUnit 9.6.7 seen), PHPCR, Codeception.
Specified in: https://schema.phpunit.de/coverage/1.0; ``Report/Xml`` of php-code-coverage.
Read: of the index the executable and executed lines of all files together; of a source's own file the lines that
ran.
Dropped: tokens of the source, methods, classes, complexity, and which test ran which line.
Meaning: a source's file names the lines that ran and only counts those that did not: these stand in an entry of
their own beside it, whose line numbers mean nothing. The index names no line, so it is totals only; where the
sources' files stand beside it, these count. There are no hits: a line that ran has one. Paths begin at the folder
that PHPUnit was told to measure.
Differences:
  * PHPUnit: branches and paths (``--path-coverage``) stand in its other reports only.
"""

from __future__ import annotations

import re

from collectors.parsers import safe_xml
from collectors.parsers.lines import MAX_HITS, MAX_LINE, LineTable, disagreement, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name, count

NOT_RUN = "(executable lines that did not run; the report does not say which)"

_NAMESPACE = b"phpunit.de/coverage"
_FILE = safe_xml.tag(rb"file")
_LINES = safe_xml.tag(rb"lines")
_FILE_OR_LINES = safe_xml.tag(rb"file|lines")
_PLAIN_RAN = re.compile(rb'<line nr="(\d+)"')
_LINE_TAG = safe_xml.tag(rb"line")


def sniff(head: bytes) -> bool:
    """Whether this is a report: PHPUnit's configuration has the same root and another namespace."""
    name, attributes, _ = safe_xml.root(head)
    return name == "phpunit" and _NAMESPACE in attributes


def parse(data: bytes) -> CoverageReport:
    """Read the lines of one source, or the index's totals. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings)
    if b"<project" in text:
        return _read_index(text, warnings)
    place = _FILE.search(text)
    if not place:
        raise ReportError("The coverage names neither a project nor a file.")
    told = safe_xml.attributes(place[2])
    path = f"{told.get('path', '')}/{told.get('name', '')}".replace("//", "/").strip("/")
    covered, valid = _totals(_LINES.search(text, place.end()))
    start, end = text.find(b"<coverage>"), text.find(b"</coverage>")
    file = FileCoverage(bounded_name(path), {})
    table = LineTable()
    if 0 <= start < end:
        numbers = _numbers(text[start:end], path)
        table.add(file, numbers, [1] * len(numbers))
    report = CoverageReport([file], warnings + table.warnings())
    if 0 < valid - covered <= MAX_LINE:
        missed = dict.fromkeys(range(1, valid - covered + 1), 0)
        report.files.append(FileCoverage(bounded_name(f"{path} {NOT_RUN}"), missed, placeholder=True))
    report.warnings.extend(disagreement(report, covered, valid))
    return report


def _numbers(text: bytes, path: str) -> list[bytes]:
    refuse_too_many(text.count(b"<line"))
    numbers: list[bytes] = _PLAIN_RAN.findall(text)
    if len(numbers) == text.count(b"<line"):
        return numbers
    told = [safe_xml.attributes(tag[1]).get("nr", "") for tag in _LINE_TAG.findall(text)]
    if not all(told):
        raise ReportError(f"A line without a number stands in {path[:200]}.")
    return [number.encode() for number in told]


def _totals(lines: re.Match[bytes] | None) -> tuple[int, int]:
    """Executed and executable lines, out of a ``lines`` element. Raises ReportError."""
    told = safe_xml.attributes(lines[2]) if lines else {}
    covered, valid = count(told.get("executed")), count(told.get("executable"))
    if covered is None or valid is None or not 0 <= covered <= valid <= MAX_HITS:
        raise ReportError("The coverage has no totals that add up (“executed” of “executable” lines).")
    return covered, valid


def _read_index(text: bytes, warnings: list[str]) -> CoverageReport:
    """The sums over the files that the index lists, compared with its own (the first, of the root folder)."""
    own: tuple[int, int] | None = None
    listed: list[tuple[int, int]] = []
    files = 0
    for place in _FILE_OR_LINES.finditer(text):
        if place[1] == b"file":
            files += 1
        elif len(listed) < files:
            listed.append(_totals(place))
        elif not files and own is None:
            own = _totals(place)
    if len(listed) < files:
        raise ReportError("A file in the index has no totals (“lines”).")
    covered, valid = sum(file[0] for file in listed), sum(file[1] for file in listed)
    report = CoverageReport([], warnings, totals=CoverageCounts(files, valid, covered, None, None, None))
    if own and listed:
        warnings.extend(disagreement(report, *own))
    return report


PHPUNIT_XML = Format(
    "phpunit-xml",
    "coverage",
    sniff,
    parse,
    meaning="PHPUnit names the lines that ran, and only counts those that did not.",
)
