"""What repositories add up to, by organization and by tag: read from kept sums, not from each repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Expression,
    F,
    FloatField,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, JSONObject

from dashboard.models import Organization, OrganizationSums
from dashboard.models.organization_sums import SUM_NAMES
from dashboard.queries.changes import tonight_sums
from dashboard.queries.prepared import prepared
from dashboard.queries.statuses import PERCENT, visible, with_status
from dashboard.visibility import Reader

Sums = Mapping[str, Any]
"""A number by each of SUM_NAMES, and what the rows are named by."""

# A sum may not be called as the column that it is of.
_ADDED = {f"all_{name}": Sum(name) for name in SUM_NAMES}


def organization_sums(reader: Reader, login: str, night: datetime | None) -> list[dict[str, Any]]:
    """The sums of each organization that the reader sees something of, in the order of layers; one query.

    Beside its sums each has its ``login``, ``title`` and ``layer``, and two values of all of them together:
    ``median``, the middle coverage of their repositories, of 100, and ``tonight``, sums by the names of
    ``tonight_sums``.
    """
    return [_named(row) for row in _by_organization(reader, login=login, night=night)]


@prepared
def _by_organization(reader: Reader, *, login: str, night: datetime | None) -> QuerySet[Any]:
    rows: Any = _of_all(reader, login)
    whose = Organization.objects.filter(pk=OuterRef("organization_id")).order_by()
    named = {name: Subquery(whose.values(name)) for name in ("login", "title", "layer")}
    return (
        rows.values("organization_id")
        .annotate(**_ADDED)
        .filter(all_repositories__gt=0)
        .annotate(**named, median=_median(reader, login), tonight=_tonight(reader, login, night))
        .order_by(F("layer").asc(nulls_last=True), "login")
    )


def estate_sums(reader: Reader, login: str = "", tag: str = "") -> dict[str, Any]:
    """The sums over all that the reader sees, of one organization and with one tag where they are named; one query.

    Beside them stands how many ``organizations`` these are of.
    """
    rows = [_named(row) for row in _of_each(reader, login=login, tag=tag)]
    return added(rows) | {"organizations": len(rows)}


@prepared
def _of_each(reader: Reader, *, login: str, tag: str) -> QuerySet[Any]:
    rows = _asked_for(reader, login, tag)
    return rows.values("organization_id").annotate(**_ADDED).filter(all_repositories__gt=0)


def _asked_for(reader: Reader, login: str, tag: str) -> Any:
    rows = _visible(reader, login).filter(tag=tag) if tag else _of_all(reader, login)
    return rows.order_by()


def sums_together(reader: Reader, login: str = "", tag: str = "") -> Sums:
    """The same sums, put together by the database: for who need not know of how many organizations; one query."""
    found = _together(reader, login=login, tag=tag) or [{}]
    return {name: found[0].get(f"all_{name}") or 0 for name in SUM_NAMES}


@prepared
def _together(reader: Reader, *, login: str, tag: str) -> QuerySet[Any]:
    return _asked_for(reader, login, tag).annotate(together=Value(1)).values("together").annotate(**_ADDED)


def _of_all(reader: Reader, login: str) -> QuerySet[OrganizationSums]:
    return _visible(reader, login).filter(tag__isnull=True)


def _visible(reader: Reader, login: str) -> QuerySet[OrganizationSums]:
    rows = OrganizationSums.objects.visible_to(reader)
    return rows.filter(organization__login__iexact=login) if login else rows


class _Middle(Func):
    """The middle one of ordered values, or between the middle two; ``number`` says how many there are."""

    template = (
        "(SELECT avg(value) FROM (%(rows)s OFFSET (%(number)s - 1) / 2 LIMIT 2 - mod(%(number)s, 2)) AS m(value))"
    )
    output_field = FloatField()

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        (rows, of_rows), (number, of_number) = (compiler.compile(part) for part in self.get_source_expressions())
        return self.template % {"rows": rows, "number": number}, (*of_rows, *of_number, *of_number)


def _median(reader: Reader, login: str) -> Expression:
    """By the index of coverage up to the middle: to sort all repositories would take longer than all the rest."""
    percents = visible(reader, login).measured().order_by(PERCENT).values(percent=PERCENT)
    number = _of_all(reader, login).values("tag").annotate(number=Cast(Sum("with_lines"), BigIntegerField()))
    return _Middle(Subquery(percents), Subquery(number.values("number")))


def _tonight(reader: Reader, login: str, night: datetime | None) -> Subquery:
    rows: Any = with_status(visible(reader, login).with_news(night), night).order_by()
    sums = rows.annotate(all=Value(1)).values("all").annotate(told=JSONObject(**tonight_sums(night)))
    return Subquery(sums.values("told"))


def tag_sums(reader: Reader, login: str) -> list[dict[str, Any]]:
    """The sums of each ``tag`` of active repositories, the most used first; one query."""
    return [_named(row) for row in _by_tag(reader, login=login)]


@prepared
def _by_tag(reader: Reader, *, login: str) -> QuerySet[Any]:
    rows: Any = _visible(reader, login).filter(tag__isnull=False)
    sums = rows.values("tag").annotate(**_ADDED)
    return sums.filter(all_active__gt=0).order_by(F("all_active").desc(), "tag")


def added(rows: Sequence[Sums]) -> dict[str, Any]:
    """The sums of some rows together."""
    return {name: sum(row[name] for row in rows) for name in SUM_NAMES}


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("all_"): value for name, value in row.items()}
