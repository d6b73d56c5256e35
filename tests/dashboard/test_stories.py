"""Every repository of a night in one line: what came of it, found by state and word, at any size."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.models import Collection, RepositoryCollection
from tests.dashboard.uploads import text_of
from tests.factories import collection, organization, repository

pytestmark = pytest.mark.django_db
State = RepositoryCollection.State


@pytest.fixture
def night(settings: Any) -> Collection:
    settings.PUBLIC = True
    return collection()


def fared(night: Collection, name: str, state: str, seconds: int = 2, **facts: Any) -> RepositoryCollection:
    began = timezone.now() - timedelta(hours=1)
    return RepositoryCollection.objects.create(
        collection=night,
        repository=repository(organization("acme"), name, **facts.pop("repository", {})),
        state=state,
        started_at=began,
        finished_at=began + timedelta(seconds=seconds),
        **facts,
    )


def page(client: Client, night: Collection, **asked: Any) -> str:
    return text_of(client, f"/ingest/{night.pk}/repositories/", **asked)


def test_each_state_tells_what_came_of_it_and_why(client: Client, night: Collection) -> None:
    fared(night, "news", State.COLLECTED, artifacts=2, reports=3, tests=40, rejected=1, warnings=["a.zip: a bomb"])
    fared(night, "still", State.UNCHANGED)
    fared(night, "broken", State.FAILED, error="GitHub answered 500 four times.")
    fared(night, "later", State.PUT_OFF, error="The hour's requests are spent.", not_before=timezone.now())
    fared(night, "bare", State.NO_EVIDENCE, repository={"reason": "Runs tests, uploads no report."})
    text = page(client, night)
    assert "2 artifacts read, 3 reports, 40 test results, 1 refused (a.zip: a bomb)." in text
    assert "Nothing ran since it was collected last." in text
    assert "GitHub answered 500 four times." in text
    assert "Put off until" in text and "The hour's requests are spent." in text
    assert "Runs tests, uploads no report." in text


def test_a_state_a_word_and_the_slowest_first_are_in_the_address(client: Client, night: Collection) -> None:
    fared(night, "a-quick", State.COLLECTED, seconds=1)
    fared(night, "b-slow", State.COLLECTED, seconds=90)
    fared(night, "c-broken", State.FAILED, error="No such branch.")
    assert "Failed 1" in page(client, night)
    assert "b-slow" not in page(client, night, show="failed")
    assert "c-broken" in page(client, night, q="such branch")
    slowest = page(client, night, sort="slow")
    assert slowest.index("b-slow") < slowest.index("a-quick")
    assert "No repository of this night is in that state" in page(client, night, show="put-off")
    assert "a-quick" in page(client, night, show="nonsense", sort="drop table")


@pytest.mark.parametrize("repositories", [3, 240])
def test_it_costs_the_same_at_any_size_and_is_paged(
    client: Client, night: Collection, django_assert_max_num_queries: Any, repositories: int
) -> None:
    for at in range(repositories):
        fared(night, f"part-{at:03}", State.COLLECTED)
    with django_assert_max_num_queries(4):
        text = page(client, night)
    assert ("Page 1 of 3" in text) == (repositories == 240)


def test_private_repositories_and_markup_stay_where_they_belong(client: Client, night: Collection) -> None:
    fared(night, "secret", State.FAILED, error="x", repository={"private": True})
    fared(night, "open", State.FAILED, error="<script>alert(1)</script>")
    text = page(client, night)
    assert "secret" not in text and "All 1" in text
    assert "<script>alert" not in client.get(f"/ingest/{night.pk}/repositories/").content.decode()
    assert client.get("/ingest/999999/repositories/").status_code == 404
