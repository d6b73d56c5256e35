"""JaCoCo XML: JaCoCo's Maven, Gradle and Ant reports, Kover, and gcovr's imitation.

The format is JaCoCo's ``report.dtd``::

    report > group* > package > class …                                  (counters only, not read)
                              > sourcefile[name] > line[nr, mi, ci, mb, cb]   > counter[type, missed, covered]

``mi``/``ci`` are missed and covered instructions, ``mb``/``cb`` branches. As in JaCoCo's own reports a line is
covered when any of its instructions ran; there are no hits, so a covered line has one. A file's path is its package
and its name; the same path in two groups (Maven modules) is two files, with the group as the root before it.

gcovr 8 writes lines without instructions: whether they ran is then only in the counters, so only totals are read.
"""

from __future__ import annotations

from lxml import etree

from collectors.parsers import safe_xml
from collectors.parsers.lines import LineTable, disagreement
from collectors.parsers.results import (
    CoverageCounts,
    CoverageReport,
    FileCoverage,
    Format,
    LineBranches,
    ReportError,
)
from collectors.parsers.text import bounded_name, count

_MARKS = (b"<sessioninfo", b"<package", b"<group", b"<counter")

_FILES = safe_xml.elements("//sourcefile")
_NUMBERS = safe_xml.strings("line/@nr")
_COVERED = safe_xml.strings("line/@ci")
_BRANCHED = safe_xml.elements("line[@cb > 0 or @mb > 0]")


def sniff(head: bytes) -> bool:
    """Whether this is JaCoCo: ``report`` is a name that others take too."""
    name, _, rest = safe_xml.root(head)
    return name == "report" and (b"-//JACOCO//" in head[:1024] or any(mark in rest for mark in _MARKS))


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every source file. Raises ReportError."""
    warnings: list[str] = []
    document = safe_xml.tree(data, warnings)[0]
    files: dict[tuple[tuple[str, ...], str], FileCoverage] = {}
    table = LineTable()
    for element in _FILES(document):
        roots, path = _place(element)
        file = files.setdefault((roots, path), FileCoverage(path, {}, roots=roots))
        numbers, covered = _NUMBERS(element), _COVERED(element)
        if numbers and not covered:
            return _totals_only(document, warnings)
        if len(numbers) != len(covered):
            raise ReportError(f"A line without number or covered instructions stands in {path[:200]}.")
        table.add(file, numbers, [0 if value == "0" else 1 for value in covered])
        for line in _BRANCHED(element):
            taken, missed = count(line.get("cb")) or 0, count(line.get("mb")) or 0
            table.add_branches(file, line.get("nr"), LineBranches(taken, taken + missed))
    report = CoverageReport(list(files.values()), warnings)
    own = _counter(document, "LINE")
    if own and not any(file.lines for file in files.values()):
        return _totals_only(document, warnings)
    warnings.extend(table.warnings())
    warnings.extend(disagreement(report, own[0] if own else None, sum(own) if own else None))
    return report


def _place(element: etree._Element) -> tuple[tuple[str, ...], str]:
    """The groups and the path of a source file."""
    package, groups = "", []
    for ancestor in element.iterancestors("package", "group"):
        if ancestor.tag == "package":
            package = ancestor.get("name") or ""
        elif ancestor.get("name"):
            groups.append(ancestor.get("name") or "")
    name = element.get("name") or ""
    roots = (bounded_name("/".join(reversed(groups))),) if groups else ()
    return roots, bounded_name(f"{package}/{name}" if package else name)


def _counter(document: etree._Element, kind: str) -> tuple[int, int] | None:
    """Covered and missed of the whole report, or None where it has no such counter."""
    for counter in document.iterchildren("counter"):
        if counter.get("type") == kind:
            covered, missed = count(counter.get("covered")), count(counter.get("missed"))
            if covered is not None and missed is not None:
                return covered, missed
    return None


def _totals_only(document: etree._Element, warnings: list[str]) -> CoverageReport:
    lines, branches = _counter(document, "LINE"), _counter(document, "BRANCH")
    if lines is None:
        raise ReportError("The report says of no line whether it ran, and has no totals either.")
    warnings.append("The report says of no line whether it ran; only its totals were read.")
    totals = CoverageCounts(
        files=len(_FILES(document)),
        lines_valid=sum(lines),
        lines_covered=lines[0],
        lines_partial=None,
        branches_valid=sum(branches) if branches else None,
        branches_covered=branches[0] if branches else None,
    )
    return CoverageReport([], warnings, totals=totals)


JACOCO = Format("jacoco", "coverage", sniff, parse)
