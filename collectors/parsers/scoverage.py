"""scoverage's XML for Scala (``scoverage.xml``).

Written by: scalac-scoverage-plugin 1 and 2 (sbt-scoverage, gradle-scoverage, Mill, scoverage-maven-plugin), Scala
3.
Specified in: ``ScoverageXmlWriter.scala`` of the plugin.
Read: every statement's line, source (before version 1.1 its class's file) and invocations; the branches among them.
Dropped: ignored statements, packages, classes, methods, the tree of ``scoverage-debug.xml``.
Meaning: a line is valid if a statement begins on it and is covered if any of them ran; its hits are those of the
statement that ran most. A statement marked as a branch is one branch of its line.
Differences:
  * scoverage: it prints the share of statements that ran (``statement-rate``); several of them can stand on a
    line.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict

from collectors.parsers import safe_xml
from collectors.parsers.lines import LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import bounded_name

_CLASS_OR_STATEMENT = safe_xml.tag(rb"class|statement")
_PLAIN_STATEMENT = re.compile(
    rb'<statement\s+package="[^"]*"\s+class="[^"]*"\s+class-type="[^"]*"\s+[\w-]+="[^"]*"\s+source="([^"]*)"'
    rb'\s+method="[^"]*"\s+start="(\d+)"\s+end="\d+"\s+line="(\d+)"\s+(?:symbol="[^"]*"\s+tree="[^"]*"\s+)?'
    rb'branch="(\w+)"\s+invocation-count="(\d+)"(?:\s+ignored="(\w+)")?'
)
_KEYS = ("source", "start", "line", "branch", "invocation-count", "ignored")

Row = tuple[bytes, bytes, bytes, bytes]
"""Place in the source, line, whether it is a branch, invocations."""


def sniff(head: bytes) -> bool:
    """Whether the root is scoverage's."""
    name, attributes, _ = safe_xml.root(head)
    return name == "scoverage" and b"statement" in attributes


def parse(data: bytes) -> CoverageReport:
    """Read the lines and branches of every source. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings)
    expected = text.count(b"<statement") - text.count(b"<statements")
    refuse_too_many(expected)
    rows = _PLAIN_STATEMENT.findall(text)
    if len(rows) != expected:
        rows = _any_rows(text)
    by_source: dict[bytes, list[Row]] = defaultdict(list)
    for source, *row, ignored in rows:
        if ignored != b"true":
            by_source[source].append(tuple(row))
    table = LineTable()
    files = [_read_file(source, statements, table) for source, statements in by_source.items()]
    return CoverageReport(files, warnings + table.warnings())


def _any_rows(text: bytes) -> list[tuple[bytes, ...]]:
    """The same with attributes in any order; a statement without source (version 0.99) is in its class's file."""
    rows = []
    filename = ""
    for name, attributes, _ in _CLASS_OR_STATEMENT.findall(text):
        told = safe_xml.attributes(attributes)
        if name == b"class":
            filename = told.get("filename", "")
        else:
            told["source"] = told.get("source") or filename
            rows.append(tuple(told.get(key, "").encode() for key in _KEYS))
    return rows


def _read_file(source: bytes, rows: list[Row], table: LineTable) -> FileCoverage:
    path = html.unescape(source.decode("utf-8", "replace"))
    if not path or not all(row[1] and row[3] for row in rows):
        raise ReportError(f"A statement without source, line or invocation-count stands in “{path[:200]}”.")
    file = FileCoverage(bounded_name(path), {})
    table.add(file, [row[1] for row in rows], [row[3] for row in rows])
    taken: dict[bytes, dict[str, bool]] = defaultdict(dict)
    for start, line, branch, times in rows:
        if branch == b"true":
            taken[line][start.decode("utf-8", "replace")] = times.strip(b"0") != b""
    for line, branches in taken.items():
        table.add_branches(file, line, LineBranches(sum(branches.values()), len(branches), branches))
    return file


SCOVERAGE = Format(
    "scoverage",
    "coverage",
    sniff,
    parse,
    meaning="scoverage counts statements; the figures are the lines on which they begin.",
)
