"""Cobertura XML: coverage.py, Istanbul, gcovr, PHPUnit, cargo-llvm-cov, coverlet, slipcover, lcov_cobertura, kcov …

::

    coverage[line-rate, lines-valid …] > sources > source
                                       > packages > package > classes > class[filename]
                                            > methods > method > lines > line     (a second time, not counted)
                                            > lines > line[number, hits, branch, condition-coverage="50% (1/2)"]

Several classes of one file are one file (Java's inner classes). The same file name under several ``source`` roots
is one file only where the classes differ within one package: coverage.py writes one class per file, so two roots
that both hold ``core/agent.py`` give that name twice, and these are different files.

Dropped: methods (unless a class lists its lines nowhere else), complexity, rates (only compared).
"""

from __future__ import annotations

import math
import re

from lxml import etree

from collectors.parsers import safe_xml
from collectors.parsers.lines import LineTable, disagreement
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import bounded_name, count

_ROUNDING = 0.01  # tools write the rate with two to sixteen digits, some cut instead of rounding

_CLASSES = etree.XPath("//class")
_SOURCES = etree.XPath("sources/source/text()", smart_strings=False)
_NUMBERS = etree.XPath("lines/line/@number", smart_strings=False)
_HITS = etree.XPath("lines/line/@hits", smart_strings=False)
_CONDITIONED = etree.XPath("lines/line[@condition-coverage]")
_METHOD_NUMBERS = etree.XPath("methods/method/lines/line/@number", smart_strings=False)
_METHOD_HITS = etree.XPath("methods/method/lines/line/@hits", smart_strings=False)
_METHOD_CONDITIONED = etree.XPath("methods/method/lines/line[@condition-coverage]")
_CONDITION = re.compile(r"\((\d+)/(\d+)\)")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]|[\\/]")


def sniff(head: bytes) -> bool:
    """Whether this is Cobertura: Clover and Sonar's generic format have the same root element."""
    name, attributes, rest = safe_xml.root(head)
    if name != "coverage" or b"<project" in rest or b"clover=" in attributes:
        return False
    return b"line-rate" in attributes or b"<packages" in rest or b"cobertura" in head[:1024].lower()


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    warnings: list[str] = []
    document = safe_xml.tree(data, warnings)[0]
    roots = tuple(bounded_name(text.strip()) for text in _SOURCES(document) if text.strip())
    files: dict[str, list[_Entry]] = {}
    table = LineTable()
    for element in _CLASSES(document):
        path = bounded_name(element.get("filename") or element.get("name") or "")
        if not path:
            raise ReportError(f"A class without a file name stands at line {element.sourceline}.")
        entry = _entry(files.setdefault(path, []), element, path, roots)
        _read_class(element, entry.file, table)
    report = CoverageReport([entry.file for entries in files.values() for entry in entries], warnings)
    branches = count(document.get("branches-covered")), count(document.get("branches-valid"))
    if branches[0] is not None and branches[1]:
        report.branch_totals = branches[0], branches[1]
    warnings.extend(table.warnings())
    warnings.extend(_disagreement(document, report))
    return report


class _Entry:
    """A file being put together, and the classes that went into it."""

    __slots__ = ("classes", "file", "package")

    def __init__(self, file: FileCoverage, package: str) -> None:
        self.file = file
        self.package = package
        self.classes: set[str] = set()


def _entry(entries: list[_Entry], element: etree._Element, path: str, roots: tuple[str, ...]) -> _Entry:
    """The entry of a file name that this class belongs to; a new one where it is another file of that name."""
    package_element = next(element.iterancestors("package"), None)
    package = "" if package_element is None else package_element.get("name") or ""
    name = element.get("name") or ""
    one_place = len(roots) < 2 or _DRIVE.match(path)
    for entry in entries:
        if one_place or (entry.package == package and name not in entry.classes):
            entry.classes.add(name)
            return entry
    entry = _Entry(FileCoverage(path, {}, roots=roots), package)
    entry.classes.add(name)
    entries.append(entry)
    return entry


def _read_class(element: etree._Element, file: FileCoverage, table: LineTable) -> None:
    numbers, hits, conditioned = _NUMBERS(element), _HITS(element), _CONDITIONED
    if not numbers and not hits:
        numbers, hits, conditioned = _METHOD_NUMBERS(element), _METHOD_HITS(element), _METHOD_CONDITIONED
    if len(numbers) != len(hits):
        raise ReportError(f"A line without number or hits stands in the class at line {element.sourceline}.")
    table.add(file, numbers, hits)
    for line in conditioned(element):
        found = _CONDITION.search(line.get("condition-coverage"))
        if found and int(found[2]):
            table.add_branches(
                file, line.get("number"), LineBranches(min(int(found[1]), int(found[2])), int(found[2]))
            )


def _disagreement(document: etree._Element, report: CoverageReport) -> list[str]:
    """Sentences where the file's own totals differ from its lines."""
    valid, covered = count(document.get("lines-valid")), count(document.get("lines-covered"))
    if valid is not None and covered is not None:
        return disagreement(report, covered, valid)
    counts = report.counts()
    try:
        rate = float(document.get("line-rate", "nan"))
    except ValueError:
        return []
    if math.isnan(rate) or counts.percent is None or abs(rate - counts.percent / 100) <= _ROUNDING:
        return []
    return [
        f"The file's own line rate is {100 * rate:.2f} %, its lines give {counts.percent:.2f} %; "
        "the lines were counted."
    ]


COBERTURA = Format("cobertura", "coverage", sniff, parse)
