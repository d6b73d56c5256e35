"""The estate's table: one row for each repository that was asked for, in groups, bounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import CharField, Count, F, Func, Q, QuerySet, Sum, Window

from dashboard.charts.bars import Part, pass_bar
from dashboard.charts.line import Line, line
from dashboard.charts.windows import Pane, Windows, windows
from dashboard.models import Repository
from dashboard.packing import Night, unpack_nights
from dashboard.queries.statuses import MOST_ROWS, Asked, narrowed, ordered
from dashboard.wording import UNKNOWN, age_in_days, count, percent

SPARKLINE_NIGHTS = 30
# Evidence older than this was expected sooner: a night and half a day.
LATE = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Row:
    """A repository as the table shows it; None is unknown. ``trouble`` stands beside the failing count."""

    full_name: str
    owner: str
    name: str
    organization: str
    status: str
    reason: str
    tests: int | None
    tests_delta: int | None
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    failing: int | None
    trouble: str
    percent: float | None
    percent_delta: float | None
    lines_covered: int | None
    lines_valid: int | None
    flaky: int | None
    duration_ms: int | None
    seen: datetime | None
    late: bool
    evidence: str
    tags: tuple[str, ...]
    language: str
    private: bool
    nights: Windows | None
    nights_in_words: str
    coverage: Line | None
    coverage_in_words: str
    bar: list[Part]

    @property
    def needs_you(self) -> bool:
        return self.status in ("broke", "silent")

    @property
    def has_evidence(self) -> bool:
        return self.evidence != Repository.Evidence.NONE


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """Sums over the active repositories of a group, whatever the table is narrowed to."""

    key: str
    title: str
    of: int
    reporting: int
    tests: int | None
    failing: int | None
    flaky: int | None
    duration_ms: int | None
    percent: float | None
    bar: list[Part]


@dataclass(frozen=True, slots=True)
class Group:
    """``totals`` is None in a table without groups. ``login`` links to the organization's page, "" does not."""

    title: str
    login: str
    totals: GroupTotals | None
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """``count`` is of all pages together."""

    groups: list[Group]
    count: int
    page: int
    pages: int

    @property
    def before(self) -> int:
        return self.page - 1

    @property
    def after(self) -> int:
        return self.page + 1

    @property
    def rows(self) -> Iterable[Row]:
        return (row for group in self.groups for row in group.rows)


TOTALS = {
    "of": Count("pk"),
    "reporting": Count("pk", filter=Q(latest__isnull=False)),
    "tests": Sum("tests_total"),
    "passed": Sum("tests_passed"),
    "failed": Sum("tests_failed"),
    "errors": Sum("tests_errors"),
    "skipped": Sum("tests_skipped"),
    "flaky": Sum("tests_flaky"),
    "duration": Sum("duration_ms"),
    "valid": Sum("lines_valid"),
    "covered": Sum("lines_covered", filter=Q(lines_valid__isnull=False)),
}


