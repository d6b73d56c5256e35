"""A repository as a row of the estate's table: its stored figures as values, its thirty nights as drawings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from dashboard.charts.bars import Part, pass_bar
from dashboard.charts.line import Line, line
from dashboard.charts.windows import Pane, Windows, windows
from dashboard.models import Repository
from dashboard.models.figures import failing_of, percent_of
from dashboard.packing import Night, unpack_nights
from dashboard.queries.owners import owner_of
from dashboard.wording import UNKNOWN, age_in_days, count, percent, seen

SPARKLINE_NIGHTS = 30
A_MONTH = timedelta(days=SPARKLINE_NIGHTS)
# Evidence older than this was expected sooner: a night and half a day.
LATE = timedelta(hours=36)


class StoredRow(NamedTuple):
    """What a row is drawn of: columns of a repository, of its organization and of its newest commit with evidence.

    Without such a commit the four last are None. No model: to make three of each of a hundred rows was a seventh of
    the page's Python.
    """

    full_name: str
    name: str
    tags: list[str]
    archived: bool
    status: str
    reason: str
    evidence: str
    language: str
    private: bool
    nights: bytes
    tests_total: int | None
    tests_passed: int | None
    tests_failed: int | None
    tests_errors: int | None
    tests_skipped: int | None
    tests_flaky: int | None
    duration_ms: int | None
    lines_valid: int | None
    lines_covered: int | None
    tests_delta: int | None
    failing_delta: int | None
    percent_delta: float | None
    evidence_at: datetime | None
    failing_since: datetime | None
    silent_since: datetime | None
    organization_login: str
    organization_title: str
    latest_sha: str | None
    latest_complete: bool | None
    latest_tests_carried: bool | None
    latest_coverage_carried: bool | None

    @property
    def failing(self) -> int | None:
        return failing_of(self.tests_total, self.tests_failed, self.tests_errors)

    @property
    def percent(self) -> float | None:
        return percent_of(self.lines_covered, self.lines_valid)

    @property
    def organization(self) -> str:
        """What it is called."""
        return self.organization_title or self.organization_login


COLUMNS = tuple(re.sub("^(organization|latest)_", r"\1__", field) for field in StoredRow._fields)
"""The same as the ORM calls them; ``status`` is that of ``with_status``."""


class Row(NamedTuple):
    """A repository as the table shows it; None is unknown. ``trouble`` stands beside the failing count.

    All that is drawn of a row is in here, ages as the words that they are now: equal rows look the same. The
    nights stay packed, up to ``last_night``, and are opened only when a row is drawn. A tuple, since a page is a
    hundred of them, each made anew and compared with what is drawn already.
    """

    full_name: str
    owner: str
    name: str
    organization: str
    owned_by: str
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
    seen_ago: str
    late: bool
    evidence: str
    tags: tuple[str, ...]
    language: str
    private: bool
    sha: str
    silent: bool
    packed_nights: bytes
    last_night: date

    @property
    def needs_you(self) -> bool:
        return self.status in ("broke", "silent")

    @property
    def has_evidence(self) -> bool:
        return self.evidence != Repository.Evidence.NONE

    @property
    def pass_rate(self) -> float | None:
        ran = (self.tests or 0) - (self.skipped or 0)
        return 100 * (self.passed or 0) / ran if ran > 0 else None

    @property
    def bar(self) -> list[Part]:
        return pass_bar(self.passed or 0, self.failed or 0, self.errors or 0, self.skipped or 0)

    @property
    def shown(self) -> tuple[Night | None, ...]:
        """Its last thirty nights, None where there was no evidence."""
        return _shown(self.packed_nights, self.last_night, self.silent)

    @property
    def tests_by_night(self) -> list[int | None]:
        return [night.tests if night else None for night in self.shown]

    @property
    def percents_by_night(self) -> list[float | None]:
        return [night.percent if night else None for night in self.shown]

    @property
    def nights(self) -> Windows | None:
        return windows(_panes(self.shown)) if self.tests is not None else None

    @property
    def nights_in_words(self) -> str:
        return _in_words(self.tests_by_night)

    @property
    def coverage(self) -> Line | None:
        return line(self.percents_by_night) if self.percent is not None else None

    @property
    def coverage_in_words(self) -> str:
        return _in_words(self.percents_by_night, percents=True)


@lru_cache(10)
def _shown(packed: bytes, last: date, silent: bool) -> tuple[Night | None, ...]:
    """The nights up to the last; a row that is drawn asks for them four times.

    A repository whose night has not come yet today ends a day earlier, unless it has fallen silent.
    """
    end = last.toordinal()
    by_day = {night.day.toordinal(): night for night in unpack_nights(packed, last - A_MONTH)}
    if end not in by_day and end - 1 in by_day and not silent:
        end -= 1
    return tuple(map(by_day.get, range(end - SPARKLINE_NIGHTS + 1, end + 1)))


def row_of(row: StoredRow, last_night: date, now: datetime) -> Row:
    """The stored row as its values; ``last_night`` is the newest night of the sparklines."""
    return Row(
        full_name=row.full_name,
        owner=row.full_name.partition("/")[0],
        name=row.name,
        organization=row.organization,
        owned_by=owner_of(row.tags),
        status=row.status,
        reason="archived" if row.archived and not row.reason else row.reason or "never reported",
        tests=row.tests_total,
        tests_delta=row.tests_delta,
        passed=row.tests_passed,
        failed=row.tests_failed,
        errors=row.tests_errors,
        skipped=row.tests_skipped,
        failing=row.failing,
        trouble=_trouble(row, now),
        percent=row.percent,
        percent_delta=row.percent_delta,
        lines_covered=row.lines_covered,
        lines_valid=row.lines_valid,
        flaky=row.tests_flaky,
        duration_ms=row.duration_ms,
        seen=row.evidence_at,
        seen_ago=seen(row.evidence_at, now),
        late=row.evidence_at is not None and now - row.evidence_at > LATE,
        evidence=_grade(row),
        tags=tuple(row.tags),
        language=row.language,
        private=row.private,
        sha=row.latest_sha or "",
        silent=row.silent_since is not None,
        packed_nights=bytes(row.nights) if row.latest_sha else b"",
        last_night=last_night,
    )


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


def _grade(row: StoredRow) -> str:
    if row.latest_complete is False:
        return "incomplete"
    return "carried" if row.latest_tests_carried or row.latest_coverage_carried else row.evidence


def _trouble(row: StoredRow, now: datetime) -> str:
    """ "new", "27 new" of more, or how long it has been failing."""
    if not row.failing:
        return ""
    if row.status == "broke":
        more = row.failing_delta
        return f"{more} new" if more is not None and 0 < more < row.failing else "new"
    age = age_in_days(row.failing_since, now)
    return "" if age == UNKNOWN else age
