"""kcov's summary (``coverage.json``).

Written by: kcov 32 to 43.
Specified in: ``json-writer.cc`` of kcov.
Read: covered and all lines of every file.
Dropped: limits, command and date. The lines themselves stand in what kcov writes beside it: ``cobertura.xml`` (or
``cov.xml``), ``codecov.json`` and ``sonarqube.xml``, which are read as these formats.
Meaning: lines, as kcov counts them. The summary names no line, so it is totals only; where one of the others
stands beside it, that one counts.
"""

from __future__ import annotations

from msgspec import Struct

from collectors.parsers.json_reading import outline
from collectors.parsers.json_typed import read
from collectors.parsers.lines import MAX_HITS, disagreement
from collectors.parsers.results import CoverageCounts, CoverageReport, Format, ReportError
from collectors.parsers.text import count

_OWN = {"percent_covered", "covered_lines", "total_lines", "percent_low", "percent_high"}
_OF_A_FILE = {"files[].file", "files[].percent_covered", "files[].covered_lines", "files[].total_lines"}


def sniff(head: bytes) -> bool:
    """Whether the totals' keys, or those of a file, are kcov's."""
    keys = outline(head)
    return keys >= _OWN or keys >= _OF_A_FILE


class _Entry(Struct):
    file: str = "the totals"
    covered_lines: int | str | None = None
    total_lines: int | str | None = None


class _Summary(_Entry):
    files: list[_Entry] | None = None


def parse(data: bytes) -> CoverageReport:
    """Add up the files and compare them with the totals. Raises ReportError."""
    warnings: list[str] = []
    told = read(data, _Summary, warnings)
    if told.files is None:
        raise ReportError("The JSON has no “files”: it is cut short or no summary of kcov.")
    listed = [_lines(entry) for entry in told.files]
    covered, valid = sum(file[0] for file in listed), sum(file[1] for file in listed)
    report = CoverageReport([], warnings, totals=CoverageCounts(len(listed), valid, covered, None, None, None))
    if told.total_lines is not None:
        warnings.extend(disagreement(report, *_lines(told)))
    return report


def _lines(entry: _Entry) -> tuple[int, int]:
    """Covered and all lines, which kcov writes as texts in a file and as numbers in the totals."""
    covered, valid = count(entry.covered_lines), count(entry.total_lines)
    if covered is None or valid is None or not 0 <= covered <= valid <= MAX_HITS:
        name = entry.file[:200]
        raise ReportError(f"The lines of {name} do not add up (“covered_lines” of “total_lines”).")
    return covered, valid


KCOV = Format(
    "kcov",
    "coverage",
    sniff,
    parse,
    meaning="kcov's coverage.json gives totals only; its other files give the lines.",
)
