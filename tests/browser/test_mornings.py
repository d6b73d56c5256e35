"""A morning of each of those whom this is for, as far as they get with what they came for; screenshots are kept.

An owner of many repositories, a maintainer of one, the team that runs the installation, an outside reader who wants
a figure proven, and a program that asks before it changes code.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.models import Snapshot
from tests import factories
from tests.browser.everything import Site, fill, sign_in
from tests.browser.keeping import keep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site() -> Site:
    """One of everything, and a repository beside it whose coverage dropped last night."""
    made = fill()
    beta = factories.repository(factories.organization("beta", title="Beta"), "web")
    factories.snapshot(beta, days_ago=1, lines=(90, 100))
    factories.snapshot(beta, lines=(60, 100))
    factories.roll_up()
    return made


def test_the_owner_sees_what_broke_what_dropped_and_what_went_silent(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page("/")
    expect(page.locator("h1")).to_contain_text("1 repository broke")
    expect(page.locator("h1")).to_contain_text("1 lost coverage")
    changes = page.locator(".changes")
    expect(changes.locator(".change", has_text="Broke")).to_contain_text("api")
    expect(changes.locator(".change", has_text="web")).to_contain_text("−30.0")
    keep(page, "owner-1-estate")
    page.get_by_role("link", name=re.compile("^Silent")).click()
    expect(page.locator("[data-row] .c-name")).to_have_text(["silent"])
    keep(page, "owner-2-silent")
    page.get_by_role("link", name=re.compile("^Failing")).click()
    expect(page.locator("[data-row] .c-name")).to_have_text(["api"])
    page.locator("[data-row] a.name").click()
    expect(page.locator("h1")).to_have_text("api")


def test_the_maintainer_finds_the_message_the_first_bad_commit_and_the_missed_line(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page("/r/acme/api/")
    expect(page.locator("#trend-chart .still .line")).to_be_visible()
    keep(page, "maintainer-1-repository")
    page.get_by_role("navigation", name="Parts of this repository").get_by_role("link", name="Failures").click()
    failure = page.locator(".failure", has_text="expected 200, got 500").first
    expect(failure).to_contain_text("test_login")
    keep(page, "maintainer-2-failures")
    newest = Snapshot.objects.filter(repository=site.repository).newest_first()[0]
    failure.locator("a.commit").click()
    expect(page).to_have_url(re.compile(f"/commits/{newest.sha}/"))
    keep(page, "maintainer-3-first-bad-commit")
    page.get_by_role("link", name="Coverage").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="login.py").first.click()
    page.keyboard.press("n")
    expect(page.locator("tr[data-at]")).to_have_attribute("data-line", "5")
    keep(page, "maintainer-4-missed-line")


def test_the_platform_team_sees_that_the_night_ended_what_it_cost_and_who_needs_help(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page("/")
    sign_in(page)
    page.goto(f"/ingest/{site.parameters['collection_id']}/")
    expect(page.locator("h1")).to_contain_text("4 repositories read in 38 m; 1 failed.")
    expect(page.locator(".counters")).to_contain_text("Requests to GitHub")
    expect(page.locator(".troubles")).to_contain_text("expected 200, got 500")
    keep(page, "platform-1-night")
    page.get_by_role("link", name="Each repository of this night").click()
    page.get_by_role("link", name=re.compile(r"^Failed 1")).click()
    expect(page.locator("[data-row]")).to_have_count(1)
    keep(page, "platform-2-who-needs-help")


def test_the_outside_reader_comes_from_a_figure_to_the_artifact_that_proves_it(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page("/r/acme/api/")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    page.locator('.headline a.opens[href*="figure=coverage"]').first.click()
    expect(page.locator("#provenance")).to_contain_text("80.0")
    keep(page, "reader-1-where-it-comes-from")
    page.locator("#provenance nav a", has_text="Artifact").click()
    expect(page.locator("main")).to_contain_text("SHA-256")
    expect(page.locator("main")).to_contain_text("as GitHub announced")
    expect(page.locator("tr.report")).to_contain_text("coverage.xml")
    keep(page, "reader-2-artifact")


def test_the_program_gets_the_figures_that_the_pages_show(site: Site, open_page: Callable[..., Page]) -> None:
    page = open_page("/r/acme/api/")
    described = page.request.get("/api/v1/openapi.json").json()
    told = page.request.get("/api/v1/repos/acme/api").json()["latest"]
    assert any("/repos/" in path for path in described["paths"])
    assert told["tests"]["total"] == 12
    expect(page.locator(".headline", has_text="Tests").locator("b").first).to_have_text("12")
    assert told["coverage"]["percent"] == 80
    expect(page.get_by_role("link", name="JSON")).to_have_attribute("href", re.compile("^/api/v1/"))
