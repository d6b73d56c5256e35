"""The table of the estate as a file, column by column as the page shows it; unknown is empty."""

from __future__ import annotations

import csv

from django.http import HttpResponse

from dashboard.queries.estate_rows import Table

COLUMNS = (
    "repository",
    "organization",
    "status",
    "tests",
    "tests_change",
    "passed",
    "failed",
    "errors",
    "skipped",
    "coverage_percent",
    "coverage_change_points",
    "lines_covered",
    "lines_valid",
    "flaky",
    "duration_seconds",
    "evidence",
    "seen",
    "tags",
    "reason",
)
# A spreadsheet takes a cell that begins so for a formula; a name or a tag may.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def estate_csv(table: Table, name: str) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="clerestory-{name}.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for row in table.rows:
        writer.writerow(
            [
                _text(row.full_name),
                _text(row.organization),
                row.status,
                row.tests,
                row.tests_delta,
                row.passed,
                row.failed,
                row.errors,
                row.skipped,
                row.percent,
                row.percent_delta,
                row.lines_covered,
                row.lines_valid,
                row.flaky,
                None if row.duration_ms is None else row.duration_ms / 1_000,
                row.evidence,
                row.seen.isoformat() if row.seen else None,
                _text(" ".join(row.tags)),
                _text(row.reason) if not row.has_evidence else "",
            ]
        )
    return response


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
