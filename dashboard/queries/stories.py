"""How each repository fared in one collection, a line each: found by state and name, the slowest first if asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet
from django.db.models import DurationField as Duration
from django.db.models.functions import Coalesce, Lower, Now

from dashboard.models import Collection, Repository, RepositoryCollection
from dashboard.queries.night_totals import visible_entries
from dashboard.queries.prepared import number_of, prepared
from dashboard.visibility import Reader
from dashboard.wording import moment, plural

State = RepositoryCollection.State
PAGE = 100

FILTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": ("All", ()),
    "working": ("At work", (State.LISTING, State.READING, State.BACKFILLING)),
    "waiting": ("Waiting", (State.WAITING,)),
    "put-off": ("Put off", (State.PUT_OFF,)),
    "failed": ("Failed", (State.FAILED,)),
    "news": ("With news", (State.COLLECTED,)),
    "unchanged": ("Unchanged", (State.UNCHANGED,)),
    "no-evidence": ("Without evidence", (State.NO_EVIDENCE,)),
}
"""What can be asked for: its word, and the states that it takes; none: every state."""
BY_NAME = Lower("repository__full_name")
"""As the index of names has it, so that a page of them is cut out of it."""
ORDERS = {"name": (BY_NAME,), "slow": (F("took").desc(nulls_last=True), BY_NAME)}
WORDS = dict(State.choices)
REQUESTS = ("graphql", "rest", "downloads")
COUNTED = ("artifacts", "reports", "tests", "same", "rejected", "expired", "pending")
SHOWN = (
    *("state", "error", "warnings", "requests", "not_before", *COUNTED),
    *("repository__name", "repository__reason", "repository__organization__login"),
)


@dataclass(frozen=True, slots=True)
class Story:
    """One repository in one collection; ``seconds`` is unknown until it was begun."""

    owner: str
    name: str
    state: str
    word: str
    sentence: str
    seconds: float | None
    requests: int


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    word: str
    count: int


@dataclass(frozen=True, slots=True)
class Stories:
    """A page of them; ``choices`` counts every filter, ``count`` what the asked one and the text leave."""

    collection_id: int
    started_at: datetime
    running: bool
    choices: tuple[Choice, ...]
    count: int
    page: int
    stories: tuple[Story, ...]

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))


def stories_of(reader: Reader, collection_id: int, chosen: str, text: str, order: str, page: int) -> Stories | None:
    """None where there is no such collection; three queries, four with a text."""
    collections = _collections(collection_id=collection_id)
    if not collections:
        return None
    collection = collections[0]
    counted = _by_state(reader, collection_id=collection_id)
    choices = tuple(
        Choice(key, word, sum(count for state, count in counted if not states or state in states))
        for key, (word, states) in FILTERS.items()
    )
    asked = {"collection_id": collection_id, "text": text}
    return Stories(
        collection.pk,
        collection.started_at,
        collection.finished_at is None,
        choices,
        sum(_number(reader, chosen, **asked)) if text else next(c.count for c in choices if c.key == chosen),
        page,
        tuple(map(_story, _page(reader, chosen, order, page, **asked))),
    )


@prepared
def _collections(*, collection_id: int) -> QuerySet[Collection]:
    return Collection.objects.filter(pk=collection_id).only("started_at", "finished_at")


@prepared
def _by_state(reader: Reader, *, collection_id: int) -> QuerySet[Any]:
    """State and number, all of them and, as a negative number, those that are hidden from this reader."""
    entries = RepositoryCollection.objects.filter(collection_id=collection_id).order_by()
    hidden = entries.filter(repository__in=Repository.objects.hidden_from(reader))
    counted = entries.values_list("state").annotate(number=Count("*"))
    return counted.union(hidden.values_list("state").annotate(number=-Count("*")), all=True)


@prepared
def _number(reader: Reader, chosen: str, *, collection_id: int, text: str) -> QuerySet[Any]:
    return number_of(_asked(reader, chosen, collection_id, text))


@prepared
def _page(
    reader: Reader, chosen: str, order: str, page: int, *, collection_id: int, text: str
) -> QuerySet[RepositoryCollection]:
    took = ExpressionWrapper(Coalesce("finished_at", Now()) - F("started_at"), output_field=Duration())
    rows = _asked(reader, chosen, collection_id, text).annotate(took=took).order_by(*ORDERS[order])
    return rows.select_related("repository__organization").only(*SHOWN)[(page - 1) * PAGE : page * PAGE]


def _asked(reader: Reader, chosen: str, collection_id: int, text: str) -> QuerySet[RepositoryCollection]:
    rows, states = visible_entries(reader, collection_id), FILTERS[chosen][1]
    if states:
        rows = rows.filter(state__in=states)
    return rows.filter(Q(repository__full_name__icontains=text) | Q(error__icontains=text)) if text else rows


def _story(row: Any) -> Story:
    took: timedelta | None = row.took
    return Story(
        row.repository.organization.login,
        row.repository.name,
        row.state,
        WORDS[row.state],
        sentence_of(row),
        took.total_seconds() if took is not None else None,
        sum(row.requests.get(kind, 0) for kind in REQUESTS),
    )


def sentence_of(row: RepositoryCollection) -> str:
    """What came of it and why, as one line."""
    if row.state == State.FAILED:
        return row.error
    if row.state == State.PUT_OFF:
        until = f" until {moment(row.not_before)}" if row.not_before else ""
        return f"Put off{until}. {row.error}".strip()
    if row.state == State.WAITING:
        return "Waits for a worker."
    if row.state == State.UNCHANGED:
        return "Nothing ran since it was collected last."
    read = _what_was_read(row)
    if row.state == State.NO_EVIDENCE:
        return row.repository.reason or (f"{read}, and no report among them." if read else "No report was found.")
    if row.state == State.COLLECTED:
        return f"{read}." if read else "Its runs were looked at; no artifact was new."
    left = f"{plural(row.pending, 'artifact')} to go" if row.pending else "reading"
    return f"{read}, {left}." if read else f"At work: {left}."


def _what_was_read(row: RepositoryCollection) -> str:
    parts = [f"{plural(row.artifacts, 'artifact')} read"] if row.artifacts else []
    parts += [plural(row.reports, "report")] if row.reports else []
    parts += [plural(row.tests, "test result")] if row.tests else []
    parts += [f"{plural(row.same, 'artifact')} known by digest"] if row.same else []
    if row.rejected:
        parts.append(f"{row.rejected} refused" + (f" ({row.warnings[0]})" if row.warnings else ""))
    parts += [f"{row.expired} expired before it was read"] if row.expired else []
    return ", ".join(parts)
