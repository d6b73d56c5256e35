"""A collection (a night) as the ingest page shows it: how far it is, what it read, what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from dashboard.models import Collection, Repository, RepositoryCollection
from dashboard.queries.asking import Asking, Queue, asking_of, queues
from dashboard.queries.earlier_nights import REQUEST_WORDS, Night, earlier_nights
from dashboard.queries.just_read import JustRead, just_read
from dashboard.visibility import Reader
from dashboard.wording import count, plural

State = RepositoryCollection.State

# Sentences about artifacts that were refused or had expired; the repositories' pages list all.
MOST_WARNINGS = 12
MOST_FAILED = 50
# Past this many repositories a lancet for each would make a page of megabytes: organizations get a bar instead.
MOST_LANCETS = 1_500
# Below this a rate of repositories per second says nothing.
LEAST_ENDED = 3
LEAST_SECONDS = 5.0
MINUTE, HOUR = 60, 3_600

LIGHTS: dict[str, str] = {
    State.WAITING: "waiting",
    State.LISTING: "reading",
    State.READING: "reading",
    State.BACKFILLING: "lit",
    State.COLLECTED: "lit",
    State.UNCHANGED: "still",
    State.NO_EVIDENCE: "still",
    State.PUT_OFF: "put-off",
    State.FAILED: "failed",
}
"""How a state's lancet is drawn: a repository whose past is still being read is lit already."""


@dataclass(frozen=True, slots=True)
class Lancet:
    """One repository in one collection."""

    entry_id: int
    full_name: str
    owner: str
    name: str
    light: str
    word: str
    artifacts: int
    pending: int
    tests: int
    error: str
    finished_at: datetime | None
    not_before: datetime | None

    @property
    def in_words(self) -> str:
        """Its state with what was read and what is left, for a hover."""
        facts = [self.word]
        facts += [plural(self.artifacts, "artifact")] if self.artifacts else []
        facts += [f"{count(self.pending)} to go"] if self.pending else []
        return ", ".join(facts) + (f". {self.error}" if self.error else "")


@dataclass(frozen=True, slots=True)
class OrganizationPart:
    """An organization's repositories in this collection; ``lancets`` is empty where there are too many."""

    login: str
    title: str
    total: int
    ended: int
    lights: tuple[tuple[str, int, int], ...]
    """Light, where its part of a bar starts, and how many repositories long it is."""
    lancets: tuple[Lancet, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence about an artifact that was refused or had expired."""

    full_name: str
    owner: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the repositories that the reader may see."""

    repositories: int
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
    def held_up_until(self) -> datetime | None:
        """When the first that is put off is taken up again, where nothing else is left to do; else None."""
        totals = self.totals
        if not self.running or totals.ended + totals.put_off < totals.repositories:
            return None
        return min((lancet.not_before for lancet in self.put_off if lancet.not_before), default=None)

    @property
    def backfilling(self) -> bool:
        """All repositories have their newest commit on the page; their past is being read."""
        return self.running and self.totals.lit + self.totals.failed >= self.totals.repositories > 0


def collection_view(reader: Reader, collection_id: int | None, now: datetime) -> CollectionView | None:
    """The collection of that id, else the running or the newest one; None when there is none. Six queries."""
    found = Collection.objects.order_by("-id")
    collection = (found.filter(pk=collection_id) if collection_id is not None else found).first()
    if collection is None:
        return None
    rows = list(_entries(reader, collection.pk))
    lancets = [_lancet(row) for row in rows]
    totals = _totals(rows)
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
        organizations=_organizations(rows, lancets),
        failed=tuple(lancet for lancet in lancets if lancet.light == "failed")[:MOST_FAILED],
        put_off=tuple(lancet for lancet in lancets if lancet.light == "put-off")[:MOST_FAILED],
        refusals=_refusals(rows),
        in_hand=tuple(lancet for lancet in lancets if _is_in_hand(lancet))[:8],
        just_read=just_read(reader, collection.started_at, collection.finished_at),
        nights=earlier_nights(reader),
        asking=asking_of(row["requests"] for row in sorted(rows, key=_last_moved)),
        queues=None if collection.finished_at else queues(),
        sandbox=tuple(SandboxLayer(name, held, sentence) for name, held, sentence in collection.sandbox),
    )


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


