"""A repository that met a limit of GitHub's is put off to the limit's end; a sweep takes it up again."""

from __future__ import annotations

import random
from datetime import timedelta

from collectors.github.errors import RateLimited
from dashboard.models import RepositoryCollection

PUT_OFF_AT_MOST = timedelta(hours=20)
"""Whom limits have kept waiting for this long is not put off again, so that the next night can begin."""
SPREAD_SECONDS = 60


def put_off(entry: RepositoryCollection, error: RateLimited) -> bool:
    """Have it taken up again after the limit's end; False when it has waited for long enough.

    Not all at that very second: a credential's repositories come back spread over a minute.
    """
    not_before = error.reset_at + timedelta(seconds=random.uniform(0, SPREAD_SECONDS))  # noqa: S311 - no secret
    if not_before - entry.collection.started_at > PUT_OFF_AT_MOST:
        return False
    entry.state, entry.error, entry.not_before = RepositoryCollection.State.PUT_OFF, error.sentence, not_before
    entry.save(update_fields=["state", "error", "not_before"])
    return True
