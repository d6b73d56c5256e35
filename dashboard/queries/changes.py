"""What the newest night changed: which repositories broke, lost coverage, went silent or got better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, F, Func, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from dashboard.models import Repository
from dashboard.packing import Night, unpack_nights
from dashboard.queries.prepared import prepared
from dashboard.queries.statuses import broke, changed, visible, with_status
from dashboard.visibility import Reader
from dashboard.wording import NOTABLE_POINTS, count, percent_sign, plural

SHOWN = 4
READ = (
    *("full_name", "name", "archived", "condition", "reason", "evidence", "evidence_at", "silent_since", "nights"),
    *("tests_total", "tests_failed", "tests_errors", "lines_valid", "lines_covered", "failure_headline"),
    *("tests_delta", "failing_delta", "percent_delta"),
)
"""The columns that a change is told from."""
KINDS = ("lost-coverage", "went-silent", "better")
FIRST = {
    "broke": Coalesce(F("tests_failed") + F("tests_errors"), 0).desc(),
    "lost-coverage": F("percent_delta").asc(),
    "went-silent": F("silent_since").desc(),
    "better": Coalesce(F("percent_delta"), 0.0).desc(),
}
"""What stands first in each list; the name decides between equals."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a list: whose, the figure at the right, and why. ``loss`` is written in the colour of failure.

    ``tests_named``: which tests failed is known, and not only how many.
    """

    full_name: str
    owner: str
    name: str
    figure: str
    of: str
    tests_delta: int | None
    points_delta: float | None
    reason: str
    loss: bool
    tests_named: bool


@dataclass(frozen=True, slots=True)
class ChangeList:
    """``status`` is the filter that shows all of them; ``mark`` the sign before the title."""

    title: str
    status: str
    mark: str
    count: int
    changes: tuple[Change, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.changes)


@dataclass(frozen=True, slots=True)
class Tonight:
    """Sums over what the newest night changed. ``new``: repositories that were not here before it."""

    broke: int
    lost: int
    silent: int
    better: int
    new: int
    newly_failing: int
    tests_added: int
    tests_removed: int


@dataclass(frozen=True, slots=True)
class Changes:
    broke: ChangeList
    lost: ChangeList
    silent: ChangeList
    better: ChangeList
    sums: Tonight

    @property
    def lists(self) -> tuple[ChangeList, ...]:
        return (self.broke, self.lost, self.silent, self.better)


def tonight_sums(night: datetime | None) -> dict[str, Count | Sum]:
    """What ``Tonight`` is made of, for the query that sums up the repositories; they carry their status."""
    # What logs tell is in no sum (contract rule 9).
    report = Repository.Evidence.REPORT
    made = Q(archived=False, evidence=report, evidence_at__gte=night) if night else Q(pk__in=[])
    lost, silent, better = (changed(kind, night) for kind in KINDS)
    return {
        "tonight_broke": Count("pk", filter=Q(status="broke")),
        "tonight_lost": Count("pk", filter=lost),
        "tonight_silent": Count("pk", filter=silent),
        "tonight_better": Count("pk", filter=better),
        "tonight_new": Count("pk", filter=changed("new", night)),
        "tonight_newly_failing": Sum("failing_delta", filter=made & Q(failing_delta__gt=0)),
        "tonight_tests_added": Sum("tests_delta", filter=made & Q(tests_delta__gt=0)),
        "tonight_tests_removed": Sum("tests_delta", filter=made & Q(tests_delta__lt=0)),
    }


def tonight_of(sums: Mapping[str, int | None], repositories: int) -> Tonight:
    """``sums`` by the names of ``tonight_sums``. Where all ``repositories`` are new, the estate itself is."""
    found = {name.removeprefix("tonight_"): number or 0 for name, number in sums.items()}
    found["tests_removed"] = abs(found.get("tests_removed", 0))
    if found.get("new") == repositories:
        found["new"] = 0
    return Tonight(**{each.name: found.get(each.name, 0) for each in fields(Tonight)})


@prepared
def _changed(reader: Reader, *, login: str, night: datetime | None) -> QuerySet[Repository]:
    """Those that the lists show, and no more: a night can change thousands, which are looked through once."""
    lists = [
        _Foremost(
            ArrayAgg(
                "pk",
                filter=broke(night) if kind == "broke" else changed(kind, night),
                order_by=[first, "full_name"],
            )
        )
        for kind, first in FIRST.items()
    ]
    news: Any = visible(reader, login).with_news(night).order_by().annotate(all=Value(1)).values("all")
    shown = news.annotate(shown=_EachOf(*lists)).values("shown")
    return with_status(Repository.objects.filter(pk__any=ArraySubquery(shown)), night).only(*READ)


class _Foremost(Func):
    """So many of an array of keys as a list shows; where nothing can be in it, it is a NULL without a type."""

    template = f"((%(expressions)s)::bigint[])[1:{SHOWN}]"


class _EachOf(Func):
    """A row for each thing in some arrays."""

    function, arg_joiner = "UNNEST", " || "
    output_field = BigIntegerField()


def changes(reader: Reader, login: str, night: datetime | None, sums: Tonight) -> Changes:
    """One query. A repository stands in every list that is true of it."""
    found = sorted(_changed(reader, login=login, night=night), key=lambda row: row.full_name)
    broke = [row for row in found if getattr(row, "status", "") == "broke"]
    lost = [row for row in found if _lost(row, night)]
    silent = [row for row in found if _went_silent(row, night)]
    better = [row for row in found if _better(row, night)]
    return Changes(
        broke=_list("Broke", "broke", "broke", sums.broke, sorted(broke, key=_failing), _broke),
        lost=_list("Lost coverage", "lost-coverage", "fell", sums.lost, sorted(lost, key=_points), _lost_coverage),
        silent=_list("Went silent", "went-silent", "silent", sums.silent, sorted(silent, key=_silence), _silent),
        better=_list("Better", "better", "passing", sums.better, sorted(better, key=_gain), _got_better),
        sums=sums,
    )


def _list(
    title: str,
    status: str,
    mark: str,
    number: int,
    rows: Sequence[Repository],
    told: Callable[[Repository], Change],
) -> ChangeList:
    return ChangeList(title, status, mark, max(number, len(rows)), tuple(map(told, rows[:SHOWN])))


def _failing(row: Repository) -> int:
    return -(row.failing or 0)


def _gain(row: Repository) -> float:
    return -_points(row)


def _silence(row: Repository) -> float:
    return -row.silent_since.timestamp() if row.silent_since else 0.0


def _points(row: Repository) -> float:
    return row.percent_delta or 0.0


def _lost(row: Repository, night: datetime | None) -> bool:
    return _made_tonight(row, night) and row.percent_delta is not None and row.percent_delta <= -NOTABLE_POINTS


def _went_silent(row: Repository, night: datetime | None) -> bool:
    silent = row.condition == Repository.Condition.SILENT
    return bool(silent and night and row.silent_since and row.silent_since >= night)


def _better(row: Repository, night: datetime | None) -> bool:
    grew = _points(row) >= NOTABLE_POINTS or (row.tests_delta or 0) > 0 or (row.failing_delta or 0) < 0
    kept = _points(row) > -NOTABLE_POINTS and (row.tests_delta or 0) >= 0
    return _made_tonight(row, night) and row.condition == Repository.Condition.PASSING and grew and kept


def _made_tonight(row: Repository, night: datetime | None) -> bool:
    return bool(night and row.evidence_at and row.evidence_at >= night)


def _change(
    row: Repository, figure: str, reason: str, of: str = "", loss: bool = False, **deltas: object
) -> Change:
    tests, points = deltas.get("tests"), deltas.get("points")
    from_log = row.evidence == Repository.Evidence.LOG
    return Change(
        full_name=row.full_name,
        owner=row.full_name.partition("/")[0],
        name=row.name,
        figure=figure,
        of=of,
        tests_delta=tests if isinstance(tests, int) else None,
        points_delta=points if isinstance(points, float) else None,
        reason=", ".join(filter(None, ("from a log" if from_log else "", reason))),
        loss=loss,
        tests_named=not from_log,
    )


def _broke(row: Repository) -> Change:
    return _change(row, count(row.failing), row.failure_headline, of=f"of {count(row.tests_total)}", loss=True)


def _lost_coverage(row: Repository) -> Change:
    return _change(row, percent_sign(row.percent), _why_coverage_moved(row), points=row.percent_delta)


def _silent(row: Repository) -> Change:
    return _change(row, "", row.reason, of=f"{count(row.tests_total)} carried")


def _got_better(row: Repository) -> Change:
    """Whatever moved most is told first: repaired tests, then coverage, then new tests."""
    repaired, added = -(row.failing_delta or 0), row.tests_delta or 0
    reasons = []
    if repaired > 0:
        reasons.append(f"{plural(repaired, 'test passes', 'tests pass')} again")
    if added > 0:
        reasons.append(f"{plural(added, 'test')} added")
    if _points(row) >= NOTABLE_POINTS:
        reason = ", ".join(reasons) or _why_coverage_moved(row)
        return _change(row, percent_sign(row.percent), reason, points=row.percent_delta)
    return _change(row, count(row.tests_total), ", ".join(reasons), tests=row.tests_delta or None)


def _why_coverage_moved(row: Repository) -> str:
    """What two nights tell: lines reached or not, or lines that came or went."""
    known = [night for night in unpack_nights(row.nights) if night.lines_valid]
    if len(known) < 2:
        return ""
    before, now = known[-2], known[-1]
    reached = _difference(now, before, "lines_covered")
    valid = _difference(now, before, "lines_valid")
    if reached < 0:
        return f"{plural(-reached, 'line')} no longer reached"
    if _points(row) < 0 and valid > 0:
        return f"{plural(valid, 'new line')}, {count(max(0, valid - reached))} of them without tests"
    if reached > 0:
        return f"{plural(reached, 'more line', 'more lines')} reached"
    return f"{plural(-valid, 'unreached line')} removed" if valid < 0 else ""


def _difference(now: Night, before: Night, name: str) -> int:
    return (getattr(now, name) or 0) - (getattr(before, name) or 0)
