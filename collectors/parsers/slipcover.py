"""SlipCover's JSON report (``slipcover --json``): coverage.py's shape, by another tool.

Written by: slipcover 0.2 to 1.1 (``--json``, ``--out``, ``--merge``, ``--branch``).
Specified in: slipcover, ``schemas.py`` and ``slipcover.py``.
Read: each file's executed and missing lines and branches.
Dropped: summaries (only compared), percentages, which mix branches in.
Meaning: an executed line has one hit. A branch goes from a line to another; one that leaves the function goes to
0.
Differences:
    * slipcover: the percentage that it prints mixes branches in where they were measured.
Notes: a branch's identity is the line that it goes to.
"""

from __future__ import annotations

from typing import Any

from collectors.parsers.branches import add_named
from collectors.parsers.json_reading import load_object, mapping, outline, whole
from collectors.parsers.lines import LineTable, disagreement, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name


def sniff(head: bytes) -> bool:
    """Whether slipcover signed it; coverage.py writes the same shape."""
    keys = outline(head)
    return "meta.software" in keys and b'"slipcover"' in head and ("files" in keys or "summary" in keys)


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many(data.count(b","))
    warnings: list[str] = []
    document = load_object(data, warnings)
    told = document.get("files")
    if not isinstance(told, dict):
        raise ReportError("The JSON has no “files”: it is cut short or no report of slipcover.")
    table = LineTable()
    files = [_read_file(path, mapping(entry), table) for path, entry in told.items()]
    report = CoverageReport(files, warnings + table.warnings())
    own = mapping(document.get("summary"))
    covered, missing = whole(own.get("covered_lines")), whole(own.get("missing_lines"))
    if covered is not None and missing is not None:
        report.warnings += disagreement(report, covered, covered + missing)
    return report


def _read_file(path: str, entry: dict[str, Any], table: LineTable) -> FileCoverage:
    file = FileCoverage(bounded_name(path), {})
    try:
        missed = list(map(int, entry.get("missing_lines") or ()))
        executed = list(map(int, entry.get("executed_lines") or ()))
        table.add_covered(file, executed, missed)
        taken: dict[int, dict[str, bool]] = {}
        for key, was_taken in (("missing_branches", False), ("executed_branches", True)):
            for start, end in entry.get(key) or ():
                taken.setdefault(int(start), {})[f"{int(end)}"] = was_taken  # of two the executed one stands
        add_named(file, taken)
    except (TypeError, ValueError, OverflowError) as error:
        raise ReportError(f"The lines or branches of {path[:200]} are no numbers.") from error
    return file


SLIPCOVER = Format("slipcover", "coverage", sniff, parse)
