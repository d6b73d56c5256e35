"""The estate night by night: what it said when each day ended (``dashboard.nights``), what each collection cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import dropwhile

from django.db.models import Case, Count, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from dashboard.models import Collection, EstateDay, OrganizationDay, RepositoryCollection
from dashboard.models.day import DayTotals
from dashboard.nights import end_of, night_of
from dashboard.visibility import Reader
from dashboard.wording import utc_day

# An estate that nobody has touched for longer shows its last day as it stands.
MOST_QUIET_DAYS = 60


@dataclass(frozen=True, slots=True)
class NightTotals:
    """Sums over active repositories at the end of a UTC day; rates are of 100, None when nothing is known.

    ``fresh`` repositories made evidence on that very day; the others' figures stand from before.
    """

    day: date
    fresh: int
    reporting: int
    tests: int
    failing: int
    pass_rate: float | None
    lines_valid: int
    lines_covered: int
    percent: float | None
    duration_ms: int

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
    ended: int
    of: int

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


def nights(reader: Reader, days: int, login: str = "") -> list[NightTotals]:
    """Oldest first, at most ``days`` of them and at least two, so that a change can be told; one query.

    The newest is the last on which evidence was made: today is no night before its runs have reported.
    Empty before the first evidence. ``login`` narrows to one organization.
    """
    rows = OrganizationDay.objects.filter(organization__login__iexact=login) if login else EstateDay.objects.all()
    if not (reader.sees_private or reader.public_installation):
        return []
    newest = rows.filter(public=not reader.sees_private).order_by("-day")[: max(days, 2) + MOST_QUIET_DAYS]
    made = list(dropwhile(lambda row: not row.fresh, newest))[: max(days, 2)]
    return [_night_of(row) for row in reversed(made)]


def _night_of(row: DayTotals) -> NightTotals:
    return NightTotals(
        day=row.day,
        fresh=row.fresh,
        reporting=row.reporting,
        tests=row.tests_total,
        failing=row.failing,
        pass_rate=row.pass_rate,
        lines_valid=row.lines_valid,
        lines_covered=row.lines_covered,
        percent=row.percent,
        duration_ms=row.duration_ms,
    )


def night_costs(days: int, now: datetime) -> list[NightCost]:
    """The collections of the last ``days`` days, newest first; one query.

    Only a running one is counted through: the others are known to have ended.
    """
    fared = RepositoryCollection.objects.filter(collection=OuterRef("pk")).order_by().values("collection")
    rows = (
        Collection.objects.filter(started_at__gte=now - timedelta(days=days))
        .annotate(
            of=_while_running(fared.annotate(n=Count("pk")).values("n")),
            ended=_while_running(
                fared.filter(state__in=RepositoryCollection.ENDED).annotate(n=Count("pk")).values("n")
            ),
        )
        .order_by("-started_at")[: 4 * days]
    )
    return [_cost_of(row) for row in rows]


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
        ended=getattr(row, "ended", 0),
        of=getattr(row, "of", 0),
    )


def night_start(known: Sequence[NightTotals]) -> datetime | None:
    """Trouble that is not older than this broke in the newest night with evidence; None before the first."""
    return end_of(known[-1].day - timedelta(days=1)) if known else None


def newest_of_each_day(costs: Sequence[NightCost]) -> dict[date, NightCost]:
    """The last collection of each day that ended; ``costs`` are newest first."""
    return {cost.day: cost for cost in reversed(costs) if cost.finished_at is not None}
