"""Earlier collections: when, how long, and how many repositories fared how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dashboard.models import Collection
from dashboard.queries.night_totals import REQUEST_WORDS, fared
from dashboard.queries.prepared import prepared
from dashboard.visibility import Reader

MOST = 30
WORDS = dict(Collection.Trigger.choices)


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
    return tuple(_night(row) for row in _newest(reader))


@prepared
def _newest(reader: Reader) -> QuerySet[Any]:
    newest = Collection.objects.annotate(told=fared(reader)).order_by("-id")
    return newest.only("trigger", "started_at", "finished_at", "requests")[:MOST]


def _night(row: Any) -> Night:
    return Night(
        id=row.pk,
        word=WORDS[row.trigger],
        started_at=row.started_at,
        seconds=(row.finished_at - row.started_at).total_seconds() if row.finished_at else None,
        repositories=row.told["repositories"],
        collected=row.told["collected"],
        unchanged=row.told["unchanged"],
        no_evidence=row.told["no_evidence"],
        failed=row.told["failed"],
        artifacts=row.told["artifacts"],
        requests=tuple(
            (word, row.requests[kind]) for kind, word in REQUEST_WORDS.items() if row.requests.get(kind)
        ),
        predicted=row.requests.get("predicted", 0),
        bytes=row.requests.get("bytes", 0) + row.requests.get("download_bytes", 0),
    )
