"""A look-alike of GitHub with one repository, and a collector that asks it over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from collectors import collect, night, sentinel, tasks
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository
from dashboard.models import Collection, Organization, Repository

Collect = Callable[..., dict[str, Any]]


@pytest.fixture
def github() -> Iterator[LookAlike]:
    with LookAlike(FakeEstate()) as server:
        yield server


@pytest.fixture
def shop(github: LookAlike) -> FakeRepository:
    """acme/shop as GitHub has it."""
    return github.estate.add_repository("acme/shop", files={"shop/cart.py": b"", "shop/stock.py": b""})


@pytest.fixture
def repository(shop: FakeRepository, db: None) -> Repository:
    """acme/shop as Clerestory has it before the first night."""
    organization = Organization.objects.create(login="acme")
    return Repository.objects.create(organization=organization, name="shop")


@pytest.fixture
def collect_now(github: LookAlike, settings: Any) -> Collect:
    """Collect everything in this process; gives contract section 4's summary."""
    settings.GITHUB_API_URL, settings.GITHUB_TOKEN, settings.DEMO = github.api_url, "a-token", False
    settings.GITHUB_SECONDS_BEFORE_REPEATS = (0.0, 0.0)

    def run(**asked: Any) -> dict[str, Any]:
        collection, entries, chosen = tasks.prepare(Collection.Trigger.COMMAND, **asked)
        for entry in sentinel.worth_asking(entries):
            more = collect.light(entry)
            while more:
                more = collect.deepen(entry)
        night.finish_if_done(collection.pk)
        return night.summary(collection, chosen)

    return run
