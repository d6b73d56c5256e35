"""The estate's table: the rows that were asked for, in groups, a page at a time or all of them for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, QuerySet, Subquery, Value

from dashboard.charts.bars import Part, pass_bar
from dashboard.models import Organization, Repository
from dashboard.queries.estate_rows import COLUMNS, Row, StoredRow, row_of
from dashboard.queries.organization_sums import Sums
from dashboard.queries.owners import OWNER, owner_of
from dashboard.queries.prepared import prepared
from dashboard.queries.statuses import MOST_ROWS, Asked, narrowed, ordered, visible, with_status
from dashboard.visibility import Reader

ROWS_AT_ONCE = 500


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
    bar: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``totals`` is None in a table without groups. ``login`` links to the organization's page, "" does not."""

    key: str
    title: str
    login: str
    totals: GroupTotals | None
    rows: tuple[Row, ...]

    @property
    def tag(self) -> str:
        """The tag that all its repositories carry; "" where they are grouped by something else."""
        return "" if self.login else self.key


@dataclass(frozen=True, slots=True)
class Table:
    """``count`` is of all pages together."""

    groups: tuple[Group, ...]
    count: int
    page: int
    pages: int

    @property
    def before(self) -> int:
        return self.page - 1

    @property
    def after(self) -> int:
        return self.page + 1


def table(
    reader: Reader,
    login: str,
    asked: Asked,
    night: datetime | None,
    last_night: date,
    now: datetime,
    totals: Mapping[str, GroupTotals],
    repositories: int,
    titles: Mapping[int, str],
) -> Table:
    """One query. ``totals`` are by group; ``last_night`` is the newest night of the sparklines.

    ``repositories``: how many there are where the table is not narrowed. ``titles``: those of the organizations of
    which the reader sees something, by id.
    """
    usual = Asked()
    shape = replace(asked, q="", columns=usual.columns, days=usual.days, since=None, until=None, range_error="")
    words: dict[str, Any] = {}
    for number, word in enumerate(asked.words):
        called = [pk for pk, title in titles.items() if word.upper() in title.upper()]
        words |= {f"word_{number}": word, f"tag_{number}": word.lower(), f"called_{number}": called or None}
    asked_for = _page(reader, shape, login=login, night=night, **words)
    number = asked_for[0][len(COLUMNS)] if asked_for and len(asked_for[0]) > len(COLUMNS) else repositories
    found = [StoredRow._make(row[: len(COLUMNS)]) for row in asked_for]
    grouped = tuple(
        _group(asked.group, key, tuple(row_of(row, last_night, now) for row in members), totals)
        for key, members in groupby(found, key=lambda row: _group_key(row, asked.group))
    )
    return Table(grouped, number if found else 0, asked.page, max(1, -(-number // MOST_ROWS)))


@prepared
def _page(
    reader: Reader, asked: Asked, *, login: str, night: datetime | None, **words: Any
) -> QuerySet[Repository, Any]:
    """The rows of one page, each with how many there are on all of a table that is narrowed.

    The page is cut out of the repositories alone: joined first, the newest commits of all of them would be looked
    for among all commits that there are. ``words``: word_0, tag_0, called_0 and so on.
    """
    typed = [
        (words[f"word_{number}"], words[f"tag_{number}"], words[f"called_{number}"])
        for number in range(len(words) // 3)
    ]
    start = MOST_ROWS * (asked.page - 1)
    all_rows = narrowed(with_status(visible(reader, login), night), asked, night, typed)
    if typed:
        # Found by the words first: PostgreSQL would read all in their order and look for the words in each.
        found = ArraySubquery(all_rows.order_by().values("pk"))
        all_rows = with_status(Repository.objects.filter(pk__any=found), night)
    cut = ordered(all_rows, asked).values("pk")[start : start + MOST_ROWS]
    shown = ordered(with_status(Repository.objects.filter(pk__any=ArraySubquery(cut)), night), asked)
    if not (asked.narrowed or typed):
        return shown.values_list(*COLUMNS)
    number = all_rows.order_by().annotate(all=Value(1)).values("all").annotate(of=Count("pk")).values("of")
    return shown.annotate(found=Subquery(number)).values_list(*COLUMNS, "found")


def every_row(
    reader: Reader, login: str, asked: Asked, night: datetime | None, last_night: date, now: datetime
) -> Iterator[Row]:
    """The rows of all pages in the table's order, read little by little; one query."""
    for row in _wanted(reader, login, asked, night).iterator(chunk_size=ROWS_AT_ONCE):
        yield row_of(StoredRow._make(row), last_night, now)


def _wanted(reader: Reader, login: str, asked: Asked, night: datetime | None) -> QuerySet[Repository, Any]:
    called = Organization.objects.order_by()
    words = [
        (word, word.lower(), ArraySubquery(called.filter(title__icontains=word).values("pk")))
        for word in asked.words
    ]
    rows = narrowed(with_status(visible(reader, login), night), asked, night, words)
    return ordered(rows, asked).values_list(*COLUMNS)


def _group_key(row: StoredRow, group: str) -> tuple[str, str]:
    """What the row is grouped by, and the heading."""
    if group == "organization":
        return row.organization_login, row.organization
    if group == "tag":
        return (row.tags[0], row.tags[0]) if row.tags else ("", "No tag")
    if group == "owner":
        owner = owner_of(row.tags)
        return (f"{OWNER}{owner}", owner) if owner else ("", "No owner")
    return "", ""


def _group(kind: str, key: tuple[str, str], rows: tuple[Row, ...], totals: Mapping[str, GroupTotals]) -> Group:
    if kind == "none":
        return Group("", "", "", None, rows)
    return Group(key[0], key[1], key[0] if kind == "organization" else "", totals.get(key[0]), rows)


def totals_of(key: str, title: str, sums: Sums) -> GroupTotals:
    """The sums of a group as its heading shows them; ``title`` may be empty."""
    known = sums["with_tests"] > 0
    return GroupTotals(
        key=key,
        title=title or key,
        of=sums["active"],
        reporting=sums["reporting"],
        tests=sums["tests_total"] if known else None,
        failing=sums["tests_failed"] + sums["tests_errors"] if known else None,
        flaky=sums["tests_flaky"] if known else None,
        duration_ms=sums["duration_ms"] if sums["with_duration"] else None,
        percent=100 * sums["lines_covered"] / sums["lines_valid"] if sums["lines_valid"] else None,
        bar=tuple(pass_bar(*(sums[f"tests_{outcome}"] for outcome in ("passed", "failed", "errors", "skipped")))),
    )
