"""The sums of a collection over the repositories that a reader may see.

A running one is counted through by PostgreSQL each time. One that has ended was counted then, and carries its sums
on its own row (``collectors.night``): for the public and for all, as repositories were public or private by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    Expression,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import Cast, Coalesce, JSONObject

from dashboard.models import Collection, Organization, Repository, RepositoryCollection
from dashboard.queries.prepared import prepared
from dashboard.visibility import Reader

State = RepositoryCollection.State

REQUEST_WORDS = {
    "graphql": "GraphQL",
    "rest": "REST",
    "not_modified": "not modified",
    "downloads": "downloads",
    "retried": "tried again",
}
SUMS = ("artifacts", "pending", "reports", "tests", "same", "rejected", "expired", "bytes")
ASKED = (*REQUEST_WORDS, "predicted", "backed_off", "bytes")
"""Kinds of ``requests``, of which not every repository counts each; ``bytes`` there are of JSON answers."""
FARED = {
    "repositories": Count("pk"),
    **{str(state.value): Count("pk", filter=Q(state=state)) for state in RepositoryCollection.ENDED},
    "artifacts": Sum("artifacts", default=0),
}
NONE_FARED = dict.fromkeys(FARED, 0)


def audience_of(reader: Reader) -> str | None:
    """Whose sums are shown to a reader; None where there is nothing to see."""
    if reader.sees_private:
        return "all"
    return "public" if reader.public_installation else None


def is_counted(collection: Collection) -> bool:
    """Whether it has ended and carries its sums."""
    return collection.finished_at is not None and collection.parts is not None


def visible_entries(reader: Reader, collection_id: int | OuterRef) -> QuerySet[RepositoryCollection]:
    visible = Repository.objects.visible_to(reader)
    return RepositoryCollection.objects.filter(collection_id=collection_id, repository__in=visible)


def number_unasked(reader: Reader) -> Expression:
    """Of a running collection: how many repositories are still to be asked about, and so hidden from this reader.

    Until GitHub has said that a repository is public it counts as private; a night's beginning would look like its
    end without them. They are a number and nothing else: no name, no organization.
    """
    if reader.is_staff or not reader.public_installation:
        return Value(0)
    unknown = RepositoryCollection.objects.filter(
        collection=OuterRef("pk"), repository__github_id=None, repository__private=True
    )
    unasked = unknown.exclude(state__in=RepositoryCollection.ENDED)
    number = Subquery(unasked.order_by().values("collection").annotate(n=Count("pk")).values("n"))
    return Case(When(finished_at=None, then=Coalesce(number, 0)), default=0)


def fared(reader: Reader) -> Case:
    """How the repositories of a collection fared, by the names of ``FARED``: as its row says, else counted."""
    audience = audience_of(reader)
    if audience is None:
        return Case(default=Value(NONE_FARED, JSONField()))
    told = When(fared__isnull=False, finished_at__isnull=False, then=KeyTransform(audience, "fared"))
    rows = visible_entries(reader, OuterRef("pk")).order_by().values("collection")
    live = Coalesce(
        Subquery(rows.annotate(told=JSONObject(**FARED)).values("told")), Value(NONE_FARED, JSONField())
    )
    return Case(told, default=live, output_field=JSONField())


def ended_sums(collection_id: int) -> dict[str, Any]:
    """What a collection carries on its row once it has ended: ``fared`` and ``parts``; one query."""
    parts = counted_parts(RepositoryCollection.objects.filter(collection=collection_id))
    public = [part for part in parts if not part["private"]]
    return {"parts": parts, "fared": {"public": _fared_of(public), "all": _fared_of(parts)}}


def _fared_of(parts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    sums = Counter(NONE_FARED)
    for part in parts:
        sums["repositories"] += part["repositories"]
        sums["artifacts"] += part["sum_artifacts"]
        if part["state"] in RepositoryCollection.ENDED:
            sums[part["state"]] += part["repositories"]
    return dict(sums)


@dataclass(frozen=True, slots=True)
class Part:
    """An organization's repositories in one state: how many, and what they add up to.

    ``asked`` has a kind of request only where one of them counted it.
    """

    login: str
    title: str
    state: str
    repositories: int
    lit: int
    sums: dict[str, int]
    asked: dict[str, int]


def parts_of(reader: Reader, collection: Collection) -> list[Part]:
    """By organization and state; one query, whose rows grow with organizations and not with repositories."""
    rows = _told_parts(reader, collection)
    if rows is None:
        login, title = F("repository__organization__login"), F("repository__organization__title")
        rows = counted_parts(visible_entries(reader, collection.pk), login=login, title=title)
    return [
        Part(
            row["login"],
            row["title"] or row["login"],
            row["state"],
            row["repositories"],
            row["lit"],
            {name: int(row[f"sum_{name}"]) for name in SUMS},
            {kind: int(row[f"asked_{kind}"]) for kind in ASKED if row[f"asked_{kind}"] is not None},
        )
        for row in sorted(rows, key=lambda row: str(row["login"]))
    ]


def counted_parts(entries: QuerySet[RepositoryCollection], **more: F) -> list[dict[str, Any]]:
    """The parts of a collection as they stand on its row once it has ended: by the organization's id."""
    of = {"organization": F("repository__organization"), "private": F("repository__private")}
    sums = {f"sum_{name}": Sum(name) for name in SUMS}
    asked = {f"asked_{kind}": Sum(Cast(KT(f"requests__{kind}"), BigIntegerField())) for kind in ASKED}
    rows: Any = entries.order_by().values("state", **of, **more)
    return [
        {key: int(value) if isinstance(value, Decimal) else value for key, value in row.items()}
        for row in rows.annotate(repositories=Count("pk"), lit=Count("lit_at"), **sums, **asked)
    ]


