"""JetBrains dotCover's reports: XML, detailed XML and JSON.

Written by: ``dotCover report --reportType=XML|DetailedXML|JSON`` of dotCover 2 to 2025, TeamCity, Rider.
Specified in: “Export coverage results” of dotCover's manual, and the files themselves; no schema is published.
Read: of detailed XML every statement's lines and whether it ran, by source; of the others the statements of all
assemblies together.
Dropped: namespaces, types and methods, columns, excluded assemblies; the formats for HTML and NDepend.
Meaning: in detailed XML all lines of a statement are valid, and a line is covered if a statement on it ran; there
are no hits. Without lines the figures are statements. dotCover knows no branches.
Differences:
  * dotCover: it prints the share of statements that ran, as a whole percent.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain

from collectors.parsers import safe_xml
from collectors.parsers.json_reading import load_object, outline, whole
from collectors.parsers.lines import MAX_HITS, MAX_LINE, LineTable, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name, count

_ROOT = safe_xml.tag(rb"Root")
_FILE = safe_xml.tag(rb"File")
_STATEMENT = safe_xml.tag(rb"Statement")
_PLAIN_STATEMENT = re.compile(  # the attributes in any order
    rb'<Statement (?=[^>]*FileIndex="(\d+)")(?=[^>]*\bLine="(\d{1,9})")(?=[^>]*EndLine="(\d{1,9})")'
    rb'(?=[^>]*Covered="(\w+)")'
)


def sniff(head: bytes) -> bool:
    """Whether the root counts statements as dotCover's does, in XML or JSON."""
    name, attributes, _ = safe_xml.root(head)
    if name:
        return name == "Root" and b"CoveredStatements" in attributes and b"TotalStatements" in attributes
    keys = outline(head)
    return "DotCoverVersion" in keys or {"CoveredStatements", "TotalStatements", "CoveragePercent"} <= keys


def parse(data: bytes) -> CoverageReport:
    """Read the lines of detailed XML, or the totals of the others. Raises ReportError."""
    warnings: list[str] = []
    if as_utf8(data[:4096]).lstrip()[:1] == b"{":
        document = load_object(data, warnings)
        return _totals_only(
            whole(document.get("CoveredStatements")), whole(document.get("TotalStatements")), warnings
        )
    text = safe_xml.flat(data, warnings)
    if b"<Statement " not in text:
        found = _ROOT.search(text)
        told = safe_xml.attributes(found[2]) if found else {}
        return _totals_only(count(told.get("CoveredStatements")), count(told.get("TotalStatements")), warnings)
    sources = {
        told.get("Index", "").encode(): told.get("Name", "")
        for told in (safe_xml.attributes(found[1]) for found in _FILE.findall(text))
    }
    statements = _statements(text)
    refuse_too_many(sum(last - first + 1 for rows in statements.values() for first, last, _ in rows))
    table = LineTable()
    files: dict[str, FileCoverage] = {}
    for index, rows in statements.items():
        path = bounded_name(sources.get(index, ""))
        if not path:
            raise ReportError(f"A statement belongs to file {index[:40].decode()}, which the report does not name.")
        numbers = list(chain.from_iterable(range(first, last + 1) for first, last, _ in rows))
        hits = list(chain.from_iterable([int(ran)] * (last - first + 1) for first, last, ran in rows))
        table.add(files.setdefault(path, FileCoverage(path, {})), numbers, hits)
    return CoverageReport(list(files.values()), warnings + table.warnings())


def _statements(text: bytes) -> dict[bytes, list[tuple[int, int, bool]]]:
    """First line, last line and whether the statement ran, by the file's index. Raises ReportError."""
    rows = _PLAIN_STATEMENT.findall(text)
    if len(rows) != text.count(b"<Statement "):
        told = [safe_xml.attributes(found[1]) for found in _STATEMENT.findall(text)]
        keys = ("FileIndex", "Line", "EndLine", "Covered")
        rows = [tuple(row.get(key, "").encode() for key in keys) for row in told]
    by_file: dict[bytes, list[tuple[int, int, bool]]] = defaultdict(list)
    for index, line, end, covered in rows:
        first = count(line)
        last = count(end) if end else first
        if first is None or last is None or not 0 <= first <= last <= MAX_LINE:
            raise ReportError(f"A statement of file {index[:40].decode()} has no first and last line.")
        by_file[index].append((first, last, covered.lower() == b"true"))
    return by_file


def _totals_only(covered: int | None, valid: int | None, warnings: list[str]) -> CoverageReport:
    if covered is None or valid is None or not 0 <= covered <= valid <= MAX_HITS:
        raise ReportError("The report has no totals that add up (CoveredStatements of TotalStatements).")
    warnings.append("The report names no line; only its totals, statements, were read.")
    return CoverageReport([], warnings, totals=CoverageCounts(0, valid, covered, None, None, None))


DOTCOVER = Format(
    "dotcover",
    "coverage",
    sniff,
    parse,
    meaning="Without lines (XML, JSON) dotCover counts statements; with them (DetailedXML) the figures are lines.",
)
