"""What one worker learns of a credential's limits, all keep to; what is left for others is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.github.client import GitHubClient
from collectors.github.errors import RateLimited
from collectors.lookalike.estate import FakeRepository
from collectors.lookalike.faults import rate_limit_spent
from collectors.lookalike.server import LookAlike
from collectors.shared_budget import SharedBudget, _redis
from dashboard.models import Collection, Repository
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import junit_zip

TOKEN = "a-token-of-many"


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    _redis.cache_clear()
    for key in _redis().scan_iter("github:*"):
        _redis().delete(key)
    yield
    _redis.cache_clear()


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def client(github: LookAlike, token: str = TOKEN) -> GitHubClient:
    return GitHubClient(github.api_url, token, waits=(), budget=SharedBudget(github.api_url, token))


def test_a_limit_that_one_client_met_is_kept_to_by_another_without_a_request(
    github: LookAlike, shop: FakeRepository
) -> None:
    github.add_fault(r".", **rate_limit_spent(in_an_hour().timestamp()))
    with client(github) as first, pytest.raises(RateLimited):
        first.repository("acme/shop")
    github.forget()
    with client(github) as second, pytest.raises(RateLimited, match="was not asked for"):
        second.repository("acme/shop")
    assert not github.requests
    with client(github, "another-token") as other:
        assert other.repository("acme/shop").id == shop.id


def test_the_last_two_percent_of_an_hour_are_left_to_others(github: LookAlike, shop: FakeRepository) -> None:
    reset = str(int(in_an_hour().timestamp()))
    left = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "100", "x-ratelimit-reset": reset}
    github.add_fault(r".", headers=left)
    with client(github) as asking:
        asking.repository("acme/shop")
        with pytest.raises(RateLimited):
            asking.repository("acme/shop")


def test_a_limit_that_has_ended_is_forgotten(github: LookAlike, shop: FakeRepository) -> None:
    SharedBudget(github.api_url, TOKEN).close("core", datetime.now(UTC) - timedelta(seconds=1))
    with client(github) as asking:
        assert asking.repository("acme/shop").id == shop.id


def test_the_token_never_reaches_redis(github: LookAlike, shop: FakeRepository) -> None:
    SharedBudget(github.api_url, TOKEN).close("core", in_an_hour())
    (key,) = _redis().scan_iter("github:*")
    assert TOKEN.encode() not in key and TOKEN.encode() not in (_redis().get(key) or b"")


def test_without_redis_each_process_keeps_to_what_it_learned(
    github: LookAlike, shop: FakeRepository, settings: Any
) -> None:
    _redis.cache_clear()
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    github.add_fault(r".", **rate_limit_spent(in_an_hour().timestamp()))
    with client(github) as asking:
        with pytest.raises(RateLimited):
            asking.repository("acme/shop")
        github.forget()
        with pytest.raises(RateLimited, match="was not asked for"):
            asking.repository("acme/shop")
    assert not github.requests


def test_who_collects_by_hand_asks_once_more(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    SharedBudget(github.api_url, "a-token").close("core", in_an_hour())
    assert collect_now()["failed"] == 0


def test_a_night_knows_what_it_weighed_and_what_is_left(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    artifact = github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    for _ in range(2):
        collect_now()
    first, second = (night.requests for night in Collection.objects.order_by("pk"))
    assert first["download_bytes"] == len(github.estate.content_of(artifact)) and first["bytes"] > 0
    assert (first["limit"], first["predicted"], first["backed_off"]) == (15_000, 0, 0)
    assert "points_limit" not in first, "the first night asks nothing by GraphQL"
    assert (second["points_limit"], second["points_remaining"]) == (5_000, 4_999)
    assert second["remaining"] == first["remaining"], "a 304 costs nothing"
    assert second["download_bytes"] == 0
