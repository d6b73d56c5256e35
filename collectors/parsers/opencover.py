"""OpenCover XML: sequence and branch points of .NET assemblies, by module, class and method.

Written by: OpenCover 4, coverlet (``--format opencover``), AltCover (``--reportFormat OpenCover``),
dotnet-coverage and ReportGenerator converters.
Specified in: OpenCover's ``CoverageSession`` classes (``OpenCover.Framework.Model``) and coverlet's
``OpenCoverReporter``.
Read: each module's files, its methods' sequence points (visits, first and last line) and branch points.
Dropped: modules that were skipped, trackers (which test came by), columns, complexity, method points, summaries.
Meaning: a line is valid if a sequence point lies on it, from the point's first line to its last, and has the
visits of the most visited one. A branch point is a branch of the line on which its condition stands. Visits below
zero (AltCover's code that is trivial) are none. Points of no file that is listed (a converter for Apex names none)
are those of the file that is called as their class, or else of the class itself.
Differences:
    * OpenCover, AltCover: they print the share of sequence points, of which several may stand on a line and one on
      several.
    * coverlet: its points are lines, so that the figures agree.
Notes: a branch's identity is the method's place among those of its line, and the point's ordinal in the method.
Files of one path in several modules (one per target framework) are one file. Written from the schema and the
sources of coverlet; no real file was at hand.
"""

from __future__ import annotations

import html
import re
from collections import ChainMap
from collections.abc import Mapping

from collectors.parsers import safe_xml
from collectors.parsers.branches import add_named
from collectors.parsers.lines import MAX_LINE, LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name, count

_MODULE = re.compile(rb"<Module\b([^>]*)(?<!/)>(.*?)</Module\s*>", re.DOTALL)
_FILE = safe_xml.tag(rb"File")
_FILE_REFERENCE = safe_xml.tag(rb"FileRef")
_POINT = safe_xml.tag(rb"SequencePoint")
_BRANCH = safe_xml.tag(rb"BranchPoint")
# Bounded, because an attribute's value may hold what looks like attributes, a million times.
_PLAIN_POINT = re.compile(
    rb'<SequencePoint vc="(\d+)"[^<>]{0,300}? sl="(\d+)"(?: sc="\d+")? el="(\d+)"(?:[^<>]{0,300}? fileid="(\d+)")?'
)
_PLAIN_BRANCH = re.compile(
    rb'<BranchPoint vc="(\d+)"[^<>]{0,300}? ordinal="(\d+)"'
    rb'(?=[^<>]{0,300}? sl="(\d+)")(?:[^<>]{0,300}? fileid="(\d+)")?'
)
_CLASS = re.compile(rb"<Class\b")
_CLASS_NAME = re.compile(rb"""\A[^<]*?\sfullName\s*=\s*["']([^"'<]+)|<FullName>([^<]+)<""")
_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)
_METHOD = re.compile(rb"<Method\b")

_HIDDEN = b"16707566"
"""The line number that .NET compilers give to code that stands nowhere in the source."""


def sniff(head: bytes) -> bool:
    """Whether the root element is OpenCover's."""
    return safe_xml.root(head)[0] == "CoverageSession"


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings, b"SequencePoint", b"BranchPoint")
    refuse_too_many(text.count(b"<SequencePoint "))
    reader = _Reader()
    for attributes, module in _MODULE.findall(text):
        if b"skippedDueTo" not in attributes:
            reader.read_module(module)
    return CoverageReport(list(reader.files.values()), warnings + reader.warnings())


