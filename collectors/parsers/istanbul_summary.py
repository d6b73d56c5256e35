"""Istanbul's ``coverage-summary.json``: totals of lines, statements, functions and branches, by file.

Written by: the ``json-summary`` reporter of Istanbul: nyc 11 to 18, c8, Jest 22 and later, Vitest, Karma,
monocart.
Specified in: istanbul-reports, ``json-summary``; istanbul-lib-coverage, ``CoverageSummary``.
Read: covered and total lines and branches of every file; how many files there are.
Dropped: statements, functions, ``branchesTrue``, skipped counts, percentages.
Meaning: the counts are Istanbul's own. No line is named, so that no file can be shown line by line, and a commit's
other reports of the same group that name lines stand instead.
Notes: the files are summed; ``total`` counts only where no file is listed, and a warning says where it differs.
"""

from __future__ import annotations

from typing import Any

from collectors.parsers.json_reading import load_object, mapping, outline, whole
from collectors.parsers.lines import MAX_HITS
from collectors.parsers.results import CoverageCounts, CoverageReport, Format, ReportError


def sniff(head: bytes) -> bool:
    """Whether an object begins whose entries have percentages of lines and of statements or functions.

    Monocart's own report has such summaries inside.
    """
    keys = outline(head)
    if "type" in keys or "files" in keys:
        return False
    found = {key.removesuffix(".lines.pct") for key in keys if key.endswith(".lines.pct")}
    # A summary's entries stand at the top; paths have dots of their own, so what stands above is looked for.
    found = {name for name in found if not any(name.startswith((f"{key}.", f"{key}[]")) for key in keys)}
    return any(f"{name}.statements.pct" in keys or f"{name}.functions.pct" in keys for name in found)


def parse(data: bytes) -> CoverageReport:
    """Read the totals. Raises ReportError."""
    warnings: list[str] = []
    document = load_object(data, warnings)
    total = document.pop("total", None)
    files = [(*_pair(entry, "lines", path), *_pair(entry, "branches", path)) for path, entry in document.items()]
    own = (*_pair(total, "lines", "total"), *_pair(total, "branches", "total")) if total is not None else None
    if not files and own is None:
        raise ReportError("The summary has neither a total nor a file.")
    sums = tuple(map(sum, zip(*files, strict=True))) if files else own or (0, 0, 0, 0)
    covered, valid, taken, branches = sums
    if own and own[:2] != (covered, valid):
        warnings.append(
            f"The file's own total says {own[0]} of {own[1]} lines covered, its files give {covered} of {valid}; "
            "the files were counted."
        )
    totals = CoverageCounts(
        files=len(files),
        lines_valid=valid,
        lines_covered=covered,
        lines_partial=None,
        branches_valid=branches,
        branches_covered=taken,
    )
    return CoverageReport([], warnings, totals=totals)


def _pair(entry: Any, kind: str, name: str) -> tuple[int, int]:
    """Covered and total of one kind; an entry without branches has none."""
    told = mapping(entry).get(kind)
    if told is None and kind == "branches":
        return 0, 0
    covered, valid = whole(mapping(told).get("covered")), whole(mapping(told).get("total"))
    if covered is None or valid is None or not covered <= valid <= MAX_HITS:
        raise ReportError(f"“{kind}” of {name[:200]} has no covered and total.")
    return covered, valid


ISTANBUL_SUMMARY = Format(
    "istanbul-summary",
    "coverage",
    sniff,
    parse,
    meaning="Totals of each file only: which lines ran is not in this report.",
)
