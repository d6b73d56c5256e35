"""The estate's table: the rows that were asked for, in groups, a page at a time or all of them for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, F, Func, Q, QuerySet, Subquery, Sum, Value

from dashboard.charts.bars import Part, pass_bar
from dashboard.models import Repository
from dashboard.queries.estate_rows import Row, row_of
from dashboard.queries.owners import OWNER, owner_of
from dashboard.queries.prepared import prepared
from dashboard.queries.statuses import MOST_ROWS, Asked, narrowed, ordered, visible, with_status
from dashboard.visibility import Reader

ROWS_AT_ONCE = 500
SHOWN = (
    *("full_name", "name", "tags", "archived", "condition", "reason", "evidence", "language", "private", "nights"),
    *("tests_total", "tests_passed", "tests_failed", "tests_errors", "tests_skipped", "tests_flaky", "duration_ms"),
    *("lines_valid", "lines_covered", "tests_delta", "failing_delta", "percent_delta"),
    *("evidence_at", "failing_since", "silent_since"),
    *("organization__login", "organization__title"),
    *("latest__sha", "latest__complete", "latest__tests_carried", "latest__coverage_carried"),
)
"""The columns that a row is drawn of."""


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

    key: str
    title: str
    login: str
    totals: GroupTotals | None
    rows: list[Row]

    @property
    def tag(self) -> str:
        """The tag that all its repositories carry; "" where they are grouped by something else."""
        return "" if self.login else self.key


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


# What was counted in logs is in no total (contract rule 9).
REPORTED = Q(evidence=Repository.Evidence.REPORT)
TOTALS = {
    "of": Count("pk"),
    "reporting": Count("pk", filter=REPORTED),
    "tests": Sum("tests_total", filter=REPORTED),
    "passed": Sum("tests_passed", filter=REPORTED),
    "failed": Sum("tests_failed", filter=REPORTED),
    "errors": Sum("tests_errors", filter=REPORTED),
    "skipped": Sum("tests_skipped", filter=REPORTED),
    "flaky": Sum("tests_flaky", filter=REPORTED),
    "duration": Sum("duration_ms", filter=REPORTED),
    "valid": Sum("lines_valid", filter=REPORTED),
    "covered": Sum("lines_covered", filter=REPORTED & Q(lines_valid__isnull=False)),
}


def table(
    reader: Reader,
    login: str,
    asked: Asked,
    night: datetime | None,
    last_night: date,
    now: datetime,
    totals: Mapping[str, GroupTotals],
    repositories: int,
) -> Table:
    """One query. ``totals`` are by group; ``last_night`` is the newest night of the sparklines.

    ``repositories``: how many there are where the table is not narrowed.
    """
    usual = Asked()
    shape = replace(asked, q="", columns=usual.columns, days=usual.days, since=None, until=None, range_error="")
    words: dict[str, str] = {}
    for number, (word, tag) in enumerate(asked.words):
        words |= {f"word_{number}": word, f"tag_{number}": tag}
    found = _page(reader, shape, login=login, night=night, **words)
    number = getattr(found[0], "found", repositories) if found else 0
    grouped = [
        _group(asked.group, key, [row_of(row, last_night, now) for row in members], totals)
        for key, members in groupby(found, key=lambda row: _group_key(row, asked.group))
    ]
    return Table(grouped, number, asked.page, max(1, -(-number // MOST_ROWS)))


@prepared
def _page(
    reader: Reader, asked: Asked, *, login: str, night: datetime | None, **words: str
) -> QuerySet[Repository]:
    """The rows of one page, each with how many there are on all of a table that is narrowed.

    The page is cut out of the repositories alone: joined first, the newest commits of all of them would be looked
    for among all commits that there are. ``words``: word_0, tag_0 and so on.
    """
    typed = [(words[f"word_{number}"], words[f"tag_{number}"]) for number in range(len(words) // 2)]
    start = MOST_ROWS * (asked.page - 1)
    all_rows = narrowed(with_status(visible(reader, login), night), asked, night, typed)
    cut = ordered(all_rows, asked).values("pk")[start : start + MOST_ROWS]
    shown = _drawn(ordered(with_status(Repository.objects.filter(pk__any=ArraySubquery(cut)), night), asked))
    if not (asked.narrowed or typed):
        return shown
    number = all_rows.order_by().annotate(all=Value(1)).values("all").annotate(of=Count("pk")).values("of")
    return shown.annotate(found=Subquery(number))


def every_row(
    reader: Reader, login: str, asked: Asked, night: datetime | None, last_night: date, now: datetime
) -> Iterator[Row]:
    """The rows of all pages in the table's order, read little by little; one query."""
    for row in _wanted(reader, login, asked, night).iterator(chunk_size=ROWS_AT_ONCE):
        yield row_of(row, last_night, now)


def _wanted(reader: Reader, login: str, asked: Asked, night: datetime | None) -> QuerySet[Repository]:
    rows = narrowed(with_status(visible(reader, login), night), asked, night, asked.words)
    return _drawn(ordered(rows, asked))


def _drawn(rows: QuerySet[Repository]) -> QuerySet[Repository]:
    return rows.select_related("organization", "latest").only(*SHOWN)


def _group_key(row: Repository, group: str) -> tuple[str, str]:
    """What the row is grouped by, and the heading."""
    if group == "organization":
        return row.organization.login, str(row.organization)
    if group == "tag":
        return (row.tags[0], row.tags[0]) if row.tags else ("", "No tag")
    if group == "owner":
        owner = owner_of(row.tags)
        return (f"{OWNER}{owner}", owner) if owner else ("", "No owner")
    return "", ""


def _group(kind: str, key: tuple[str, str], rows: list[Row], totals: Mapping[str, GroupTotals]) -> Group:
    if kind == "none":
        return Group("", "", "", None, rows)
    return Group(key[0], key[1], key[0] if kind == "organization" else "", totals.get(key[0]), rows)


class Unnest(Func):
    """One row for each element of an array."""

    function = "unnest"
    set_returning = True


@prepared
def _by_tag(reader: Reader, *, login: str) -> QuerySet[Any]:
    rows = visible(reader, login).active().exclude(tags=[])
    sums = rows.annotate(key=Unnest("tags", output_field=CharField())).values("key").annotate(**TOTALS)
    return sums.order_by(F("of").desc(), F("key"))


def tag_totals(reader: Reader, login: str) -> dict[str, GroupTotals]:
    """By tag, the most used first; an active repository counts under each of its tags; one query."""
    return {row["key"]: totals_of({"title": row["key"], **row}) for row in _by_tag(reader, login=login)}


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
