"""/healthz: 200 only when database, broker and a worker answer; otherwise which of them does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.django_db
def test_without_a_worker_it_is_503_and_says_so(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 503
    found = response.json()
    assert (found["database"], found["broker"]) == ("ok", "ok")
    assert found["worker"] == "No worker answers: see the worker's log."


@pytest.mark.django_db
def test_without_a_broker_the_worker_is_not_asked_and_no_address_is_given_away(
    client: Client, settings, closed_port: int
) -> None:
    settings.CELERY_BROKER_URL = f"redis://:secret@127.0.0.1:{closed_port}/0"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["broker"] == "The broker does not answer: see REDIS_URL."
    assert response.json()["worker"].startswith("Not asked")
    assert b"secret" not in response.content


def test_without_a_database_it_is_503_and_says_so(client: Client) -> None:
    # This test has no database: pytest-django refuses every query of it.
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["database"] == "The database does not answer: see DATABASE_URL."


def test_no_cache_keeps_the_answer(client: Client) -> None:
    assert "no-store" in client.get("/healthz")["Cache-Control"]
