"""Earlier collections: when, how long, and how many repositories fared how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Subquery, Sum

from dashboard.models import Collection, Repository, RepositoryCollection
from dashboard.visibility import Reader

MOST = 30
REQUEST_WORDS = {
    "graphql": "GraphQL",
    "rest": "REST",
    "not_modified": "not modified",
    "downloads": "downloads",
    "retried": "tried again",
}


@dataclass(frozen=True, slots=True)
class Night:
    """One collection in the list of earlier ones."""

    id: int
    word: str
    started_at: datetime
    seconds: float | None
    repositories: int
    collected: int
    unchanged: int
    no_evidence: int
    failed: int
    artifacts: int
    requests: tuple[tuple[str, int], ...]
    """Word and number of each kind of request of which there was one."""
    predicted: int
    bytes: int
    """What came over the wire: answers and downloads."""


def earlier_nights(reader: Reader) -> tuple[Night, ...]:
    """The newest collections, newest first; one query. Counts are of repositories that the reader may see."""
    visible = Q(repositories__repository__in=Subquery(Repository.objects.visible_to(reader).values("pk")))
    by_state = {
        str(state.value): Count("repositories", filter=visible & Q(repositories__state=state))
        for state in RepositoryCollection.ENDED
    }
    newest = Collection.objects.order_by("-id").values("pk")[:MOST]
    rows = (
        Collection.objects.filter(pk__in=Subquery(newest))
        .annotate(
            total=Count("repositories", filter=visible),
            artifacts=Sum("repositories__artifacts", filter=visible, default=0),
            **by_state,
        )
        .order_by("-id")
    )
    return tuple(_night(row) for row in rows)


def _night(row: Any) -> Night:
    return Night(
        id=row.pk,
        word=row.get_trigger_display(),
        started_at=row.started_at,
        seconds=(row.finished_at - row.started_at).total_seconds() if row.finished_at else None,
        repositories=row.total,
        collected=row.collected,
        unchanged=row.unchanged,
        no_evidence=row.no_evidence,
        failed=row.failed,
        artifacts=row.artifacts,
        requests=tuple(
            (word, row.requests[kind]) for kind, word in REQUEST_WORDS.items() if row.requests.get(kind)
        ),
        predicted=row.requests.get("predicted", 0),
        bytes=row.requests.get("bytes", 0) + row.requests.get("download_bytes", 0),
    )
