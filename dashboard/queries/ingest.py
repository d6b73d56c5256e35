"""A collection (a night) as the ingest page shows it: how far it is, what it read, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dashboard.models import Collection, RepositoryCollection
from dashboard.queries.asking import Asking, Queue, asking_of, queues
from dashboard.queries.earlier_nights import Night, earlier_nights
from dashboard.queries.just_read import JustRead, just_read
from dashboard.queries.lancets import (
    MOST_FAILED,
    MOST_IN_HAND,
    Lancet,
    OrganizationPart,
    Refusal,
    lancet_of,
    left_of,
    organizations_of,
    refusals_of,
    rows_to_show,
)
from dashboard.queries.night_totals import Totals, number_unasked, parts_of, totals_of
from dashboard.queries.prepared import prepared
from dashboard.visibility import Reader

State = RepositoryCollection.State

# Below this a rate of repositories per second says nothing.
LEAST_ENDED = 3
LEAST_SECONDS = 5.0
MINUTE, HOUR = 60, 3_600


@dataclass(frozen=True, slots=True)
class SandboxLayer:
    """One of the layers around the process that read this night's reports, as its kernel gave it."""

    name: str
    held: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class CollectionView:
    """Everything on the page of one collection."""

    id: int
    word: str
    is_night: bool
    started_at: datetime
    finished_at: datetime | None
    seconds: float
    seconds_left: float | None
    note: str
    totals: Totals
    organizations: tuple[OrganizationPart, ...]
    failed: tuple[Lancet, ...]
    put_off: tuple[Lancet, ...]
    refusals: tuple[Refusal, ...]
    in_hand: tuple[Lancet, ...]
    just_read: tuple[JustRead, ...]
    nights: tuple[Night, ...]
    asking: Asking
    queues: tuple[Queue, ...] | None
    """While it runs; None when the broker does not answer."""
    sandbox: tuple[SandboxLayer, ...]
    """Empty where nothing was read, or before the layers were written down."""

    @property
    def running(self) -> bool:
        return self.finished_at is None

    @property
    def about_left(self) -> str:
        """The rest in words, as a person would round it: a minute, 16 minutes, 3 hours."""
        left = self.seconds_left or 0.0
        if left < MINUTE * 1.5:
            return "a minute"
        if left < HOUR * 1.5:
            return f"{round(left / MINUTE)} minutes"
        return f"{round(left / HOUR)} hours"

    @property
    def put_off_until(self) -> datetime | None:
        """When the first that waits for GitHub's limit is taken up again; None when none waits."""
        if not self.running:
            return None
        return min((lancet.not_before for lancet in self.put_off if lancet.not_before), default=None)

    @property
    def held_up_until(self) -> datetime | None:
        """The same, where nothing else is left to do."""
        all_wait = self.totals.ended + self.totals.put_off >= self.totals.repositories
        return self.put_off_until if all_wait else None

    @property
    def backfilling(self) -> bool:
        """All repositories have their newest commit on the page; their past is being read."""
        return self.running and self.totals.lit + self.totals.failed >= self.totals.repositories > 0


def collection_view(reader: Reader, collection_id: int | None, now: datetime) -> CollectionView | None:
    """The collection of that id, else the running or the newest one; None when there is none. Six queries."""
    found = _collections(reader, collection_id=collection_id)
    if not found:
        return None
    collection = found[0]
    parts = parts_of(reader, collection)
    rows = rows_to_show(reader, collection, sum(part.repositories for part in parts))
    lancets, left = [lancet_of(row) for row in rows], left_of(collection, rows)
    totals = totals_of(parts, left, collection.unasked)
    seconds = ((collection.finished_at or now) - collection.started_at).total_seconds()
    return CollectionView(
        id=collection.pk,
        word=collection.get_trigger_display(),
        is_night=collection.trigger == Collection.Trigger.NIGHT,
        started_at=collection.started_at,
        finished_at=collection.finished_at,
        seconds=seconds,
        seconds_left=None if collection.finished_at else seconds_left(seconds, totals),
        note=collection.note,
        totals=totals,
        organizations=organizations_of(parts, lancets),
        failed=tuple(lancet for lancet in lancets if lancet.light == "failed")[:MOST_FAILED],
        put_off=tuple(lancet for lancet in lancets if lancet.light == "put-off")[:MOST_FAILED],
        refusals=refusals_of(lancets),
        in_hand=tuple(lancet for lancet in lancets if lancet.is_in_hand)[:MOST_IN_HAND],
        just_read=just_read(reader, collection.started_at, collection.finished_at),
        nights=earlier_nights(reader),
        asking=asking_of([part.asked for part in parts], left),
        queues=None if collection.finished_at else queues(),
        sandbox=tuple(SandboxLayer(name, held, sentence) for name, held, sentence in collection.sandbox),
    )


@prepared
def _collections(reader: Reader, *, collection_id: int | None) -> QuerySet[Any]:
    """The one of that id, else the newest."""
    found = Collection.objects.annotate(unasked=number_unasked(reader)).order_by("-id")
    return (found.filter(pk=collection_id) if collection_id is not None else found)[:1]


def entries_to_retry(collection_id: int, entry_id: int | None) -> list[int]:
    """The failed or put-off entry of that id, or with None all that failed; what stands otherwise is left alone."""
    rows = RepositoryCollection.objects.filter(collection=collection_id, repository__enabled=True)
    if entry_id is None:
        return list(rows.filter(state=State.FAILED).values_list("pk", flat=True))
    return list(rows.filter(pk=entry_id, state__in=(State.FAILED, State.PUT_OFF)).values_list("pk", flat=True))


def seconds_left(seconds: float, totals: Totals) -> float | None:
    """By the pace so far: of repositories until all are lit, then of artifacts. None while there is no pace."""
    lit = totals.lit + totals.failed
    if lit < totals.repositories:
        done, left, least = lit, totals.repositories - lit, LEAST_ENDED
    else:
        done, left, least = totals.artifacts + totals.same, totals.pending, LEAST_ENDED
    if done < least or seconds < LEAST_SECONDS:
        return None
    return left * seconds / done
