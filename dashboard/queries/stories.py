"""How each repository fared in one collection, a line each: found by state and name, the slowest first if asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet
from django.db.models import DurationField as Duration
from django.db.models.functions import Coalesce, Lower, Now

from dashboard.models import Collection, Repository, RepositoryCollection
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
REQUESTS = ("graphql", "rest", "downloads")


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
    collection = Collection.objects.filter(pk=collection_id).first()
    if collection is None:
        return None
    visible = Repository.objects.visible_to(reader).values("pk")
    rows = RepositoryCollection.objects.filter(collection=collection, repository__in=visible)
    counted = dict(rows.values_list("state").annotate(Count("pk")))
    choices = tuple(
        Choice(key, word, sum(count for state, count in counted.items() if not states or state in states))
        for key, (word, states) in FILTERS.items()
    )
    asked = _asked(rows, chosen, text)
    took = ExpressionWrapper(Coalesce("finished_at", Now()) - F("started_at"), output_field=Duration())
    ordered = asked.annotate(took=took).select_related("repository__organization").order_by(*ORDERS[order])
    return Stories(
        collection.pk,
        collection.started_at,
        collection.finished_at is None,
        choices,
        asked.count() if text else next(choice.count for choice in choices if choice.key == chosen),
        page,
        tuple(map(_story, ordered[(page - 1) * PAGE : page * PAGE])),
    )


def _asked(rows: QuerySet[RepositoryCollection], chosen: str, text: str) -> QuerySet[RepositoryCollection]:
    states = FILTERS[chosen][1]
    if states:
        rows = rows.filter(state__in=states)
    return rows.filter(Q(repository__full_name__icontains=text) | Q(error__icontains=text)) if text else rows


def _story(row: Any) -> Story:
    took: timedelta | None = row.took
    return Story(
        row.repository.organization.login,
        row.repository.name,
        row.state,
        row.get_state_display(),
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