def table(
    rows: QuerySet[Repository],
    asked: Asked,
    night: datetime | None,
    last_night: date,
    now: datetime,
    totals: Mapping[str, GroupTotals],
    bounded: bool = True,
) -> Table:
    """One query. ``rows`` carry their status; ``totals`` are by group; unbounded only for a file to keep.

    ``last_night`` is the newest night of the sparklines.
    """
    wanted = ordered(narrowed(rows, asked, night), asked).select_related("organization", "latest")
    wanted = wanted.annotate(found=Window(Count("pk"))).defer(
        "description", "facts_etag", "runs_etag", "latest__title"
    )
    start = MOST_ROWS * (asked.page - 1) if bounded else 0
    found = list(wanted[start : start + MOST_ROWS] if bounded else wanted)
    number = getattr(found[0], "found", 0) if found else 0
    grouped = [
        _group(asked.group, key, [row_of(row, last_night, now) for row in members], totals)
        for key, members in groupby(found, key=lambda row: _group_key(row, asked.group))
    ]
    return Table(grouped, number, asked.page, max(1, -(-number // MOST_ROWS)))


def _group_key(row: Repository, group: str) -> tuple[str, str]:
    """What the row is grouped by, and the heading."""
    if group == "organization":
        return row.organization.login, str(row.organization)
    if group == "tag":
        return (row.tags[0], row.tags[0]) if row.tags else ("", "No tag")
    return "", ""


def _group(kind: str, key: tuple[str, str], rows: list[Row], totals: Mapping[str, GroupTotals]) -> Group:
    if kind == "none":
        return Group("", "", None, rows)
    return Group(key[1], key[0] if kind == "organization" else "", totals.get(key[0]), rows)


def row_of(row: Repository, last_night: date, now: datetime) -> Row:
    """The stored row as its values; ``last_night`` is the newest night of the sparklines."""
    shown = _last_nights(row, last_night) if row.latest is not None else []
    status = str(getattr(row, "status", row.condition))
    rates = [night.percent if night else None for night in shown]
    return Row(
        full_name=row.full_name,
        owner=row.full_name.partition("/")[0],
        name=row.name,
        organization=str(row.organization),
        status=status,
        reason="archived" if row.archived and not row.reason else row.reason or "never reported",
        tests=row.tests_total,
        tests_delta=row.tests_delta,
        passed=row.tests_passed,
        failed=row.tests_failed,
        errors=row.tests_errors,
        skipped=row.tests_skipped,
        failing=row.failing,
        trouble=_trouble(row, status, now),
        percent=row.percent,
        percent_delta=row.percent_delta,
        lines_covered=row.lines_covered,
        lines_valid=row.lines_valid,
        flaky=row.tests_flaky,
        duration_ms=row.duration_ms,
        seen=row.evidence_at,
        late=row.evidence_at is not None and now - row.evidence_at > LATE,
        evidence=_grade(row),
        tags=tuple(row.tags),
        language=row.language,
        private=row.private,
        nights=windows(_panes(shown)) if row.tests_total is not None else None,
        nights_in_words=_in_words([night.tests if night else None for night in shown]),
        coverage=line(rates) if row.percent is not None else None,
        coverage_in_words=_in_words(rates, percents=True),
        bar=pass_bar(row.tests_passed or 0, row.tests_failed or 0, row.tests_errors or 0, row.tests_skipped or 0),
    )


def _last_nights(row: Repository, last_night: date) -> list[Night | None]:
    """Thirty places ending at the newest night; None is a night without evidence.

    A repository whose night has not come yet today ends a day earlier, unless it has fallen silent.
    """
    by_day = {night.day: night for night in unpack_nights(row.nights)}
    yesterday = last_night - timedelta(days=1)
    if last_night not in by_day and yesterday in by_day and row.silent_since is None:
        last_night = yesterday
    return [by_day.get(last_night - timedelta(days=back)) for back in range(SPARKLINE_NIGHTS - 1, -1, -1)]


def _panes(nights: Sequence[Night | None]) -> list[Pane | None]:
    """A place before the first known night stays empty; after it, a night without evidence is hollow."""
    panes: list[Pane | None] = []
    for night in nights:
        if night is None or night.tests is None:
            panes.append(Pane(None) if any(panes) else None)
        else:
            panes.append(Pane(night.tests, night.failing or 0))
    return panes


def _in_words(values: Sequence[int | float | None], percents: bool = False) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "no evidence in 30 nights"
    write = percent if percents else count
    first, last, low, high = write(known[0]), write(known[-1]), write(min(known)), write(max(known))
    return f"{first} to {last} in 30 nights, low {low}, high {high}"


def _grade(row: Repository) -> str:
    latest = row.latest
    if latest is None:
        return row.evidence
    if not latest.complete:
        return "incomplete"
    return "carried" if latest.tests_carried or latest.coverage_carried else row.evidence


def _trouble(row: Repository, status: str, now: datetime) -> str:
    """ "new", "27 new" of more, or how long it has been failing."""
    if not row.failing:
        return ""
    if status == "broke":
        more = row.failing_delta
        return f"{more} new" if more is not None and 0 < more < row.failing else "new"
    age = age_in_days(row.failing_since, now)
    return "" if age == UNKNOWN else age


class Unnest(Func):
    """One row for each element of an array."""

    function = "unnest"
    set_returning = True


def tag_totals(rows: QuerySet[Repository]) -> dict[str, GroupTotals]:
    """By tag, the most used first; a repository counts under each of its tags; one query."""
    found = rows.annotate(key=Unnest("tags", output_field=CharField())).values("key").annotate(**TOTALS)
    return {row["key"]: totals_of({"title": row["key"], **row}) for row in found.order_by(F("of").desc(), F("key"))}


def totals_of(row: Mapping[str, Any]) -> GroupTotals:
    """A row of sums by group; ``key`` and ``title`` name the group."""

    def number(name: str) -> int:
        value = row[name]
        return value if isinstance(value, int) else 0

    known = row["tests"] is not None
    return GroupTotals(
        key=str(row["key"]),
        title=str(row["title"] or row["key"]),
        of=number("of"),
        reporting=number("reporting"),
        tests=number("tests") if known else None,
        failing=number("failed") + number("errors") if known else None,
        flaky=number("flaky") if known else None,
        duration_ms=number("duration") if row["duration"] is not None else None,
        percent=100 * number("covered") / number("valid") if number("valid") else None,
        bar=pass_bar(number("passed"), number("failed"), number("errors"), number("skipped")),
    )
