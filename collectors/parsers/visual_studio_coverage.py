"""Visual Studio's code coverage as XML (``*.coveragexml``), and the older ``CoverageDSPriv``.

Written by: ``CodeCoverage.exe analyze``, ``Microsoft.CodeCoverage.Console merge -f xml``, ``dotnet-coverage merge
-f xml``, vstest's ``Format=Xml``, OpenCppCoverage and others that imitate it; Visual Studio 2005 to 2010
(``CoverageDSPriv``).
Specified in: no schema is published; the files themselves, and readers of them (Codecov, SonarQube).
Read: every range of lines with whether it ran, by source; the modules' totals where there are no ranges.
Dropped: blocks, functions, columns, skipped modules and functions.
Meaning: all lines of a range are valid. A line is covered if a range on it ran, wholly or in part (“partial”): how
many ways a line has is not in the file, so there are no branches and no partial lines. There are no hits: a line
that ran has one.
Differences:
  * Visual Studio: it counts a line once for each function that it belongs to (a lambda's twice), and a partial
    line as a class of its own.
"""

from __future__ import annotations

import html
import re

from collectors.parsers import safe_xml
from collectors.parsers.lines import MAX_HITS, disagreement, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.spans import SpanTable, by_source
from collectors.parsers.text import bounded_name, count

_MODULE = safe_xml.tag(rb"module")
_SOURCE = safe_xml.tag(rb"source_file")
_RANGE = safe_xml.tag(rb"range")
_PLAIN_RANGE = re.compile(
    rb'<range source_id="([^"]*)" start_line="(\d{1,9})" end_line="(\d{1,9})"'
    rb'(?: start_column="\d*")?(?: end_column="\d*")? covered="(\w+)"'
)
_OLDER_RANGE = re.compile(
    rb'<range source_id="([^"]*)" covered="(\w+)" start_line="(\d{1,9})"(?: start_column="\d*")?'
    rb' end_line="(\d{1,9})"'
)
_LINES_COVERED = re.compile(rb"\slines_covered\s*=")
_OLD_LINES = re.compile(rb"<Lines>(.*?)</Lines>", re.DOTALL)
_OLD_SOURCE = re.compile(rb"<SourceFileNames>(.*?)</SourceFileNames>", re.DOTALL)
_OLD_MODULE = re.compile(rb"<Module>(.*?)(?:<NamespaceTable>|</Module>)", re.DOTALL)
_OLD_VALUE = re.compile(rb"<(\w+)>\s*([^<]*?)\s*</")
_RAN = frozenset((b"yes", b"partial", b"0", b"1"))
"""What stands for a range that ran, wholly or in part; the last two in ``CoverageDSPriv``."""

Spans = dict[str, list[tuple[bytes, bytes, bytes]]]
"""First line, last line and whether the range ran, by the path of the source."""


def sniff(head: bytes) -> bool:
    """Whether this is either of the two."""
    name, _, rest = safe_xml.root(head)
    if name == "results":
        return b"<modules" in rest and (b"<skipped_modules" in rest or _LINES_COVERED.search(rest) is not None)
    return name == "CoverageDSPriv"


def parse(data: bytes) -> CoverageReport:
    """Read the lines of every source, or the modules' totals. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings, b"range")
    refuse_too_many(text.count(b"<range ") + text.count(b"<Lines>"))
    old = b"<CoverageDSPriv" in text[:1024]
    spans, own = _read_old(text) if old else _read_modules(text)
    if not spans and own:
        totals = CoverageCounts(0, own[1], own[0], None, None, None)
        warnings.append("The report names no line; only its totals were read.")
        return CoverageReport([], warnings, totals=totals)
    table = SpanTable(_RAN)
    files = []
    for path, rows in spans.items():
        file = FileCoverage(bounded_name(path), {})
        table.add_spans(file, rows)
        files.append(file)
    report = CoverageReport(files, warnings + table.warnings())
    if own:
        report.warnings.extend(disagreement(report, *own))
    return report


def _read_modules(text: bytes) -> tuple[Spans, tuple[int, int] | None]:
    """The ranges by source, and the sums of the modules' own lines."""
    spans: Spans = {}
    covered = valid = 0
    modules = list(_MODULE.finditer(text))
    ends = [module.start() for module in modules[1:]] + [len(text)] * bool(modules)
    for module, end in zip(modules, ends, strict=True):
        told = safe_xml.attributes(module[2])
        whole, partly, missed = (
            count(told.get(f"lines_{kind}")) or 0 for kind in ("covered", "partially_covered", "not_covered")
        )
        covered, valid = covered + whole + partly, valid + whole + partly + missed
        _read_ranges(text[module.end() : end], spans)
    return spans, (covered, valid) if modules and 0 <= covered <= valid <= MAX_HITS else None


def _read_ranges(text: bytes, spans: Spans) -> None:
    """Add the ranges of one module, which numbers its sources for itself."""
    rows = _PLAIN_RANGE.findall(text)
    if len(rows) != text.count(b"<range "):
        rows = [(source, first, last, ran) for source, ran, first, last in _OLDER_RANGE.findall(text)]
    if len(rows) != text.count(b"<range "):
        told = [safe_xml.attributes(found[1]) for found in _RANGE.findall(text)]
        keys = ("source_id", "start_line", "end_line", "covered")
        rows = [tuple(row.get(key, "").encode() for key in keys) for row in told]
    if not rows:
        return
    sources = {}
    for found in _SOURCE.findall(text):
        source = safe_xml.attributes(found[1])
        sources[source.get("id", "").encode()] = source.get("path", "")
    for number, ranges in by_source(rows).items():
        path = sources.get(number)
        if not path:
            raise ReportError(f"A range belongs to source {number[:40].decode()}, which its module does not name.")
        spans.setdefault(path, []).extend(ranges)


def _read_old(text: bytes) -> tuple[Spans, tuple[int, int] | None]:
    """``CoverageDSPriv``: lines with 0 for covered, 1 for partly and 2 for not, anywhere; sources by number."""
    sources = {}
    for found in _OLD_SOURCE.findall(text):
        told = dict(_OLD_VALUE.findall(found))
        sources[told.get(b"SourceFileID", b"")] = html.unescape(
            told.get(b"SourceFileName", b"").decode("utf-8", "replace")
        )
    spans: Spans = {}
    for found in _OLD_LINES.findall(text):
        told = dict(_OLD_VALUE.findall(found))
        path = sources.get(told.get(b"SourceFileID", b""))
        if not path:
            raise ReportError("A line belongs to a source that the report does not name.")
        span = told.get(b"LnStart", b""), told.get(b"LnEnd", b""), told.get(b"Coverage", b"")
        spans.setdefault(path, []).append(span)
    covered = valid = 0
    modules = [dict(_OLD_VALUE.findall(found)) for found in _OLD_MODULE.findall(text)]
    for module in modules:
        whole, partly, missed = (
            count(module.get(key)) or 0 for key in (b"LinesCovered", b"LinesPartiallyCovered", b"LinesNotCovered")
        )
        covered, valid = covered + whole + partly, valid + whole + partly + missed
    return spans, (covered, valid) if modules and 0 <= covered <= valid <= MAX_HITS else None


VISUAL_STUDIO_COVERAGE = Format("visual-studio-coverage", "coverage", sniff, parse)
