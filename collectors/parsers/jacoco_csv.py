"""JaCoCo's CSV: one row of counters per class.

Written by: JaCoCo's Maven, Gradle, Ant and command-line reports.
Specified in: JaCoCo, ``CSVReport`` and ``ClassRowWriter``.
Read: missed and covered lines and branches of every class.
Dropped: instructions, complexity, methods.
Meaning: totals only; no line is named, nor any source file. ``files`` counts outermost classes, which mostly have
a file each.
Differences:
    * JaCoCo: its own percentage is that of instructions. A line of two classes (an inner class, a lambda's owner)
      counts in both here, and once in the total of JaCoCo's XML.
"""

from __future__ import annotations

import csv
import io
import re

import orjson

from collectors.parsers.lines import MAX_HITS, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, Format, ReportError
from collectors.parsers.text import as_utf8, count

_HEADER = re.compile(rb'\s*"?GROUP"?,"?PACKAGE"?,"?CLASS"?,')
_COUNTERS = ("LINE_COVERED", "LINE_MISSED", "BRANCH_COVERED", "BRANCH_MISSED")


def sniff(head: bytes) -> bool:
    """Whether the first row is JaCoCo's."""
    return _HEADER.match(as_utf8(head)) is not None


def parse(data: bytes) -> CoverageReport:
    """Sum the rows. Raises ReportError."""
    refuse_too_many(data.count(b"\n"))
    data = as_utf8(data)
    if report := _plain(data):
        return report
    text = data.decode("utf-8", "replace").lstrip()
    rows = csv.reader(io.StringIO(text, newline=""))
    sums = [0, 0, 0, 0]
    outermost: set[tuple[str, str, str]] = set()
    try:
        names = next(rows, [])
        if not set(_COUNTERS) <= set(names):
            raise ReportError("The first row lacks the counters of lines and branches.")
        places = [names.index(counter) for counter in _COUNTERS]
        for row in filter(None, rows):
            told = [count(row[place]) for place in places] if len(row) == len(names) else [None]
            if any(value is None or not 0 <= value <= MAX_HITS for value in told):
                raise ReportError(f"Row {rows.line_num} is no row of {len(names)} values: the file is cut short.")
            sums = [known + (value or 0) for known, value in zip(sums, told, strict=True)]
            outermost.add((row[0], row[1], row[2].split(".")[0].split("$")[0]))
    except csv.Error as error:
        raise ReportError(f"Row {rows.line_num} is no CSV: {error}.") from error
    return _totals(sums, len(outermost))


def _plain(data: bytes) -> CoverageReport | None:
    """The sums, a column at a time; None for a file with anything odd in it, which is read row by row instead."""
    if b'"' in data:
        return None
    header, *lines = data.strip().split(b"\n")
    names = header.split(b",")[3:]
    rows = [line.split(b",", 3) for line in lines]
    if set(map(len, rows)) != {4}:
        return None
    # A list of JSON, in which a null ends each row: where all of them stand in their places, no row is longer.
    text = b",null,".join([row.pop() for row in rows])
    width = len(names) + 1
    try:
        told = orjson.loads(b"[%b,null]" % text) if b"-" not in text else []
        sums = [sum(told[names.index(counter.encode()) :: width]) for counter in _COUNTERS]
    except (ValueError, TypeError):  # no such column, or no number in one
        return None
    if told[width - 1 :: width] != [None] * len(rows) or set(map(type, sums)) != {int} or max(sums) > MAX_HITS:
        return None
    classes = set(map(tuple, rows))
    return _totals(sums, len({(group, package, re.split(rb"[.$]", name)[0]) for group, package, name in classes}))


def _totals(sums: list[int], files: int) -> CoverageReport:
    covered, missed, taken, not_taken = sums
    return CoverageReport(
        [], totals=CoverageCounts(files, covered + missed, covered, None, taken + not_taken, taken)
    )


JACOCO_CSV = Format(
    "jacoco-csv",
    "coverage",
    sniff,
    parse,
    meaning="Totals of each class only: which lines ran is not in this report; its files are outermost classes.",
)