class _Reader:
    """The files so far, and how many lines the points have had in all."""

    def __init__(self) -> None:
        self.files: dict[str, FileCoverage] = {}
        self.table = LineTable()
        self.spans = 0
        self.alone: set[str] = set()
        """Classes whose points are in no file that the report names."""
        self.left_out = 0
        """Those among them that have no name."""

    def read_module(self, text: bytes) -> None:
        files: dict[str, FileCoverage] = {}
        for _, attributes, _ in _FILE.findall(text):
            told = safe_xml.attributes(attributes)
            path = bounded_name(told.get("fullPath", ""))
            if path:
                files[told.get("uid", "")] = self.files.setdefault(path, FileCoverage(path, {}))
        spans, methods = self.spans, _methods(text)
        points = self._points(methods)
        counted: dict[tuple[str, int], int] = {}
        if points.keys() <= files.keys():
            self._add(methods, points, files, counted)
            return
        self.spans = spans
        stems = {_FOLDERS.sub("", file.path).partition(".")[0]: file for file in files.values()}
        for part in _CLASS.split(text)[1:]:
            methods = _methods(part)
            points = self._points(methods)
            nowhere = points.keys() - files.keys()
            own = self._of_class(part, stems) if nowhere else None
            self._add(methods, points, ChainMap(dict.fromkeys(nowhere, own) if own else {}, files), counted)

    def _of_class(self, text: bytes, stems: dict[str, FileCoverage]) -> FileCoverage | None:
        """The file that is called as a class, or one that stands for it; None where it has no name."""
        found = _CLASS_NAME.search(text[: text.find(b"<Methods")])
        name = bounded_name(html.unescape((found[1] or found[2]).decode("utf-8", "replace"))) if found else ""
        if not name:
            self.left_out += 1
            return None
        if name in stems:
            return stems[name]
        self.alone.add(name)
        return self.files.setdefault(name, FileCoverage(name, {}))

    def warnings(self) -> list[str]:
        told = self.table.warnings()
        if self.alone:
            told.append(f"{len(self.alone)} classes belong to no file of the report; each is listed by its name.")
        if self.left_out:
            told.append(
                f"{self.left_out} classes belong to no file of the report and have no name; they were left out."
            )
        return told

    def _add(
        self,
        methods: list[tuple[str, bytes]],
        points: dict[str, tuple[list[int], list[bytes]]],
        files: Mapping[str, FileCoverage],
        counted: dict[tuple[str, int], int],
    ) -> None:
        for own, method in methods:
            if b"<BranchPoint" in method:
                _read_branches(method, own, files, counted)
        for uid, (numbers, hits) in points.items():
            if uid in files:
                self.table.add(files[uid], numbers, hits)

    def _points(self, methods: list[tuple[str, bytes]]) -> dict[str, tuple[list[int], list[bytes]]]:
        """Lines and visits by the file's number."""
        points: dict[str, tuple[list[int], list[bytes]]] = {}
        for own, method in methods:
            self._read_points(method, own, points)
        return points

    def _read_points(self, text: bytes, own: str, points: dict[str, tuple[list[int], list[bytes]]]) -> None:
        rows = _PLAIN_POINT.findall(text)
        if len(rows) != text.count(b"<SequencePoint "):
            rows = [_row(attributes, "vc", "sl", "el", "fileid") for _, attributes, _ in _POINT.findall(text)]
        for visits, start, end, uid in rows:
            if start == _HIDDEN:
                continue
            if not start.isdigit() or not visits:
                raise ReportError("A sequence point has no line (sl) or visits (vc).")
            numbers, hits = points.setdefault(uid.decode() or own, ([], []))
            first = int(start)
            numbers.append(first)
            hits.append(visits)
            if start != end and (lines := min(count(end) or 0, MAX_LINE) - first) > 0:
                self.spans += lines
                refuse_too_many(self.spans)
                numbers.extend(range(first + 1, first + 1 + lines))
                hits.extend([visits] * lines)


def _methods(text: bytes) -> list[tuple[str, bytes]]:
    """Each method's text, and the number of the file that it refers to."""
    methods = []
    for method in _METHOD.split(text)[1:]:
        reference = _FILE_REFERENCE.search(method)
        methods.append((safe_xml.attributes(reference[2]).get("uid", "") if reference else "", method))
    return methods


def _read_branches(
    text: bytes, own: str, files: Mapping[str, FileCoverage], methods: dict[tuple[str, int], int]
) -> None:
    """Add one method's branches; ``methods`` counts those that have branches on a line."""
    rows = _PLAIN_BRANCH.findall(text)
    if len(rows) != text.count(b"<BranchPoint "):
        rows = [_row(attributes, "vc", "ordinal", "sl", "fileid") for _, attributes, _ in _BRANCH.findall(text)]
    taken: dict[tuple[str, int], dict[str, bool]] = {}
    for visits, ordinal, start, uid in rows:
        line = count(start)
        if line is None or start == _HIDDEN:
            continue
        names = taken.setdefault((uid.decode() or own, line), {})
        name = ordinal.decode()[:40] or str(len(names))
        names[name] = names.get(name, False) or (visits not in (b"0", b"") and visits[:1] != b"-")
    for place, names in taken.items():
        number = methods[place] = methods.get(place, -1) + 1
        if place[0] in files:
            add_named(files[place[0]], {place[1]: {f"{number}.{name}": was for name, was in names.items()}})


def _row(line: bytes, *names: str) -> tuple[bytes, ...]:
    """Values of a point's attributes, in whatever order they stand; empty where there is none."""
    told = safe_xml.attributes(line)
    return tuple(told.get(name, "").encode() for name in names)


OPENCOVER = Format("opencover", "coverage", sniff, parse)
