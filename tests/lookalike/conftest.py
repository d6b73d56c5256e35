"""An estate with one of everything, served."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, zip_of


@pytest.fixture
def estate() -> FakeEstate:
    return FakeEstate()


@pytest.fixture
def repository(estate: FakeEstate) -> FakeRepository:
    """A repository with a run, its artifact, and two files."""
    files = {"README.md": b"# Hello\n", ".github/workflows/ci.yml": b"on: push\n"}
    made = estate.add_repository("octo-org/hello", language="Python", topics=["tests"], files=files)
    estate.add_artifact(estate.add_run(made), "test-results", zip_of({"junit.xml": b"<testsuites/>"}))
    return made


@pytest.fixture
def server(estate: FakeEstate) -> Iterator[LookAlike]:
    with LookAlike(estate) as started:
        yield started
