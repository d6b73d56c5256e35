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

from typing import Any

from collectors.parsers.json_reading import load_object, objects, outline
from collectors.parsers.lines import MAX_HITS, disagreement
from collectors.parsers.results import CoverageCounts, CoverageReport, Format, ReportError
from collectors.parsers.text import count

_OWN = {"percent_covered", "covered_lines", "total_lines", "percent_low", "percent_high"}
_OF_A_FILE = {"files[].file", "files[].percent_covered", "files[].covered_lines", "files[].total_lines"}


def sniff(head: bytes) -> bool:
    """Whether the totals' keys, or those of a file, are kcov's."""
    keys = outline(head)
    return keys >= _OWN or keys >= _OF_A_FILE


def parse(data: bytes) -> CoverageReport:
    """Add up the files and compare them with the totals. Raises ReportError."""
    warnings: list[str] = []
    document = load_object(data, warnings)
    told = document.get("files")
    if not isinstance(told, list):
        raise ReportError("The JSON has no “files”: it is cut short or no summary of kcov.")
    listed = [_lines(entry) for entry in objects(told)]
    covered, valid = sum(file[0] for file in listed), sum(file[1] for file in listed)
    report = CoverageReport([], warnings, totals=CoverageCounts(len(listed), valid, covered, None, None, None))
    if "total_lines" in document:
        warnings.extend(disagreement(report, *_lines(document)))
    return report


def _lines(entry: dict[str, Any]) -> tuple[int, int]:
    """Covered and all lines, which kcov writes as texts in a file and as numbers in the totals."""
    covered, valid = _whole(entry.get("covered_lines")), _whole(entry.get("total_lines"))
    if covered is None or valid is None or not 0 <= covered <= valid <= MAX_HITS:
        name = str(entry.get("file", "the totals"))[:200]
        raise ReportError(f"The lines of {name} do not add up (“covered_lines” of “total_lines”).")
    return covered, valid


def _whole(value: object) -> int | None:
    return count(value) if isinstance(value, str) else value if type(value) is int else None


KCOV = Format(
    "kcov",
    "coverage",
    sniff,
    parse,
    meaning="kcov's coverage.json gives totals only; its other files give the lines.",
)
