"""The budget of a credential, shared through Redis: one worker learns that a limit is spent, and all stop asking.

The key is a digest of the server and the token; the token itself never reaches Redis. It expires at the limit's
end. Without Redis each process goes on with what it learns by itself.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from functools import cache

import redis
from django.conf import settings

from collectors.github.budget import OwnBudget

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1.0


class SharedBudget:
    """Of one credential at one server."""

    def __init__(self, address: str, token: str) -> None:
        self._key = "github:" + hashlib.sha256(f"{address} {token}".encode()).hexdigest()[:32]
        self._own = OwnBudget()

    def closed_until(self, resource: str) -> datetime | None:
        try:
            told = _redis().get(f"{self._key}:{resource}")
        except redis.RedisError as error:
            logger.warning("Redis does not answer (%s): limits are not shared", type(error).__name__)
            return self._own.closed_until(resource)
        return datetime.fromtimestamp(float(told), UTC) if told else None

    def close(self, resource: str, until: datetime) -> None:
        self._own.close(resource, until)
        seconds = int((until - datetime.now(UTC)).total_seconds()) + 1
        if seconds <= 0:
            return
        try:
            _redis().set(f"{self._key}:{resource}", until.timestamp(), ex=seconds)
        except redis.RedisError as error:
            logger.warning("Redis does not answer (%s): limits are not shared", type(error).__name__)

    def open_again(self) -> None:
        """Forget what was learned: somebody asks by hand and may know better."""
        try:
            _redis().delete(f"{self._key}:core", f"{self._key}:graphql")
        except redis.RedisError as error:
            logger.warning("Redis does not answer (%s): limits are not shared", type(error).__name__)


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
