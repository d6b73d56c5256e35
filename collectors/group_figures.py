"""The figures of one report group on one commit, and of several groups together (contract rules 4 and 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from collectors.parsers.results import Outcome
from dashboard.models import CoverageManifest, LineMap, Report, Results, SnapshotGroup
from dashboard.packing import unpack_outcomes

Counts = dict[str, int | None]

TESTS = (
    "tests_total",
    "tests_passed",
    "tests_failed",
    "tests_errors",
    "tests_skipped",
    "tests_executions",
    "tests_flaky",
)
LINES = ("lines_valid", "lines_covered", "lines_partial", "branches_valid", "branches_covered", "files")
TOTALS = ("lines_valid", "lines_covered", "branches_valid", "branches_covered")


def test_figures(results: Results | None, executions: int, reports: Iterable[Report]) -> Counts:
    """Of merged results; None throughout where the group holds no tests."""
    if results is None:
        return dict.fromkeys([*TESTS, "duration_ms"])
    outcomes, wavering = unpack_outcomes(results.outcomes)
    tally = Counter(outcomes)
    durations = [report.duration_ms for report in reports if report.duration_ms is not None]
    return {
        "tests_total": tally.total(),
        "tests_passed": tally[Outcome.PASSED],
        "tests_failed": tally[Outcome.FAILED],
        "tests_errors": tally[Outcome.ERROR],
        "tests_skipped": tally[Outcome.SKIPPED],
        "tests_executions": executions,
        "tests_flaky": sum(wavering),
        "duration_ms": sum(durations) if durations else None,
    }


def coverage_figures(manifest: CoverageManifest | None, reports: Sequence[Report]) -> Counts:
    """Of a group's union of lines; where no report of it has lines, the best report's totals (rule 5)."""
    figures = line_figures(manifest)
    if manifest is None:
        known = [report for report in reports if report.lines_valid is not None]
        best = max(known, key=lambda report: (report.lines_valid or 0, report.lines_covered or 0), default=None)
        return figures if best is None else figures | {name: getattr(best, name) for name in TOTALS}
    if len({report.manifest_id for report in reports}) == 1 and not figures["branches_valid"]:
        # One report as it stands: it may know branches that it hangs on no line.
        figures |= {name: getattr(reports[0], name) for name in ("branches_valid", "branches_covered")}
    return figures


def line_figures(manifest: CoverageManifest | None) -> Counts:
    """Sums over the files whose valid lines are known; where none is, only the executed lines are (rule 5)."""
    unknown: Counts = dict.fromkeys(LINES)
    if manifest is None:
        return unknown
    rows = LineMap.objects.filter(pk__in=set(manifest.line_map_ids))
    maps = {row.pk: row for row in rows.defer("packed")}
    lines = [maps[pk] for pk in manifest.line_map_ids]
    exact = [row for row in lines if row.valid is not None]
    if lines and not exact:
        return unknown | {"lines_covered": sum(row.covered for row in lines), "files": len(lines)}
    return {
        "lines_valid": sum(row.valid or 0 for row in exact),
        "lines_covered": sum(row.covered for row in exact),
        "lines_partial": sum(row.partial or 0 for row in exact),
        "branches_valid": sum(row.branches_valid or 0 for row in exact),
        "branches_covered": sum(row.branches_covered or 0 for row in exact),
        "files": len(lines),
    }


def together(manifest: CoverageManifest | None, rows: Sequence[SnapshotGroup]) -> dict[str, Any]:
    """All groups of a commit: their tests added up, their lines as the union that ``manifest`` holds."""
    figures: dict[str, Any] = {name: _sum(rows, name) for name in (*TESTS, "duration_ms")}
    lines = line_figures(manifest)
    with_branches = [row for row in rows if row.manifest_id and row.branches_valid]
    if not lines["branches_valid"] and len(with_branches) == 1:
        lines |= {name: getattr(with_branches[0], name) for name in ("branches_valid", "branches_covered")}
    for row in rows:
        if row.manifest_id is None and row.lines_valid is not None:
            lines |= {name: (lines[name] or 0) + (getattr(row, name) or 0) for name in TOTALS}
    return figures | lines


def _sum(rows: Sequence[SnapshotGroup], name: str) -> int | None:
    known = [value for row in rows if (value := getattr(row, name)) is not None]
    return sum(known) if known else None