def _told_parts(reader: Reader, collection: Collection) -> list[dict[str, Any]] | None:
    """Those on the collection's row, with the names of today; None where there are none.

    An organization is named only where the reader may see a repository of it now.
    """
    audience = audience_of(reader)
    if audience is None or not is_counted(collection):
        return None
    rows = [row for row in collection.parts or [] if audience == "all" or not row["private"]]
    names = {row["pk"]: row for row in _named(reader, ids=sorted({row["organization"] for row in rows}))}
    return [row | names[row["organization"]] for row in rows if row["organization"] in names]


@prepared
def _named(reader: Reader, *, ids: list[int]) -> QuerySet[Any]:
    seen = Repository.objects.visible_to(reader).filter(organization=OuterRef("pk"))
    return Organization.objects.filter(Exists(seen), pk__any=ids).values("pk", "login", "title")


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the repositories that the reader may see, and those of which nobody knows yet whether he may."""

    repositories: int
    """With the ``unasked``."""
    unasked: int
    collected: int
    unchanged: int
    no_evidence: int
    failed: int
    put_off: int
    lit: int
    artifacts: int
    pending: int
    reports: int
    tests: int
    same: int
    rejected: int
    expired: int
    bytes: int
    requests: tuple[tuple[str, int], ...]
    limit: int | None
    remaining: int | None
    reset_at: datetime | None

    @property
    def ended(self) -> int:
        return self.collected + self.unchanged + self.no_evidence + self.failed

    @property
    def behind(self) -> int:
        """Lit, and their past is still being read."""
        return max(0, self.lit - self.collected - self.unchanged - self.no_evidence)

    @property
    def all_artifacts(self) -> int:
        return self.artifacts + self.pending

    @property
    def requests_in_words(self) -> str:
        return ", ".join(f"{number:,} {REQUEST_WORDS[kind]}" for kind, number in self.requests if number)

    @property
    def request_count(self) -> int:
        return sum(number for kind, number in self.requests if kind != "retried")


def totals_of(parts: Sequence[Part], left: Mapping[str, Any], unasked: int = 0) -> Totals:
    """``left`` is GitHub's last word on what is left, ``unasked`` what ``number_unasked`` counted."""
    states: Counter[str] = Counter()
    for part in parts:
        states[part.state] += part.repositories
    return Totals(
        repositories=states.total() + unasked,
        unasked=unasked,
        collected=states[State.COLLECTED],
        unchanged=states[State.UNCHANGED],
        no_evidence=states[State.NO_EVIDENCE],
        failed=states[State.FAILED],
        put_off=states[State.PUT_OFF],
        lit=sum(part.lit for part in parts if part.state != State.FAILED),
        **{name: sum(part.sums[name] for part in parts) for name in SUMS},
        requests=tuple((kind, sum(part.asked.get(kind, 0) for part in parts)) for kind in REQUEST_WORDS),
        limit=left.get("limit"),
        remaining=left.get("remaining"),
        reset_at=datetime.fromisoformat(left["reset"]) if left.get("reset") else None,
    )
