"""LLVM's JSON export (``llvm-cov export``): segments of source text with their counts, by file.

Written by: ``llvm-cov export`` of LLVM 6 to 22 (versions 2.0.0 to 3.1.0 of the format), cargo-llvm-cov
(``--json``), Swift's package manager and Xcode (``swift test --enable-code-coverage``), Zig and others over LLVM;
also with ``-summary-only``.
Specified in: llvm-cov, ``CoverageExporterJson.cpp``; LLVM's ``CoverageMapping.cpp`` for what a line is.
Read: each file's segments, made into lines as LLVM makes them, and its branches; of a summary its totals.
Dropped: functions, regions, instantiations, expansions (macros), MC/DC records.
Meaning: a line is valid where a counted region begins or goes on, and has the highest count of the regions that
begin on it and of the one that reaches into it, as in ``llvm-cov show``. Every condition is two branches, true and
false; one that comes several times (instances of a template) is taken if any instance took it.
Differences:
    * llvm-cov, cargo-llvm-cov: the totals that they print are sums over functions, so that a line of two functions
      counts twice, or as missed although another function on it ran; a warning says by how much.
Notes: a branch's identity is its place in the source, with T or F. Which conditions the compiler folded is not in
the export. LLVM before 15 took a line on which a skipped region begins as not valid even if a counted region
begins behind it; the export does not say which version wrote it, so that later versions' rule holds for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from collectors.parsers.branches import add_named
from collectors.parsers.json_reading import load_object, mapping, objects, outline, whole
from collectors.parsers.lines import MAX_HITS, MAX_LINE, LineTable, disagreement, refuse_too_many
from collectors.parsers.results import CoverageCounts, CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name

_KEYS = ("filename", "segments", "branches", "expansions")

Segment = tuple[int, int, bool, bool, bool]
"""Line, count, whether it has a count, whether a region begins with it, whether that is a gap."""

Branch = list[Any]
"""First line and column, last line and column, how often true and false, and more."""

_LINE = itemgetter(0)  # of a segment


def sniff(head: bytes) -> bool:
    """Whether the keys are those of the export, in whichever order."""
    keys = outline(head)
    return any(f"data[].files[].{key}" in keys for key in _KEYS) or (
        b"llvm.coverage.json.export" in as_utf8(head) and "type" in keys
    )


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file, or the totals. Raises ReportError."""
    warnings: list[str] = []
    document = load_object(data, warnings)
    if not isinstance(document.get("data"), list):
        raise ReportError("The JSON has no “data”: it is cut short or no export of llvm-cov.")
    exports = objects(document["data"])
    entries = [entry for export in exports for entry in objects(export.get("files"))]
    if not any("segments" in entry for entry in entries):
        return CoverageReport([], warnings, totals=_totals(exports, entries))
    table = LineTable()
    files: dict[str, FileCoverage] = {}
    spans = 0
    for entry in entries:
        path = bounded_name(str(entry.get("filename") or ""))
        file = files.setdefault(path, FileCoverage(path, {}))
        segments = _segments(entry, path)
        spans += segments[-1][0] - segments[0][0] + 1 if segments else 0
        refuse_too_many(spans)
        lines = dict(_lines(segments))
        table.add(file, list(lines), list(lines.values()))
        add_named(file, _branches(entry, path))
    report = CoverageReport(list(files.values()), warnings + table.warnings())
    if len(exports) == 1 and "totals" in exports[0]:
        own = mapping(mapping(exports[0]["totals"]).get("lines"))
        report.warnings += disagreement(report, whole(own.get("covered")), whole(own.get("count")))
    return report


def _segments(entry: dict[str, Any], path: str) -> list[Segment]:
    told = entry.get("segments") or []
    try:
        found = [(s[0], s[2], s[3], s[4], len(s) > 5 and s[5]) for s in told]
    except (IndexError, KeyError, TypeError) as error:
        raise ReportError(f"A segment of {path[:200]} is no list of line, column, count and marks.") from error
    if not {*map(type, map(_LINE, found)), *map(type, map(itemgetter(1), found))} <= {int}:
        raise ReportError(f"A segment of {path[:200]} has no line or count.")
    return found


def _lines(segments: list[Segment]) -> Iterator[tuple[int, int]]:
    """Line and count of every line that a counted region touches, as LLVM's LineCoverageStats tells them."""
    reaching: Segment | None = None  # the last segment of the lines above: its region goes on
    after = 0
    for line, group in groupby(segments, key=_LINE):
        if not after <= line <= MAX_LINE:
            raise ReportError(f"The segments are not in the order of their lines at line {line}.")
        if reaching and reaching[2]:
            yield from ((number, reaching[1]) for number in range(after, line))
        on_it = list(group)
        entries = [segment for segment in on_it if segment[2] and segment[3]]
        skipped = on_it[0][3] and not on_it[0][2]
        if entries or (reaching and reaching[2] and not skipped):
            counts = [segment[1] for segment in entries if not segment[4]]
            yield line, max([*counts, reaching[1] if reaching else 0])
        reaching, after = on_it[-1], line + 1


def _branches(entry: dict[str, Any], path: str) -> dict[int, dict[str, bool]]:
    taken: dict[int, dict[str, bool]] = {}
    try:
        for branch in entry.get("branches") or ():
            line, column, end_line, end_column, when_true, when_false = branch[:6]
            names = taken.setdefault(int(line), {})
            for mark, times in (("T", when_true), ("F", when_false)):
                name = f"{int(column)}-{int(end_line) - int(line)}:{int(end_column)}{mark}"
                names[name] = names.get(name, False) or times > 0
    except (TypeError, ValueError, OverflowError) as error:
        raise ReportError(f"A branch of {path[:200]} is no list of places and counts.") from error
    return taken


def _totals(exports: list[dict[str, Any]], entries: list[dict[str, Any]]) -> CoverageCounts:
    """The totals of ``-summary-only``, or of an export without a file."""
    sums = [0, 0, 0, 0]
    for export in exports:
        told = mapping(export.get("totals"))
        pairs = [_pair(told, "lines"), _pair(told, "branches") if "branches" in told else (0, 0)]
        sums = [known + more for known, more in zip(sums, [*pairs[0], *pairs[1]], strict=True)]
    if not exports:
        raise ReportError("The export has neither files nor totals.")
    covered, valid, taken, branches = sums
    return CoverageCounts(len(entries), valid, covered, None, branches, taken)


def _pair(told: dict[str, Any], kind: str) -> tuple[int, int]:
    covered, valid = whole(mapping(told.get(kind)).get("covered")), whole(mapping(told.get(kind)).get("count"))
    if covered is None or valid is None or not covered <= valid <= MAX_HITS:
        raise ReportError(f"The totals have no {kind} covered and counted.")
    return covered, valid


LLVM_COV = Format(
    "llvm-cov",
    "coverage",
    sniff,
    parse,
    meaning="Lines as llvm-cov shows them; the totals that it prints are sums over functions.",
)
