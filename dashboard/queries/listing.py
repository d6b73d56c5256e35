"""The list of repositories that the API pages through: filtered, sorted, bounded.

Two queries, three where figures are carried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FloatField, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, NullIf

from dashboard.models import Repository
from dashboard.models.repository import RepositoryQuerySet
from dashboard.queries.facts import RepositoryFacts, facts_of, origins_of
from dashboard.queries.organization_sums import sums_together
from dashboard.queries.prepared import number_of, prepared
from dashboard.visibility import Reader

SORTS: dict[str, Combinable] = {
    "name": F("full_name"),
    "organization": F("organization__login"),
    "tests": F("tests_total"),
    "failing": F("tests_failed") + F("tests_errors"),
    "coverage": Cast("lines_covered", FloatField()) / NullIf(Cast("lines_valid", FloatField()), 0.0),
    "duration": F("duration_ms"),
    "seen": F("evidence_at"),
}
"""A minus before the name turns the order round; what is unknown stands last either way."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """None is no restriction. ``page`` counts from 1."""

    org: str | None = None
    tag: str | None = None
    q: str | None = None
    status: str | None = None
    sort: str = "name"
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """``count`` is of all pages together."""

    count: int
    results: list[RepositoryFacts]


def repository_page(reader: Reader, wanted: Wanted) -> Page:
    """A page past the last one is empty. ``wanted.sort`` is a key of SORTS, perhaps with a minus before it."""
    words = {f"word_{number}": word for number, word in enumerate((wanted.q or "").split())}
    shape = replace(wanted, org="", q="")
    count = sum(_number(shape, reader, org=wanted.org, **words)) if words else _kept_number(reader, wanted)
    if (wanted.page - 1) * wanted.page_size >= count:
        return Page(count, [])
    shown = _page(shape, reader, org=wanted.org, **words)
    origins = origins_of(row.latest for row in shown)
    return Page(count, [facts_of(row, origins) for row in shown])


def _kept_number(reader: Reader, wanted: Wanted) -> int:
    """How many there are of an organization, with a tag, in a state: of kept sums, not of the repositories."""
    sums = sums_together(reader, wanted.org or "", wanted.tag or "")
    by_status = {"active": sums["active"], "archived": sums["repositories"] - sums["active"]}
    number: int = by_status[wanted.status] if wanted.status else sums["repositories"]
    return number


@prepared
def _number(wanted: Wanted, reader: Reader, *, org: str | None, **words: str) -> QuerySet[Any]:
    return number_of(_filtered(reader, wanted, org, words.values()))


@prepared
def _page(wanted: Wanted, reader: Reader, *, org: str | None, **words: str) -> QuerySet[Repository]:
    start = (wanted.page - 1) * wanted.page_size
    column = SORTS[wanted.sort.removeprefix("-")]
    order = (
        F("sorted_by").desc(nulls_last=True) if wanted.sort.startswith("-") else F("sorted_by").asc(nulls_last=True)
    )
    # The name decides between equals, so that no repository is on two pages or on none.
    ordered = _filtered(reader, wanted, org, words.values()).annotate(sorted_by=column).order_by(order, "full_name")
    # Cut first: joined to all of them, the newest commits would be looked for among all commits.
    cut = ordered.values("pk")[start : start + wanted.page_size]
    page = (
        Repository.objects.filter(pk__any=ArraySubquery(cut))
        .annotate(sorted_by=column)
        .order_by(order, "full_name")
    )
    return page.select_related("organization", "latest").defer("nights", "description")


def _filtered(reader: Reader, wanted: Wanted, org: str | None, words: Iterable[str]) -> RepositoryQuerySet:
    rows = Repository.objects.visible_to(reader)
    if org:
        rows = rows.filter(organization__login__iexact=org)
    if wanted.tag:
        rows = rows.filter(tags__contains=[wanted.tag])
    if wanted.status:
        rows = rows.filter(archived=wanted.status == "archived")
    for word in words:
        rows = rows.filter(full_name__icontains=word)
    return rows
