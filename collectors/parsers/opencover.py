"""OpenCover XML: sequence and branch points of .NET assemblies, by module, class and method.

Written by: OpenCover 4, coverlet (``--format opencover``), AltCover (``--reportFormat OpenCover``),
dotnet-coverage and ReportGenerator converters.
Specified in: OpenCover's ``CoverageSession`` classes (``OpenCover.Framework.Model``) and coverlet's
``OpenCoverReporter``.
Read: each module's files, its methods' sequence points (visits, first and last line) and branch points.
Dropped: modules that were skipped, trackers (which test came by), columns, complexity, method points, summaries.
Meaning: a line is valid if a sequence point lies on it, from the point's first line to its last, and has the
visits of the most visited one. A branch point is a branch of the line on which its condition stands.
Differences:
    * OpenCover, AltCover: they print the share of sequence points, of which several may stand on a line and one on
      several.
    * coverlet: its points are lines, so that the figures agree.
Notes: a branch's identity is the method's place among those of its line, and the point's ordinal in the method.
Files of one path in several modules (one per target framework) are one file. Written from the schema and the
sources of coverlet; no real file was at hand.
"""

from __future__ import annotations

import re

from collectors.parsers import safe_xml
from collectors.parsers.branches import add_named
from collectors.parsers.lines import MAX_LINE, LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name, count

_MODULE = re.compile(rb"<Module\b([^>]*?)>(.*?)</Module\s*>", re.DOTALL)
_FILE = safe_xml.tag(rb"File")
_FILE_REFERENCE = safe_xml.tag(rb"FileRef")
_POINT = safe_xml.tag(rb"SequencePoint")
_BRANCH = safe_xml.tag(rb"BranchPoint")
_METHOD = re.compile(rb"<Method\b")

HIDDEN = 0xFEEFEE
"""The line number that .NET compilers give to code that stands nowhere in the source."""


def sniff(head: bytes) -> bool:
    """Whether the root element is OpenCover's."""
    return safe_xml.root(head)[0] == "CoverageSession"


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings)
    refuse_too_many(text.count(b"<SequencePoint "))
    reader = _Reader()
    for attributes, module in _MODULE.findall(text):
        if b"skippedDueTo" not in attributes:
            reader.read_module(module)
    return CoverageReport(list(reader.files.values()), warnings + reader.table.warnings())


class _Reader:
    """The files so far, and how many lines the points have had in all."""

    def __init__(self) -> None:
        self.files: dict[str, FileCoverage] = {}
        self.table = LineTable()
        self.spans = 0

    def read_module(self, text: bytes) -> None:
        files: dict[str, FileCoverage] = {}
        for _, attributes, _ in _FILE.findall(text):
            told = safe_xml.attributes(attributes)
            path = bounded_name(told.get("fullPath", ""))
            if path:
                files[told.get("uid", "")] = self.files.setdefault(path, FileCoverage(path, {}))
        methods: dict[tuple[str, int], int] = {}
        for method in _METHOD.split(text)[1:]:
            self._read_method(method, files, methods)

    def _read_method(
        self, text: bytes, files: dict[str, FileCoverage], methods: dict[tuple[str, int], int]
    ) -> None:
        reference = _FILE_REFERENCE.search(text)
        own = safe_xml.attributes(reference[2]).get("uid", "") if reference else ""
        lines: dict[str, tuple[list[int], list[str]]] = {}
        for _, attributes, _ in _POINT.findall(text):
            told = safe_xml.attributes(attributes)
            first, last = count(told.get("sl")), count(told.get("el"))
            if first == HIDDEN:
                continue
            if first is None or "vc" not in told:
                raise ReportError("A sequence point has no line (sl) or visits (vc).")
            span = range(first, min(max(last or first, first), MAX_LINE) + 1)
            self.spans += len(span)
            refuse_too_many(self.spans)
            numbers, hits = lines.setdefault(told.get("fileid", own), ([], []))
            numbers.extend(span)
            hits.extend([told["vc"]] * len(span))
        for uid, (numbers, hits) in lines.items():
            if uid in files:
                self.table.add(files[uid], numbers, hits)
        if b"<BranchPoint" in text:
            self._read_branches(text, own, files, methods)

    def _read_branches(
        self, text: bytes, own: str, files: dict[str, FileCoverage], methods: dict[tuple[str, int], int]
    ) -> None:
        taken: dict[tuple[str, int], dict[str, bool]] = {}
        for _, attributes, _ in _BRANCH.findall(text):
            told = safe_xml.attributes(attributes)
            line = count(told.get("sl"))
            if line is None or line == HIDDEN:
                continue
            names = taken.setdefault((told.get("fileid", own), line), {})
            name = told.get("ordinal") or f"{told.get('offset', '')}-{told.get('path', '')}"
            names[name] = names.get(name, False) or told.get("vc", "0") not in ("0", "")
        for place, names in taken.items():
            number = methods[place] = methods.get(place, -1) + 1
            if place[0] in files:
                named = {f"{number}.{name[:40]}": was for name, was in names.items()}
                add_named(files[place[0]], {place[1]: named})


OPENCOVER = Format("opencover", "coverage", sniff, parse)
