"""A page that has not changed is not made again; one that may have changed always is."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.models import Collection, Repository
from dashboard.unchanged import KEPT, release
from tests.factories import collection, repository, snapshot

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(hours=5)


@pytest.fixture(autouse=True)
def quiet_installation(settings: Any) -> None:
    """Public, with a repository and a night that ended hours ago."""
    settings.PUBLIC = True
    release.cache_clear()
    snapshot(repository())
    Repository.objects.update(created_at=timezone.now() - LONG_AGO)
    collection()
    Collection.objects.update(finished_at=timezone.now() - LONG_AGO)


def again(client: Client, address: str, etag: str) -> int:
    return client.get(address, headers={"If-None-Match": etag}).status_code


PAGES = ["/", "/o/acme/", "/r/acme/api/", "/r/acme/api/coverage/", "/r/acme/api/runs/"]


@pytest.mark.parametrize("address", PAGES)
def test_an_unchanged_page_costs_one_question_and_no_body(
    client: Client, django_assert_num_queries: Any, address: str
) -> None:
    first = client.get(address)
    with django_assert_num_queries(1):
        second = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, second.status_code, second.content) == (200, 304, b"")
    # The copy keeps its age: it cannot live for ever by being asked for.
    assert second["ETag"] == first["ETag"]


def test_a_collection_that_is_at_work_or_has_ended_since_makes_the_page_anew(client: Client) -> None:
    etag = client.get("/")["ETag"]
    night = collection()
    Collection.objects.filter(pk=night.pk).update(finished_at=None)
    assert again(client, "/", etag) == 200
    Collection.objects.filter(pk=night.pk).update(finished_at=timezone.now())
    assert again(client, "/", etag) == 200
    Collection.objects.filter(pk=night.pk).update(finished_at=timezone.now() - LONG_AGO)
    assert again(client, "/", etag) == 304


def test_an_edit_in_the_admin_makes_the_page_anew(client: Client, admin_client: Client) -> None:
    etag = client.get("/r/acme/api/")["ETag"]
    chosen = {"action": "disable", "_selected_action": [Repository.objects.get(full_name="acme/api").pk]}
    admin_client.post("/admin/dashboard/repository/", chosen)
    assert again(client, "/r/acme/api/", etag) == 200


def test_a_new_repository_makes_the_page_anew(client: Client) -> None:
    etag = client.get("/")["ETag"]
    repository(name="new")
    assert again(client, "/", etag) == 200


def test_a_copy_of_another_release_or_too_old_or_from_the_future_counts_for_nothing(client: Client) -> None:
    def at(moment: Any) -> str:
        return f'W/"{release()}-{int(moment.timestamp() * 1000)}"'

    now = timezone.now()
    assert again(client, "/", at(now - KEPT / 2)) == 304
    assert again(client, "/", at(now - KEPT * 2)) == 200
    assert again(client, "/", at(now + KEPT)) == 200
    assert again(client, "/", 'W/"0-1"') == 200
    assert again(client, "/", "*") == 200


@pytest.mark.parametrize(
    "name", ["templates/row.jinja", "templates/page.html", "dashboard/view.py", "static/a.css"]
)
def test_a_release_is_another_one_when_any_of_its_files_is(name: str, tmp_path: Path, settings: Any) -> None:
    for folder in ("dashboard", "templates", "static"):
        (tmp_path / folder).mkdir()
    (tmp_path / name).touch()
    settings.BASE_DIR = tmp_path
    before = release.__wrapped__()
    os.utime(tmp_path / name, ns=(2**60, 2**60))
    assert release.__wrapped__() != before


def test_who_is_signed_in_always_gets_a_fresh_page(client: Client, admin_client: Client) -> None:
    etag = client.get("/")["ETag"]
    fresh = admin_client.get("/", headers={"If-None-Match": etag})
    assert fresh.status_code == 200 and "ETag" not in fresh.headers
    assert client.get("/")["Vary"].count("Cookie") == 1


def test_a_copy_from_when_the_installation_was_public_is_not_confirmed(client: Client, settings: Any) -> None:
    etag = client.get("/")["ETag"]
    settings.PUBLIC = False
    release.cache_clear()
    assert again(client, "/", etag) != 304


@pytest.mark.parametrize("address", ["/ingest/", "/healthz", "/admin/login/", "/r/acme/missing/"])
def test_what_is_live_or_missing_is_never_kept(client: Client, address: str) -> None:
    assert "ETag" not in client.get(address).headers
