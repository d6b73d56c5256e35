"""Addresses with a repository's old name lead to the new one."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.models import FormerName, Repository
from tests.factories import organization, repository, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(settings) -> Repository:
    """Acme/store, which was acme/shop."""
    settings.PUBLIC = True
    store = repository(organization("Acme"), "store")
    snapshot(store, tests=(3, 0, 0, 0))
    FormerName.objects.create(repository=store, full_name="acme/shop")
    return store


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/r/acme/shop/", "/r/Acme/store/"),
        ("/r/ACME/Shop/runs/?page=2&q=a%20b", "/r/Acme/store/runs/?page=2&q=a%20b"),
        ("/api/v1/repos/acme/shop", "/api/v1/repos/Acme/store"),
        ("/api/v1/repos/acme/shop/trend?days=7", "/api/v1/repos/Acme/store/trend?days=7"),
    ],
)
def test_an_old_name_answers_301(store: Repository, client: Client, old: str, new: str) -> None:
    response = client.get(old)
    assert (response.status_code, response["Location"]) == (301, new)
    assert client.get(new).status_code == 200


def test_a_new_repository_of_that_name_wins(store: Repository, client: Client) -> None:
    repository(store.organization, "shop")
    assert client.get("/api/v1/repos/acme/shop").json()["full_name"] == "Acme/shop"
    assert client.get("/r/acme/shop/runs/7/").status_code == 404


def test_an_old_name_of_what_the_reader_may_not_see_is_404(store: Repository, client: Client) -> None:
    Repository.objects.update(private=True)
    assert client.get("/r/acme/shop/").status_code == 404
    assert client.get("/api/v1/repos/acme/shop").status_code == 404


def test_an_owner_called_as_the_address_begins_is_found(store: Repository, client: Client) -> None:
    FormerName.objects.create(repository=store, full_name="r/r")
    assert client.get("/r/r/r/")["Location"] == "/r/Acme/store/"


def test_what_was_never_there_stays_404(store: Repository, client: Client) -> None:
    assert client.get("/r/acme/nothing/").status_code == 404
    assert client.get("/api/v1/repos/acme/%00").status_code == 404
