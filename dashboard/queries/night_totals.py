"""The sums of a collection over the repositories that a reader may see, added up by PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, Expression, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from dashboard.models import Repository, RepositoryCollection
from dashboard.queries.earlier_nights import REQUEST_WORDS
from dashboard.visibility import Reader

State = RepositoryCollection.State

SUMS = ("artifacts", "pending", "reports", "tests", "same", "rejected", "expired", "bytes")
ASKED = ("predicted", "backed_off", "bytes")
"""Kinds of ``requests`` that not every repository counts; ``bytes`` there are of JSON answers."""


def visible_entries(reader: Reader, collection_id: int) -> QuerySet[RepositoryCollection]:
    visible = Repository.objects.visible_to(reader)
    return RepositoryCollection.objects.filter(collection_id=collection_id, repository__in=visible)


def number_unasked(reader: Reader) -> Expression:
    """Of a running collection: how many repositories are still to be asked about, and so hidden from this reader.

    Until GitHub has said that a repository is public it counts as private; a night's beginning would look like its
    end without them. They are a number and nothing else: no name, no organization.
    """
    if reader.is_staff or not reader.public_installation:
        return Value(0)
    unasked = RepositoryCollection.objects.filter(
        collection=OuterRef("pk"),
        collection__finished_at=None,
        state=State.WAITING,
        repository__github_id=None,
        repository__private=True,
    )
    return Coalesce(Subquery(unasked.order_by().values("collection").annotate(n=Count("pk")).values("n")), 0)


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


def parts_of(reader: Reader, collection_id: int) -> list[Part]:
    """By organization and state; one query, whose rows grow with organizations and not with repositories."""
    kinds = dict.fromkeys((*REQUEST_WORDS, *ASKED))
    asked = {f"asked_{kind}": Sum(Cast(KT(f"requests__{kind}"), BigIntegerField())) for kind in kinds}
    rows: Any = (
        visible_entries(reader, collection_id)
        .order_by("repository__organization__login")
        .values("state", login=F("repository__organization__login"), title=F("repository__organization__title"))
        .annotate(
            number=Count("pk"),
            lit=Count("lit_at"),
            **{f"sum_{name}": Sum(name) for name in SUMS},
            **asked,
        )
    )
    return [
        Part(
            row["login"],
            row["title"] or row["login"],
            row["state"],
            row["number"],
            row["lit"],
            {name: int(row[f"sum_{name}"]) for name in SUMS},
            {kind: row[f"asked_{kind}"] for kind in kinds if row[f"asked_{kind}"] is not None},
        )
        for row in rows
    ]


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
