"""D's coverage listings (``*.lst``): the source with a count before every line.

Written by: programs compiled with ``-cov`` by dmd, ldc2 (1.30.0 seen) and gdc; ``dub test --coverage``.
Specified in: “Code Coverage Analysis” of the D compilers' manual (https://dlang.org/code_coverage.html),
``rt/cover.d`` of the D runtime.
Read: every line's count, and the source's path from the last line.
Dropped: the source text.
Meaning: a line with a count is code and is covered if the count is above zero; a line with blanks before the bar
is no code. The n-th line of the file is line n of the source.
Differences:
  * D runtime: it prints whole percents, cut off (60 for 6 of 10 as for 6 of 9.9).
"""

from __future__ import annotations

import re

from collectors.parsers.lines import LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name

_COUNTED = re.compile(rb"(?=[ 0-9]{7}) *[0-9]*\|")
_LAST = re.compile(rb"([^\r\n|]{1,4096}?) (?:is (\d{1,9})% covered\b.*|has no code)", re.DOTALL)


def sniff(head: bytes) -> bool:
    """Whether every line begins with a count or blanks and a bar; the last may be cut, or the final sentence.

    A table of psql's has a blank between a number and the bar.
    """
    first, *rest = as_utf8(head).rstrip(b"\r\n").split(b"\n")
    return all(map(_COUNTED.match, [first, *rest[:-1]]))


def parse(data: bytes) -> CoverageReport:
    """Read every line's count. Raises ReportError."""
    text = as_utf8(data)
    refuse_too_many(text.count(b"\n"))
    listing, _, last = text.rstrip().rpartition(b"\n")
    end = _LAST.fullmatch(last)
    if not end:
        number = listing.count(b"\n") + 2
        raise ReportError(
            f"The listing breaks off at line {number}: its last line does not say how much is covered."
        )
    path = end[1].strip().decode("utf-8", "replace")
    counts = [line.partition(b"|")[0].strip() for line in listing.splitlines()]
    code = [(number, count) for number, count in enumerate(counts, 1) if count]
    file = FileCoverage(bounded_name(path), {})
    table = LineTable()
    table.add(file, [number for number, _ in code], [count for _, count in code])
    report = CoverageReport([file], table.warnings())
    percent = report.counts().percent
    if end[2] and percent is not None and int(percent) != int(end[2]):
        report.warnings.append(
            f"The file's own figure is {int(end[2])} %, its lines give {percent:.2f} %; the lines were counted."
        )
    return report


D_LST = Format("d-lst", "coverage", sniff, parse)
