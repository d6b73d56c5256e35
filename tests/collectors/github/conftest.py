"""A client in front of the look-alike, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collectors.github.client import GitHubClient
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeArtifact, FakeRepository, zip_of


@pytest.fixture
def estate() -> FakeEstate:
    return FakeEstate()


@pytest.fixture
def repository(estate: FakeEstate) -> FakeRepository:
    return estate.add_repository("octo-org/hello")


@pytest.fixture
def artifact(estate: FakeEstate, repository: FakeRepository) -> FakeArtifact:
    """A zip of some 300 kB that does not compress, so that it comes in several pieces."""
    noise = b"".join(number.to_bytes(4, "big") for number in range(75_000))
    run = estate.add_run(repository)
    return estate.add_artifact(run, "test-results", zip_of({"junit.xml": b"<testsuites/>"}) + noise)


@pytest.fixture
def server(estate: FakeEstate) -> Iterator[LookAlike]:
    with LookAlike(estate) as started:
        yield started


@pytest.fixture
def client(server: LookAlike) -> Iterator[GitHubClient]:
    """Three repeats, none of them waited for."""
    with GitHubClient(server.api_url, "t0ken", waits=(0, 0, 0)) as made:
        yield made
