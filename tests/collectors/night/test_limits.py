"""What one worker learns of a credential's limits, all keep to; what is left for others is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors import night, sentinel
from collectors.github.client import GitHubClient
from collectors.github.errors import RateLimited
from collectors.lookalike.faults import rate_limit_spent
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository
from collectors.shared_budget import LEASE, SharedBudget, _redis
from dashboard.models import Collection, Repository, RepositoryCollection
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


def test_no_more_is_asked_at_once_than_is_allowed(github: LookAlike, shop: FakeRepository, settings: Any) -> None:
    settings.GITHUB_CONCURRENCY = 1
    at_once = timedelta()
    ours = SharedBudget(github.api_url, TOKEN, patience=at_once)
    with ours.slot():
        with pytest.raises(RateLimited, match="GITHUB_CONCURRENCY"), ours.slot():
            pass
        with SharedBudget(github.api_url, "another-token", patience=at_once).slot():
            pass
    with ours.slot():
        pass
    with client(github) as asking:
        for _ in range(2):
            assert asking.repository("acme/shop").id == shop.id


def test_a_place_ends_by_itself_when_its_worker_died(github: LookAlike, settings: Any) -> None:
    settings.GITHUB_CONCURRENCY = 1
    ours = SharedBudget(github.api_url, TOKEN, patience=timedelta())
    worker = ours.slot()
    worker.__enter__()
    (places,) = _redis().scan_iter("github:*:places")
    assert 0 < _redis().ttl(places) <= LEASE.total_seconds()
    now, _ = _redis().time()
    (place,) = _redis().zrange(places, 0, -1)
    _redis().zadd(places, {place: now * 1000 - 1})
    with ours.slot():
        pass


def test_more_than_the_minutes_share_is_waited_for(settings: Any) -> None:
    settings.GITHUB_REQUESTS_A_MINUTE = 60
    far = SharedBudget("https://github.example.com/api/v3", TOKEN, patience=timedelta())
    for _ in range(6):
        with far.slot():
            pass
    with pytest.raises(RateLimited, match="GITHUB_REQUESTS_A_MINUTE"), far.slot():
        pass


def test_without_redis_a_place_is_always_free(github: LookAlike, settings: Any) -> None:
    _redis.cache_clear()
    settings.CELERY_BROKER_URL, settings.GITHUB_CONCURRENCY = "redis://127.0.0.1:1/0", 1
    ours = SharedBudget(github.api_url, TOKEN, patience=timedelta())
    with ours.slot(), ours.slot():
        pass


@pytest.fixture
def asked_before(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> Repository:
    """A repository of which GraphQL can tell whether anything ran."""
    at = github.estate.now - timedelta(days=6)
    github.estate.add_run(shop, created_at=at)
    for _ in range(2):
        collect_now()
    github.estate.add_run(shop, created_at=at + timedelta(days=5))
    github.forget()
    return repository


def test_spent_points_put_the_batch_off_and_cost_no_list(github: LookAlike, asked_before: Repository) -> None:
    _, (entry_id,) = night.begin(Collection.Trigger.NIGHT)
    github.add_fault("/graphql$", **rate_limit_spent(in_an_hour().timestamp()))
    assert sentinel.sort_out([entry_id], may_put_off=True) == []
    entry = RepositoryCollection.objects.get(pk=entry_id)
    assert entry.state == "put_off" and entry.not_before is not None and entry.not_before >= in_an_hour()
    assert sum(github.requests.values()) == github.requests["graphql"] == 1


def test_without_a_sweep_spent_points_are_gone_round_by_rest(
    github: LookAlike, asked_before: Repository, collect_now: Collect
) -> None:
    github.add_fault("/graphql$", **rate_limit_spent(in_an_hour().timestamp()))
    assert collect_now()["failed"] == 0
    assert github.requests["runs"] == 1


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
    assert first["points_remaining"] == 4_999, (
        "the first night asks for its tags by GraphQL; the look-alike forgets"
    )
    assert (second["points_limit"], second["points_remaining"]) == (5_000, 4_999)
    assert second["remaining"] == first["remaining"], "a 304 costs nothing"
    assert second["download_bytes"] == 0
