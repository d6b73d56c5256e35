"""The repositories of a collection that its page shows one by one; past a number of them only those to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from dashboard.models import Collection, RepositoryCollection
from dashboard.queries.night_totals import Part, is_counted, visible_entries
from dashboard.queries.prepared import prepared
from dashboard.visibility import Reader
from dashboard.wording import count, plural

State = RepositoryCollection.State
Row = dict[str, Any]

# Past this many repositories a lancet for each would make a page of megabytes: organizations get a bar instead.
MOST_LANCETS = 1_500
MOST_FAILED = 50
MOST_IN_HAND = 8
# Sentences about artifacts that were refused or had expired; the repositories' pages list all.
MOST_WARNINGS = 12

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
READING = [state for state, light in LIGHTS.items() if light == "reading"]
ENDED_LIGHTS = ("lit", "still", "failed")
LEFT_OF_REQUESTS = ("limit", "remaining", "reset")
LEFT_OF_POINTS = ("points_limit", "points_remaining", "points_reset")
COLUMNS = (
    *("id", "state", "error", "warnings", "started_at", "finished_at", "not_before"),
    *("pending", "artifacts", "same", "tests", "requests"),
)


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
    warnings: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """Its state with what was read and what is left, for a hover."""
        facts = [self.word]
        facts += [plural(self.artifacts, "artifact")] if self.artifacts else []
        facts += [f"{count(self.pending)} to go"] if self.pending else []
        return ", ".join(facts) + (f". {self.error}" if self.error else "")

    @property
    def is_in_hand(self) -> bool:
        return self.light == "reading" or (self.pending > 0 and self.light != "put-off")


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


def rows_to_show(reader: Reader, collection: Collection, repositories: int) -> list[Row]:
    """All repositories of a collection, or of a large one those that the page says something of; one query."""
    if repositories <= MOST_LANCETS:
        return _all_rows(reader, collection_id=collection.pk)
    chosen = {row["id"]: row for row in _worth_showing(reader, is_counted(collection), collection_id=collection.pk)}
    return sorted(chosen.values(), key=lambda row: (row["login"], row["id"]))


Rows = QuerySet[RepositoryCollection, Row]


def _rows(reader: Reader, collection_id: int) -> Rows:
    rows = visible_entries(reader, collection_id).order_by("repository__organization__login", "id")
    return rows.values(*COLUMNS, name=F("repository__name"), login=F("repository__organization__login"))


@prepared
def _all_rows(reader: Reader, *, collection_id: int) -> Rows:
    return _rows(reader, collection_id)


@prepared
def _worth_showing(reader: Reader, counted: bool, *, collection_id: int) -> Rows:
    rows = _rows(reader, collection_id)
    worth = _troubled(rows) if counted else _in_hand(rows) + _troubled(rows)
    return worth[0].union(*worth[1:], all=True)


def _troubled(rows: Rows) -> list[Rows]:
    """The first failed and warned of: of a collection that has ended that is all, found by an index of them."""
    return [rows.filter(state=State.FAILED)[:MOST_FAILED], rows.exclude(warnings=[])[:MOST_WARNINGS]]


def _in_hand(rows: Rows) -> list[Rows]:
    """The first put off and in hand, and those that GitHub's last words stand with."""
    in_hand = Q(state__in=READING) | Q(pending__gt=0) & ~Q(state=State.PUT_OFF)
    last_first = rows.order_by(Coalesce("finished_at", "started_at").desc(nulls_last=True))
    return [
        rows.filter(state=State.PUT_OFF)[:MOST_FAILED],
        rows.filter(in_hand)[:MOST_IN_HAND],
        last_first.filter(requests__has_key="remaining")[:1],
        last_first.filter(requests__has_key="points_remaining")[:1],
    ]


def left_of(collection: Collection, rows: Iterable[Row]) -> dict[str, Any]:
    """GitHub's last word on what is left of an hour's requests and points: it stands in what ended last, and on the
    row of a collection that was counted at its end."""
    if is_counted(collection):
        return dict(collection.requests)
    left: dict[str, Any] = {}
    for row in sorted(rows, key=_last_moved):
        for kinds in (LEFT_OF_REQUESTS, LEFT_OF_POINTS):
            if kinds[1] in row["requests"]:
                left |= {kind: row["requests"].get(kind) for kind in kinds}
    return left


def _last_moved(row: Mapping[str, Any]) -> float:
    moved: datetime | None = row["finished_at"] or row["started_at"]
    return moved.timestamp() if moved else 0.0


def lancet_of(row: Row) -> Lancet:
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
        warnings=tuple(row["warnings"]),
    )


def organizations_of(parts: Sequence[Part], lancets: Sequence[Lancet]) -> tuple[OrganizationPart, ...]:
    lights: dict[str, Counter[str]] = {}
    titles: dict[str, str] = {}
    for part in parts:
        titles[part.login] = part.title
        lights.setdefault(part.login, Counter())[LIGHTS[part.state]] += part.repositories
    of_each: dict[str, list[Lancet]] = {login: [] for login in lights}
    if sum(numbers.total() for numbers in lights.values()) <= MOST_LANCETS:
        for lancet in lancets:
            of_each[lancet.owner].append(lancet)
    return tuple(
        OrganizationPart(
            login=login,
            title=titles[login],
            total=numbers.total(),
            ended=sum(numbers[light] for light in ENDED_LIGHTS),
            lights=_bar(numbers),
            lancets=tuple(of_each[login]),
        )
        for login, numbers in lights.items()
    )


def _bar(numbers: Counter[str]) -> tuple[tuple[str, int, int], ...]:
    bar, start = [], 0
    for light in dict.fromkeys(LIGHTS.values()):
        if numbers[light]:
            bar.append((light, start, numbers[light]))
            start += numbers[light]
    return tuple(bar)


def refusals_of(lancets: Sequence[Lancet]) -> tuple[Refusal, ...]:
    found = [
        Refusal(lancet.full_name, lancet.owner, lancet.name, sentence)
        for lancet in lancets
        for sentence in lancet.warnings
    ]
    return tuple(found[:MOST_WARNINGS])
