"""Saved views: each reader's own, kept under a name, opened first if wanted, deleted only after a question."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from dashboard.models import SavedView
from dashboard.saved_views import MOST_VIEWS
from tests import factories

pytestmark = pytest.mark.django_db

SAVE, VIEWS = "/views/save/", "/views/"


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True
    settings.DEMO = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def page(client: Client, address: str = "/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def save(client: Client, name: str = "Failing", query: str = "status=failing", **fields: str) -> Any:
    return client.post(SAVE, {"name": name, "query": query, "login": ""} | fields)


def some_evidence() -> None:
    factories.snapshot(factories.repository(name="alpha"))
    factories.roll_up()


def views_on(html: str) -> list[str]:
    found = re.search(r'<nav class="views".*?</nav>', html, re.DOTALL)
    return re.findall(r"<a [^>]*>([^<]+)</a>", found[0]) if found else []


def test_a_view_keeps_the_page_under_a_name_and_leads_back_to_it(admin_client: Client) -> None:
    some_evidence()
    saved = save(admin_client, "Failing by name", "status=failing&sort=name&columns=tests,owner")
    assert saved.status_code == 302
    assert saved["Location"] == "/?status=failing&sort=name&columns=tests%2Cowner"
    html = page(admin_client, saved["Location"])
    assert views_on(html) == ["Everything", "Failing by name", "Arrange…"]
    assert re.search(r'aria-current="page">\s*Failing by name', html)
    assert "Save this view" not in html
    assert "Save this view" in page(admin_client, "/?status=silent")


def test_a_view_of_an_organization_leads_to_that_organization(admin_client: Client) -> None:
    some_evidence()
    saved = save(admin_client, "Ours", "", login="acme")
    assert saved["Location"] == "/o/acme/?view=all"
    assert 'aria-current="page">Ours' in re.sub(r">\s+", ">", page(admin_client, saved["Location"]))


def test_the_order_of_the_parameters_makes_no_other_view(admin_client: Client) -> None:
    some_evidence()
    save(admin_client, "Both", "status=failing&sort=name")
    assert "Save this view" not in page(admin_client, "/?sort=name&status=failing&page=1")


def test_a_stranger_is_shown_none_and_asked_to_sign_in(client: Client) -> None:
    some_evidence()
    assert 'class="views"' not in page(client)
    for response in (client.get(VIEWS), save(client)):
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/?next=/views/")
    assert not SavedView.objects.exists()


def test_views_cost_the_estate_one_query(
    admin_client: Client, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    some_evidence()
    for number in range(9):
        save(admin_client, f"view {number}", "status=failing")
    page(client)
    with django_assert_num_queries(6):
        page(client, "/?view=all")
    # The session, its reader, and the views.
    with django_assert_num_queries(6 + 3):
        page(admin_client, "/?view=all")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the view a name"),
        ("   ", "Give the view a name"),
        ("x" * 81, "at most 80 characters; this one has 81"),
        ("FAILING", "You have a view called “FAILING” already"),
    ],
)
def test_a_name_that_cannot_be_is_explained_and_asked_for_again(admin_client: Client, name: str, said: str) -> None:
    save(admin_client)
    response = save(admin_client, name, "status=silent")
    html = response.content.decode()
    assert response.status_code == 422
    assert said in html and 'value="status=silent"' in html
    assert SavedView.objects.count() == 1


def test_more_views_than_anyone_can_read_are_not_kept(admin_client: Client, admin_user: AbstractBaseUser) -> None:
    SavedView.objects.bulk_create(SavedView(user=admin_user, name=f"v{number}") for number in range(MOST_VIEWS))
    assert "the most that are kept" in save(admin_client).content.decode()


def test_a_query_longer_than_a_view_can_hold_is_refused(admin_client: Client) -> None:
    assert "more than a view can hold" in save(admin_client, query="q=" + "x" * 5_000).content.decode()


def test_one_view_at_a_time_opens_with_the_estate(admin_client: Client) -> None:
    some_evidence()
    save(admin_client, "One", "status=failing", first="yes")
    save(admin_client, "Two", "status=silent", first="yes")
    assert admin_client.get("/")["Location"] == "/?status=silent"
    assert SavedView.objects.filter(is_default=True).count() == 1
    two = SavedView.objects.get(name="Two")
    admin_client.post(reverse("change-view", args=[two.pk]), {"first": "no"})
    assert admin_client.get("/").status_code == 200


def test_with_a_first_view_everything_is_still_one_link_away(admin_client: Client) -> None:
    some_evidence()
    save(admin_client, "One", "group=tag", first="yes")
    html = page(admin_client, "/?group=tag")
    assert 'href="?view=all"' in html and 'href="?"' not in html
    assert views_on(page(admin_client, "/?view=all"))[0] == "Everything"


def test_a_first_view_without_a_query_opens_without_going_round_in_circles(admin_client: Client) -> None:
    some_evidence()
    saved = save(admin_client, "Plain", "", first="yes")
    assert saved["Location"] == "/?view=all"
    assert admin_client.get("/", follow=True).status_code == 200


def test_a_view_is_renamed_and_a_taken_name_is_refused(admin_client: Client) -> None:
    save(admin_client, "One")
    save(admin_client, "Two")
    one = SavedView.objects.get(name="One")
    address = reverse("change-view", args=[one.pk])
    assert admin_client.post(address, {"name": "two"}).status_code == 422
    assert admin_client.post(address, {"name": "ONE"}).status_code == 302
    one.refresh_from_db()
    assert one.name == "ONE"


def test_deleting_asks_first(admin_client: Client) -> None:
    save(admin_client, "One")
    address = reverse("delete-view", args=[SavedView.objects.get().pk])
    assert "Delete “One”?" in page(admin_client, address)
    assert SavedView.objects.exists()
    assert "“One” is deleted." in admin_client.post(address, follow=True).content.decode()
    assert not SavedView.objects.exists()


def test_nobody_reads_or_changes_the_views_of_others(
    admin_client: Client, client: Client, django_user_model: Any
) -> None:
    save(admin_client, "Mine")
    mine = SavedView.objects.get()
    client.force_login(django_user_model.objects.create_user("other", password="x"))
    assert "Mine" not in page(client, VIEWS)
    for address in (reverse("change-view", args=[mine.pk]), reverse("delete-view", args=[mine.pk])):
        assert client.post(address, {"name": "Yours", "first": "yes"}).status_code == 404
    mine.refresh_from_db()
    assert (mine.name, mine.is_default) == ("Mine", False)


def test_markup_in_a_name_or_a_query_stays_text(admin_client: Client) -> None:
    some_evidence()
    hostile = "<img src=x onerror=alert(1)>"
    save(admin_client, hostile, f"q={hostile}")
    address = reverse("delete-view", args=[SavedView.objects.get().pk])
    for html in (page(admin_client), page(admin_client, VIEWS), page(admin_client, address)):
        assert "<img" not in html and "&lt;img" in html


@pytest.mark.parametrize("login", ["//evil.example", "../admin", "https://evil.example/"])
def test_a_view_leads_nowhere_else(admin_client: Client, login: str) -> None:
    saved = save(admin_client, "Away", "", login=login)
    assert saved.status_code == 422 or saved["Location"].startswith("/o/")


def test_a_form_from_elsewhere_saves_nothing(admin_user: AbstractBaseUser) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    assert save(strict).status_code == 403
    assert not SavedView.objects.exists()
