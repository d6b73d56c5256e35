"""CTest's coverage for a dashboard (``ctest -T Coverage``): ``CoverageLog-*.xml`` with lines, ``Coverage.xml``.

Written by: CTest 2.8 to 4 (3.25.1 seen), over gcov, BullseyeCoverage, Cobertura, JaCoCo, coverage.py, Delphi and
others.
Specified in: ``cmCTestCoverageHandler.cxx`` of CMake; CDash's ``Coverage`` and ``CoverageLog`` handlers.
Read: of a log the lines of every file with their counts; of ``Coverage.xml`` the lines tested and untested of all
files together, and its branches where BullseyeCoverage gave some.
Dropped: the source text, the machine's description, functions, labels.
Meaning: a line counts if its count is not -1 and is covered if it is above zero. CTest numbers lines from zero, we
from one. ``Coverage.xml`` names no lines, so it is totals only; where the log stands beside it, the log counts.
"""

from __future__ import annotations

import re
from itertools import pairwise

from collectors.parsers import safe_xml
from collectors.parsers.lines import MAX_HITS, LineTable, disagreement, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name

_FILE = safe_xml.tag(rb"File")
_LINE_TAG = safe_xml.tag(rb"Line")
_PLAIN_LINE = re.compile(rb'<Line Number="(\d{1,18})" Count="(-?\d{1,18})"')
_FIGURE = re.compile(rb"<((?:LOC|Branches)(?:Tested|Un[Tt]ested))>\s*(\d{1,12})\s*</")


def sniff(head: bytes) -> bool:
    """Whether this is a dashboard's coverage: its test results have the same root."""
    name, _, rest = safe_xml.root(head)
    return name == "Site" and (b"<CoverageLog" in rest or b"<Coverage>" in rest or b"<Coverage " in rest)


def parse(data: bytes) -> CoverageReport:
    """Read the lines of every file, or the totals where there are no lines. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings)
    if b"<CoverageLog" not in text:
        return _totals_only(text, warnings)
    refuse_too_many(text.count(b"<Line "))
    files: dict[str, FileCoverage] = {}
    table = LineTable()
    places = list(_FILE.finditer(text))
    ends = [following.start() for _, following in pairwise(places)] + [len(text)]
    for place, end in zip(places, ends, strict=False):
        told = safe_xml.attributes(place[2])
        path = bounded_name((told.get("FullPath") or told.get("Name") or "").removeprefix("./"))
        if not path:
            raise ReportError("A file in the coverage log has neither a path nor a name.")
        file = files.setdefault(path, FileCoverage(path, {}))
        _read_lines(text[place.end() : end], file, table)
    return CoverageReport(list(files.values()), warnings + table.warnings())


def _read_lines(text: bytes, file: FileCoverage, table: LineTable) -> None:
    rows = _PLAIN_LINE.findall(text)
    if len(rows) != text.count(b"<Line"):
        told = [safe_xml.attributes(tag[1]) for tag in _LINE_TAG.findall(text)]
        rows = [(line.get("Number", "").encode(), line.get("Count", "").encode()) for line in told]
    try:
        numbers = [int(number) + 1 for number, hits in rows if hits[:1] != b"-"]
    except ValueError as error:
        raise ReportError(f"A line without a number stands in {file.path[:200]}.") from error
    table.add(file, numbers, [hits for _, hits in rows if hits[:1] != b"-"])


def _totals_only(text: bytes, warnings: list[str]) -> CoverageReport:
    """The totals of ``Coverage.xml``: the sums over its files, compared with its own."""
    places = list(_FILE.finditer(text))
    sums: dict[str, int] = {}
    last = max(text.rfind(b"</File>"), places[-1].end() if places else 0)
    ends = [following.start() for _, following in pairwise(places)] + [last]
    for place, end in zip(places, ends, strict=False):
        for name, value in _figures(text[place.end() : end]).items():
            sums[name] = sums.get(name, 0) + value
    own = _figures(text[last:])
    told = sums if "loctested" in sums else own
    covered, missed = told.get("loctested"), told.get("locuntested")
    if covered is None or missed is None or max(covered, missed) > MAX_HITS:
        raise ReportError("The coverage has neither lines nor totals (LOCTested, LOCUntested).")
    taken, left = told.get("branchestested"), told.get("branchesuntested")
    known = taken is not None and left is not None and max(taken, left) <= MAX_HITS
    totals = CoverageCounts(
        files=len(places),
        lines_valid=covered + missed,
        lines_covered=covered,
        lines_partial=None,
        branches_valid=(taken or 0) + (left or 0) if known else None,
        branches_covered=taken if known else None,
    )
    report = CoverageReport([], warnings, totals=totals)
    if "loctested" in own and "locuntested" in own:
        warnings.extend(disagreement(report, own["loctested"], own["loctested"] + own["locuntested"]))
    return report


def _figures(text: bytes) -> dict[str, int]:
    """CTest writes “LOCUnTested” of a file and “LOCUntested” of all files."""
    return {name.decode().lower(): int(value) for name, value in _FIGURE.findall(text)}


CTEST_COVERAGE = Format(
    "ctest-coverage",
    "coverage",
    sniff,
    parse,
    meaning="CTest's Coverage.xml gives totals only; its CoverageLog files give the lines.",
)
