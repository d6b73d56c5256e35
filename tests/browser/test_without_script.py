"""Without JavaScript trends stand still and there is no live night; all else is links and forms."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.everything import fill, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_way_from_the_estate_to_an_artifact_and_a_night_needs_no_script(open_page: Callable[..., Page]) -> None:
    fill()
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("searchbox", name="Filter repositories").fill("api")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("link", name="Tests", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Tests")
    page.locator("[data-row] a.name").click()
    expect(page.locator("#trend-chart .still .line")).to_be_visible()
    expect(page.locator("#commits tbody tr")).not_to_have_count(0)
    tabs = page.get_by_role("navigation", name="Parts of this repository")
    tabs.get_by_role("link", name="Failures").click()
    page.get_by_text("The whole text").first.click()
    expect(page.locator(".failure-details pre").first).to_contain_text("Traceback")
    tabs.get_by_role("link", name="Coverage").click()
    page.get_by_role("link", name="login.py").first.click()
    expect(page.locator(".lines")).to_contain_text("missed")
    tabs.get_by_role("link", name="Runs").click()
    page.get_by_role("link", name=re.compile("Log in with a passkey")).first.click()
    page.locator("tr.upload a.name", has_text="refused").click()
    expect(page.locator("main")).to_contain_text("Refused")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Ingest").click()
    expect(page.locator("h1")).to_contain_text("0 of 1 repository read")
    page.get_by_role("link", name="Each repository of this night").click()
    expect(page.locator("tr[data-row]")).to_have_count(1)


def test_a_view_is_saved_renamed_and_deleted_without_script(open_page: Callable[..., Page]) -> None:
    fill()
    page = open_page("/", java_script_enabled=False)
    sign_in(page)
    page.goto("/?status=failing")
    page.get_by_text("Save this view…").click()
    page.get_by_label("Name", exact=True).fill("Red")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("navigation", name="Your views")).to_contain_text("Red")
    page.goto("/views/")
    page.get_by_label("New name of Red").fill("Crimson")
    page.locator("tr", has=page.get_by_label("New name of Red")).get_by_role("button", name="Rename").click()
    page.get_by_label("Delete Crimson").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.locator("main")).to_contain_text("1 saved view")