def _entries(reader: Reader, collection_id: int) -> QuerySet[RepositoryCollection, dict[str, Any]]:
    visible = Repository.objects.visible_to(reader)
    return (
        RepositoryCollection.objects.filter(collection_id=collection_id, repository__in=visible)
        .order_by("repository__organization__login", "id")
        .values(
            *(
                "id",
                "state",
                "error",
                "warnings",
                "started_at",
                "finished_at",
                "not_before",
                "lit_at",
                "pending",
                "artifacts",
                "reports",
            ),
            *("tests", "same", "rejected", "expired", "bytes", "requests"),
            name=F("repository__name"),
            login=F("repository__organization__login"),
            title=F("repository__organization__title"),
        )
    )


def _lancet(row: dict[str, Any]) -> Lancet:
    return Lancet(
        entry_id=row["id"],
        full_name=f"{row['login']}/{row['name']}",
        owner=row["login"],
        name=row["name"],
        light=LIGHTS[row["state"]],
        word=State(row["state"]).label,
        artifacts=row["artifacts"] + row["same"],
        pending=row["pending"],
        tests=row["tests"],
        error=row["error"],
        finished_at=row["finished_at"],
        not_before=row["not_before"],
    )


def _is_in_hand(lancet: Lancet) -> bool:
    return lancet.light == "reading" or (lancet.pending > 0 and lancet.light != "put-off")


def _last_moved(row: dict[str, Any]) -> float:
    moved: datetime | None = row["finished_at"] or row["started_at"]
    return moved.timestamp() if moved else 0.0


def _totals(rows: Sequence[dict[str, Any]]) -> Totals:
    states = Counter(row["state"] for row in rows)
    requests = Counter(dict.fromkeys(REQUEST_WORDS, 0))
    for row in rows:
        requests.update({kind: row["requests"].get(kind, 0) for kind in REQUEST_WORDS})
    # GitHub's last word on what is left stands in the entry that ended last.
    told = [row for row in rows if "remaining" in row["requests"]]
    newest = max(told, key=_last_moved, default=None)
    quota = newest["requests"] if newest else {}
    return Totals(
        repositories=len(rows),
        collected=states[State.COLLECTED],
        unchanged=states[State.UNCHANGED],
        no_evidence=states[State.NO_EVIDENCE],
        failed=states[State.FAILED],
        put_off=states[State.PUT_OFF],
        lit=sum(1 for row in rows if row["lit_at"] and row["state"] != State.FAILED),
        **{name: sum(row[name] for row in rows) for name in SUMS},
        requests=tuple(requests.items()),
        limit=quota.get("limit"),
        remaining=quota.get("remaining"),
        reset_at=datetime.fromisoformat(quota["reset"]) if quota.get("reset") else None,
    )


SUMS = ("artifacts", "pending", "reports", "tests", "same", "rejected", "expired", "bytes")


def _organizations(rows: Sequence[dict[str, Any]], lancets: Sequence[Lancet]) -> tuple[OrganizationPart, ...]:
    parts: dict[str, list[Lancet]] = {}
    for lancet in lancets:
        parts.setdefault(lancet.owner, []).append(lancet)
    titles = {row["login"]: row["title"] or row["login"] for row in rows}
    return tuple(
        OrganizationPart(
            login=login,
            title=titles[login],
            total=len(part),
            ended=sum(1 for lancet in part if lancet.light in ("lit", "still", "failed")),
            lights=_lights(part),
            lancets=tuple(part) if len(lancets) <= MOST_LANCETS else (),
        )
        for login, part in parts.items()
    )


def _lights(part: Sequence[Lancet]) -> tuple[tuple[str, int, int], ...]:
    numbers = Counter(lancet.light for lancet in part)
    lights, start = [], 0
    for light in dict.fromkeys(LIGHTS.values()):
        if numbers[light]:
            lights.append((light, start, numbers[light]))
            start += numbers[light]
    return tuple(lights)


def _refusals(rows: Sequence[dict[str, Any]]) -> tuple[Refusal, ...]:
    found = [
        Refusal(f"{row['login']}/{row['name']}", row["login"], row["name"], sentence)
        for row in rows
        for sentence in row["warnings"]
    ]
    return tuple(found[:MOST_WARNINGS])
