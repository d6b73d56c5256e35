"""The estate night by night: what it said when each day ended (``dashboard.nights``), what each collection cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import dropwhile
from typing import Any

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from dashboard.models import Collection, EstateDay, OrganizationDay, RepositoryCollection
from dashboard.models.day import DayTotals
from dashboard.nights import end_of, night_of
from dashboard.queries.prepared import prepared
from dashboard.visibility import Reader
from dashboard.wording import utc_day

# An estate that nobody has touched for longer shows its last day as it stands.
MOST_QUIET_DAYS = 60
# However short the span, the last night is told of.
LAST_WEEK = 7
# Collections by hand are many on some days; past this many a day the oldest of the span are left out.
MOST_A_DAY = 4
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NightTotals:
    """Sums over active repositories at the end of a UTC day; rates are of 100, None when nothing is known.

    ``fresh`` repositories made evidence on that very day; the others' figures stand from before.
    """

    day: date
    fresh: int
    reporting: int
    tests: int
    passed: int
    failed: int
    errors: int
    skipped: int
    pass_rate: float | None
    lines_valid: int
    lines_covered: int
    percent: float | None
    duration_ms: int

    @property
    def failing(self) -> int:
        return self.failed + self.errors

    @property
    def name(self) -> date:
        """The night's name: the UTC day on which it ended."""
        return night_of(self.day)


@dataclass(frozen=True, slots=True)
class NightCost:
    """A collection: how long it took and what it asked. ``finished_at`` None: it runs, ``ended`` of ``of`` done."""

    id: int
    nightly: bool
    day: date
    started_at: datetime
    finished_at: datetime | None
    requests: int | None
    limit: int | None
    lit: int
    """Repositories whose newest commit is on the pages, and those that failed, while it runs; 0 later."""
    of: int

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


@dataclass(frozen=True, slots=True)
class Span:
    """Which nights are drawn: the last ``days``, or those named ``since`` to ``until``, both included."""

    days: int
    since: date | None = None
    until: date | None = None

    @property
    def dates(self) -> tuple[date, date] | None:
        """First and last day (not name of a night) where dates were asked for."""
        if self.since is None or self.until is None:
            return None
        return self.since - timedelta(days=1), self.until - timedelta(days=1)

    @property
    def places(self) -> int:
        dates = self.dates
        return (dates[1] - dates[0]).days + 1 if dates else self.days

    def of(self, known: Sequence[NightTotals]) -> list[NightTotals | None]:
        """A place for each night, oldest first; None where none is known. ``known`` may hold more."""
        dates = self.dates
        if dates is None:
            shown = known[-self.days :]
            return [*[None] * (self.days - len(shown)), *shown]
        by_day = {night.day: night for night in known}
        return [by_day.get(dates[0] + timedelta(days=place)) for place in range(self.places)]


def nights(reader: Reader, span: Span, login: str = "") -> list[NightTotals]:
    """Oldest first: those of ``span``, and the newest two whatever it is, so that a change can be told; one query.

    The newest is the last on which evidence was made: today is no night before its runs have reported.
    Empty before the first evidence. ``login`` narrows to one organization.
    """
    if not (reader.sees_private or reader.public_installation):
        return []
    dates, least = span.dates, 2 if span.dates else max(span.days, 2)
    first, last = dates or (None, None)
    found = _days(not reader.sees_private, least + MOST_QUIET_DAYS, login=login, first=first, last=last)
    made = list(dropwhile(lambda row: not row.fresh, found))
    kept = made[:least] + [row for row in made[least:] if dates and dates[0] <= row.day <= dates[1]]
    return [_night_of(row) for row in reversed(kept)]


@prepared
def _days(public: bool, most: int, *, login: str, first: date | None, last: date | None) -> QuerySet[Any]:
    """The newest days first, so many of them at most, and with them all between the first and the last."""
    rows = OrganizationDay.objects.filter(organization__login__iexact=login) if login else EstateDay.objects.all()
    rows = rows.filter(public=public).order_by("-day")
    if first and last:
        return rows.filter(Q(day__range=(first, last)) | Q(day__in=rows.values("day")[:most]))
    return rows[:most]


def _night_of(row: DayTotals) -> NightTotals:
    return NightTotals(
        day=row.day,
        fresh=row.fresh,
        reporting=row.reporting,
        tests=row.tests_total,
        passed=row.tests_passed,
        failed=row.tests_failed,
        errors=row.tests_errors,
        skipped=row.tests_skipped,
        pass_rate=row.pass_rate,
        lines_valid=row.lines_valid,
        lines_covered=row.lines_covered,
        percent=row.percent,
        duration_ms=row.duration_ms,
    )


def night_costs(span: Span, now: datetime) -> list[NightCost]:
    """The collections that ``span`` shows and those of the last week, newest first; one query.

    Only a running one is counted through: the others are known to have ended.
    """
    since = now - timedelta(days=LAST_WEEK if span.dates else max(span.days, LAST_WEEK))
    first, last = span.dates or (None, None)
    rows = _collections(
        MOST_A_DAY * (span.places + LAST_WEEK),
        since=since,
        first=end_of(first - ONE_DAY) if first else None,
        last=end_of(last + ONE_DAY) if last else None,
    )
    return [_cost_of(row) for row in rows]


@prepared
def _collections(
    most: int, *, since: datetime, first: datetime | None, last: datetime | None
) -> QuerySet[Collection]:
    fared = RepositoryCollection.objects.filter(collection=OuterRef("pk")).order_by().values("collection")
    wanted = Q(started_at__gte=since)
    if first and last:
        wanted |= Q(started_at__gte=first, started_at__lt=last)
    lit = fared.filter(Q(lit_at__isnull=False) | Q(state=RepositoryCollection.State.FAILED))
    told = Collection.objects.filter(wanted).annotate(
        of=_while_running(fared.annotate(n=Count("pk")).values("n")),
        lit=_while_running(lit.annotate(n=Count("pk")).values("n")),
    )
    return told.only("trigger", "started_at", "finished_at", "requests").order_by("-started_at")[:most]


def _while_running(counted: object) -> Case:
    return Case(
        When(finished_at__isnull=True, then=Coalesce(Subquery(counted), Value(0))),  # type: ignore[arg-type]
        default=Value(0),
        output_field=IntegerField(),
    )


def _cost_of(row: Collection) -> NightCost:
    asked = [row.requests.get(kind) for kind in ("rest", "graphql")]
    known = [number for number in asked if isinstance(number, int)]
    return NightCost(
        id=row.pk,
        nightly=row.trigger == Collection.Trigger.NIGHT,
        day=utc_day(row.started_at),
        started_at=row.started_at,
        finished_at=row.finished_at,
        requests=sum(known) if known else None,
        limit=row.requests.get("limit"),
        lit=getattr(row, "lit", 0),
        of=getattr(row, "of", 0),
    )


def night_start(known: Sequence[NightTotals]) -> datetime | None:
    """Trouble that is not older than this broke in the newest night with evidence; None before the first."""
    return end_of(known[-1].day - timedelta(days=1)) if known else None


def newest_of_each_day(costs: Sequence[NightCost]) -> dict[date, NightCost]:
    """The last collection of each day that ended; ``costs`` are newest first."""
    return {cost.day: cost for cost in reversed(costs) if cost.finished_at is not None}
