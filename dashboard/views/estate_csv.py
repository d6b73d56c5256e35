"""The estate's table as a file: the rows, the order and the columns of the page, all pages; unknown is empty."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from dashboard.queries.estate_rows import Row

Cell = str | int | float | None
Field = tuple[str, Callable[[Row], Cell]]

# A spreadsheet takes a cell that begins so for a formula; a name or a tag may.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")

ALWAYS: tuple[Field, ...] = (
    ("repository", lambda row: _text(row.full_name)),
    ("status", lambda row: row.status),
    ("reason", lambda row: "" if row.has_evidence else _text(row.reason)),
)
FIELDS: dict[str, tuple[Field, ...]] = {
    "tests": (("tests", lambda row: row.tests), ("tests_change", lambda row: row.tests_delta)),
    "nights": (("tests_30_nights", lambda row: _nights(row.tests_by_night)),),
    "outcome": (
        ("passed", lambda row: row.passed),
        ("failed", lambda row: row.failed),
        ("errors", lambda row: row.errors),
        ("skipped", lambda row: row.skipped),
    ),
    "coverage": (
        ("coverage_percent", lambda row: row.percent),
        ("coverage_change_points", lambda row: row.percent_delta),
    ),
    "trend": (("coverage_30_nights", lambda row: _nights(row.percents_by_night)),),
    "flaky": (("flaky", lambda row: row.flaky),),
    "duration": (("duration_seconds", lambda row: None if row.duration_ms is None else row.duration_ms / 1_000),),
    "seen": (("seen", lambda row: row.seen.isoformat() if row.seen else None),),
    "evidence": (("evidence", lambda row: row.evidence),),
    "tags": (("tags", lambda row: _text(" ".join(row.tags))),),
    "organization": (("organization", lambda row: _text(row.organization)),),
    "owner": (("owner", lambda row: _text(row.owned_by)),),
    "pass-rate": (("pass_rate_percent", lambda row: row.pass_rate),),
    "lines": (("lines_covered", lambda row: row.lines_covered), ("lines_valid", lambda row: row.lines_valid)),
    "language": (("language", lambda row: _text(row.language)),),
}


def estate_csv(rows: Iterable[Row], columns: Sequence[str], name: str) -> StreamingHttpResponse:
    """Sent row by row, so that ten thousand repositories need no more memory than one."""
    response = StreamingHttpResponse(_lines(rows, columns), content_type="text/csv; charset=utf-8")
    safe = NOT_IN_A_FILE_NAME.sub("-", name)
    response["Content-Disposition"] = f'attachment; filename="clerestory-{safe}.csv"'
    return response


class _Echo:
    """A file that gives back what is written into it: the csv module knows how to quote, and no more."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:
    fields = [*ALWAYS, *(field for column in columns for field in FIELDS[column])]
    writer = csv.writer(_Echo())
    yield writer.writerow([name for name, _ in fields])
    for row in rows:
        yield writer.writerow([value(row) for _, value in fields])


def _nights(values: Sequence[int | float | None]) -> str:
    """Thirty figures in one cell, oldest first; an empty place is a night without evidence."""
    return ";".join("" if value is None else str(value) for value in values)


def _text(value: str) -> str:
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA_STARTS) else value
