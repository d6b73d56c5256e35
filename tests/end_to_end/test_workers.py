"""More workers collect faster, and a slow repository holds up nobody but itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from collectors import tasks
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from dashboard.models import Collection, Organization, Repository, RepositoryCollection
from tests.collectors.night.reports import cobertura_zip, junit_zip
from tests.end_to_end.conftest import working
from tests.runtime.installation import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

REALISTIC_LATENCY = 0.08
"""Seconds that GitHub takes to answer, at the least; a download takes as long again."""
REPOSITORIES = 24
NIGHT_WITHIN = 120.0


def estate_of(*owners: str) -> FakeEstate:
    """The same repositories for each owner: a run, tests and coverage."""
    estate = FakeEstate()
    for owner in owners:
        for at in range(REPOSITORIES):
            repository = estate.add_repository(f"{owner}/part-{at}", files={"shop/cart.py": b""})
            run = estate.add_run(repository, created_at=estate.now - timedelta(hours=1, minutes=at))
            estate.add_artifact(run, "test-results", junit_zip(total="P", taxes="F" if at % 5 == 0 else "P"))
            estate.add_artifact(run, "coverage", cobertura_zip(cart={1: 1, 2: at % 2}))
    return estate


@pytest.fixture
def github() -> Iterator[LookAlike]:
    with LookAlike(estate_of("one", "two"), page_latency=REALISTIC_LATENCY) as server:
        yield server


def begin(owner: str, names: list[str]) -> Collection:
    organization = Organization.objects.create(login=owner)
    rows = [Repository.objects.create(organization=organization, name=name) for name in names]
    collection, _ = tasks.begin_and_hand_out(Collection.Trigger.ADMIN, [row.pk for row in rows])
    return collection


def seconds_of(owner: str) -> float:
    began = time.monotonic()
    collection = begin(owner, [f"part-{at}" for at in range(REPOSITORIES)])
    ended = Collection.objects.filter(pk=collection.pk).exclude(finished_at=None)
    wait_until(ended.exists, f"the night of {owner} has ended", NIGHT_WITHIN)
    states = RepositoryCollection.objects.filter(collection=collection).values_list("state", flat=True)
    assert set(states) == {RepositoryCollection.State.COLLECTED}
    return time.monotonic() - began


@pytest.mark.bench
def test_two_workers_collect_nearly_twice_as_fast_as_one(environment: dict[str, str]) -> None:
    with working(environment, 1):
        alone = seconds_of("one")
    with working(environment, 2):
        together = seconds_of("two")
    print(f"\none worker {alone:.1f} s, two {together:.1f} s: {alone / together:.2f} times as fast")
    assert alone / together >= 1.8


def test_a_slow_repository_holds_up_nobody_but_itself(github: LookAlike, environment: dict[str, str]) -> None:
    github.page_latency = 0.0
    github.add_fault(r"/repos/one/part-0$", delay=6.0)
    with working(environment, 1, processes=2):
        collection = begin("one", [f"part-{at}" for at in range(REPOSITORIES)])
        entries = RepositoryCollection.objects.filter(collection=collection)
        collected = entries.filter(state=RepositoryCollection.State.COLLECTED)
        wait_until(lambda: collected.count() == REPOSITORIES, "all were collected", NIGHT_WITHIN)
    # With two processes the one that waits leaves the other to all the rest; it was handed out first.
    slow = entries.get(repository__name="part-0")
    assert entries.order_by("pk").first() == slow
    assert collected.filter(finished_at__lt=slow.finished_at).count() >= REPOSITORIES // 2
