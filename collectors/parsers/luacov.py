"""LuaCov's report (``luacov.report.out``) and its statistics (``luacov.stats.out``).

Written by: LuaCov 0.2 to 0.16, as busted and others call it.
Specified in: ``luacov/reporter.lua`` and ``luacov/stats.lua`` of LuaCov.
Read: of the report every line's hits, of the statistics the lines that ran.
Dropped: the source text. HTML and other reporters' files are formats of their own.
Meaning: a line of the report with a number ran so often; one with ``***0`` could have run and did not; one with
blanks is no code. Statistics say which lines ran and not which could have, so the number of lines is not known.

Notes:
The field before a line is as wide as the highest number of hits and one more. It stands before a blank, in
versions before 0.8 before a tab. The n-th line of a file's section is line n of the source.
"""

from __future__ import annotations

import re

from collectors.parsers.lines import MAX_HITS, disagreement, refuse_too_many
from collectors.parsers.listed import ListedLines
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name

_SECTION = re.compile(rb"\n={78}\r?\n([^\r\n=][^\r\n]*)\r?\n={78}(?=\r?\n)")
_MISSED = re.compile(rb"\n(\*+0)[ \t]")
_OFTEN = re.compile(rb"\n( \d{1,18})[ \t]")
_TOTAL = re.compile(rb"(?:Total +)?(\d{1,18})[ \t]+(\d{1,18})[ \t]+[^\s%]{1,12}%")
_STATISTICS = re.compile(rb"(\d{1,8}):([^\r\n]+)\r?\n([\d ]*)")
_ROW = re.compile(rb"(?:[ *0-9]{2,}[ \t].*)?\r?\Z")


def sniff(head: bytes) -> bool:
    """Whether a report's first section or a file's statistics begin here."""
    head = as_utf8(head).lstrip()
    counted = _STATISTICS.match(head)
    if counted:
        if head[counted.end() : counted.end() + 1] in (b"\r", b"\n"):
            return len(counted[3].split()) == int(counted[1]) > 0
        return bool(counted[3]) and len(head) == counted.end()
    head = b"\n" + head
    section = _SECTION.match(head)
    if not section or not (_MISSED.search(head) or _OFTEN.search(head)):
        return section is not None and section[1] == b"Summary" and b"Missed" in head
    rows = head[section.end() :].partition(b"\n====")[0].split(b"\n")
    return all(map(_ROW.match, rows[1:-1]))


def parse(data: bytes) -> CoverageReport:
    """Read a report or statistics. Raises ReportError."""
    text = as_utf8(data).lstrip(b"\r\n")
    if text[:1].isdigit():
        return _read_statistics(text)
    text = b"\n" + text
    _, *parts = _SECTION.split(text)
    if parts[-2:-1] != [b"Summary"]:
        number = max(text.rstrip().count(b"\n"), 1)
        raise ReportError(f"The report breaks off at line {number}: it has no summary.")
    refuse_too_many(text.count(b"\n"))
    width = _width(text)
    *sections, _, summary = parts
    hits = _Hits()
    files = [_read_file(*section, width, hits) for section in zip(sections[::2], sections[1::2], strict=True)]
    report = CoverageReport(files)
    if own := _TOTAL.match(summary.rstrip().rpartition(b"\n")[2]):
        covered, missed = int(own[1]), int(own[2])
        report.warnings.extend(disagreement(report, covered, covered + missed))
    return report


def _width(text: bytes) -> int:
    """Width of the field before each line: that of the mark of a missed line, or of the highest number of hits."""
    missed = _MISSED.search(text)
    if missed:
        return len(missed[1])
    return max(map(len, _OFTEN.findall(text)), default=2)


def _read_file(name: bytes, body: bytes, width: int, hits: _Hits) -> FileCoverage:
    """The lines of a section; the first row of its body is the end of its heading."""
    path = bounded_name(name.decode("utf-8", "replace"))
    _, *rows = body.split(b"\n")
    try:
        return FileCoverage(path, ListedLines([hits[row[:width]] for row in rows]))
    except ValueError as error:
        number = next(number for number, row in enumerate(rows, 1) if row[:width] not in hits)
        raise ReportError(f"Line {number} of {path[:200]} has no number of hits before it.") from error


class _Hits(dict[bytes, int | None]):
    """What the field before a line says, each looked at once: hits, or None where the line is no code."""

    def __missing__(self, field: bytes) -> int | None:
        number = b"0" if field.startswith(b"*") else field.strip()
        if not number:
            hits = None
        elif number.isdigit():
            hits = min(int(number), MAX_HITS)
        else:
            raise ValueError(f"{field!r} is no number of hits")
        self[field] = hits
        return hits


def _read_statistics(text: bytes) -> CoverageReport:
    """Two lines per file: ``number of lines:name`` and the hits of each line."""
    refuse_too_many(text.count(b" "))
    files = []
    known = _Hits()
    at = 0
    while at < len(text):
        found = _STATISTICS.match(text, at)
        fields = found[3].split() if found else []
        if not found or len(fields) != int(found[1]):
            number = text.count(b"\n", 0, at) + 1
            raise ReportError(f"The statistics of the file at line {number} break off or are broken.")
        ran = {number: hits for number, hits in enumerate([known[field] for field in fields], 1) if hits}
        files.append(FileCoverage(bounded_name(found[2].decode("utf-8", "replace")), ran, executed_only=True))
        at = found.end()
        while text[at : at + 1] in (b"\r", b"\n"):
            at += 1
    return CoverageReport(files)


LUACOV = Format(
    "luacov",
    "coverage",
    sniff,
    parse,
    meaning="LuaCov's statistics say which lines ran, and not which could have run.",
)
