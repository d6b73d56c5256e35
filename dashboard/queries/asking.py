"""What a night asked of GitHub beyond its requests, what GitHub leaves, and what waits in the broker's queues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from django.conf import settings

BROKER_SECONDS = 0.3
"""A page waits no longer for the broker: how long its queues are is worth no more."""
QUEUES = {"discover": "to sort out", "collect": "to collect", "backfill": "to read the past of"}


@dataclass(frozen=True, slots=True)
class Asking:
    """``predicted``: lists answered from what was told beforehand; ``waited``: repeats after GitHub asked for time.

    Bytes are of JSON answers; None where no repository of the night counted them. Points are GraphQL's.
    """

    predicted: int | None
    waited: int | None
    bytes: int | None
    points_limit: int | None
    points_remaining: int | None
    points_reset_at: datetime | None


def asking_of(asked: Iterable[Mapping[str, int]], left: Mapping[str, Any]) -> Asking:
    """From what the repositories' requests counted, and GitHub's last word on what is left."""
    sums: dict[str, int | None] = dict.fromkeys(("predicted", "backed_off", "bytes"))
    for counts in asked:
        for kind in sums:
            if kind in counts:
                sums[kind] = (sums[kind] or 0) + counts[kind]
    reset = left.get("points_reset")
    return Asking(
        sums["predicted"],
        sums["backed_off"],
        sums["bytes"],
        left.get("points_limit"),
        left.get("points_remaining"),
        datetime.fromisoformat(reset) if reset else None,
    )


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    word: str
    messages: int


def queues() -> tuple[Queue, ...] | None:
    """The messages that no worker has taken yet; None when the broker does not answer. One message may be several
    repositories' (25 are sorted out at once)."""
    broker = redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS
    )
    try:
        with broker, broker.pipeline(transaction=False) as pipeline:
            for name in QUEUES:
                pipeline.llen(name)
            lengths = pipeline.execute()
    except redis.RedisError:
        return None
    return tuple(Queue(name, word, length) for (name, word), length in zip(QUEUES.items(), lengths, strict=True))
