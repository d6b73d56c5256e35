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

from collectors.parsers import safe_xml
from collectors.parsers.json_reading import load_object, outline, whole
from collectors.parsers.lines import MAX_HITS, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.spans import Span, SpanTable, by_source
from collectors.parsers.text import as_utf8, bounded_name, count

_ROOT = safe_xml.tag(rb"Root")
_FILE = safe_xml.tag(rb"File")
_STATEMENT = safe_xml.tag(rb"Statement")
_RAN = frozenset((b"True", b"true"))
_PLAIN_STATEMENT = re.compile(
    rb'<Statement FileIndex="(\d+)" Line="(\d{1,9})" Column="\d+" EndLine="(\d{1,9})" EndColumn="\d+"'
    rb' Covered="(\w+)"'
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
    text = safe_xml.flat(data, warnings, b"Statement")
    if b"<Statement " not in text:
        found = _ROOT.search(text)
        told = safe_xml.attributes(found[2]) if found else {}
        return _totals_only(count(told.get("CoveredStatements")), count(told.get("TotalStatements")), warnings)
    sources = {
        told.get("Index", "").encode(): told.get("Name", "")
        for told in (safe_xml.attributes(found[1]) for found in _FILE.findall(text))
    }
    table = SpanTable(_RAN)
    files: dict[str, FileCoverage] = {}
    for index, rows in by_source(_statements(text)).items():
        path = bounded_name(sources.get(index, ""))
        if not path:
            raise ReportError(f"A statement belongs to file {index[:40].decode()}, which the report does not name.")
        table.add_spans(files.setdefault(path, FileCoverage(path, {})), rows)
    return CoverageReport(list(files.values()), warnings + table.warnings())


def _statements(text: bytes) -> list[Span]:
    refuse_too_many(text.count(b"<Statement "))
    rows: list[Span] = _PLAIN_STATEMENT.findall(text)
    if len(rows) == text.count(b"<Statement "):
        return rows
    told = [safe_xml.attributes(found[1]) for found in _STATEMENT.findall(text)]
    return [
        (
            row.get("FileIndex", "").encode(),
            row.get("Line", "").encode(),
            (row.get("EndLine") or row.get("Line", "")).encode(),
            row.get("Covered", "").encode(),
        )
        for row in told
    ]


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
