"""The budget of a credential, shared through Redis: one worker learns that a limit is spent, and all stop asking.

The keys are a digest of the server and the token; the token itself never reaches Redis. They expire by themselves:
a limit at its end, the place of a request whose worker died after LEASE. Without Redis each process goes on with
what it learns by itself.

GitHub's secondary limits: 100 requests under way at once and 900 a minute, told by no header until they are met.
"""

from __future__ import annotations

import hashlib
import logging
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

import redis
from django.conf import settings

from collectors.github.budget import OwnBudget
from collectors.github.errors import RateLimited
from collectors.github.sansio import LONGEST_WAIT, is_loopback

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1.0
LEASE = timedelta(seconds=90)
"""Longer than any request takes: it gives up after 30 s without a byte."""
BURST = timedelta(seconds=5)
"""What may be asked at once after a pause, as the minute's share of this time."""
CROWDED = timedelta(seconds=30)
"""A request that found no place within LONGEST_WAIT is tried again after this."""

# One place in the set, and one step of the pace; else how many milliseconds to wait. By Redis's own clock.
TAKE_A_PLACE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local most, lease, interval, burst = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= most then return 100 end
local due = math.max(now, tonumber(redis.call('GET', KEYS[2]) or now))
if due - now > burst then return due - now - burst end
if interval > 0 then redis.call('SET', KEYS[2], due + interval, 'PX', 60000) end
redis.call('ZADD', KEYS[1], now + lease, ARGV[1])
redis.call('PEXPIRE', KEYS[1], lease)
return 0
"""


class SharedBudget:
    """Of one credential at one server."""

    def __init__(self, address: str, token: str, patience: timedelta = LONGEST_WAIT) -> None:
        self._patience = patience
        loopback = is_loopback(urlsplit(address).hostname)
        self._interval = 0 if loopback else 60_000 // settings.GITHUB_REQUESTS_A_MINUTE
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

    @contextmanager
    def slot(self) -> Iterator[None]:
        place = secrets.token_hex(8)
        held = self._take(place)
        try:
            yield
        finally:
            if held:
                # A place that is not given back ends by itself.
                with suppress(redis.RedisError):
                    _redis().zrem(f"{self._key}:places", place)

    def _take(self, place: str) -> bool:
        """Take a place, waiting for one if need be; False where Redis does not answer."""
        until = datetime.now(UTC) + self._patience
        asked: list[str | int] = [
            place,
            settings.GITHUB_CONCURRENCY,
            _milliseconds(LEASE),
            self._interval,
            _milliseconds(BURST),
        ]
        while True:
            try:
                wait = int(_redis().eval(TAKE_A_PLACE, 2, f"{self._key}:places", f"{self._key}:pace", *asked))
            except redis.RedisError as error:
                logger.warning("Redis does not answer (%s): limits are not shared", type(error).__name__)
                return False
            if not wait:
                return True
            if datetime.now(UTC) + timedelta(milliseconds=wait) > until:
                raise RateLimited(
                    "As many requests as GITHUB_CONCURRENCY and GITHUB_REQUESTS_A_MINUTE allow are under way with "
                    "this credential: it is tried again after them.",
                    reset_at=datetime.now(UTC) + CROWDED,
                )
            time.sleep(wait / 1000 * random.uniform(1, 1.5))  # noqa: S311 - no secret

    def open_again(self) -> None:
        """Forget what was learned: somebody asks by hand and may know better."""
        try:
            _redis().delete(f"{self._key}:core", f"{self._key}:graphql")
        except redis.RedisError as error:
            logger.warning("Redis does not answer (%s): limits are not shared", type(error).__name__)


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
