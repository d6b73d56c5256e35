"""A repository's tests in a browser: found by name, opened, and told apart on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from collectors.rollup import refresh_repository
from dashboard.models import Repository
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/r/acme/api/tests/"
LONG = "a name " * 20 + "withoutanyplacewhereitmightbebrokenintotwo" * 3


@pytest.fixture
def repository() -> Repository:
    repo = factories.repository(factories.organization("acme"), "api")
    for back in range(20, -1, -1):
        outcomes = {f"test_{n}": "P" for n in range(8)} | {"test_login": "F" if back < 3 else "P", LONG: "S"}
        factories.results(
            factories.snapshot_row(repo, factories.today_at(days_ago=back)), outcomes, classname="Cart"
        )
    refresh_repository(repo)
    return repo


def test_a_reader_finds_the_failing_test_and_what_may_have_broken_it(
    repository: Repository, open_page: Callable[..., Page]
) -> None:
    page = open_page("/r/acme/api/", java_script_enabled=False)
    page.get_by_role("link", name="Tests", exact=False).first.click()
    expect(page.locator("h1")).to_have_text("api")
    expect(page.locator(".tests tbody tr")).to_have_count(1)
    page.get_by_role("link", name="All 10").click()
    page.get_by_label("Part of a test’s name").fill("log")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(f"{page.url.partition('/r/')[0]}{PAGE}?view=all&q=log&outcome=")
    page.get_by_role("link", name="test_login").click()
    expect(page.locator(".status").last).to_contain_text("Fails on 3 commits in a row")
    expect(page.locator(".suspects a[rel]")).to_have_attribute("href", address_of_the_range(repository))
    expect(page.locator(".durations-chart .pane-failed")).to_be_attached()


def address_of_the_range(repository: Repository) -> str:
    shas = list(repository.snapshots.newest_first().values_list("sha", flat=True))
    return f"https://github.com/acme/api/compare/{shas[3]}...{shas[2]}"


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_is_wider_than_the_window(
    repository: Repository, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(f"{PAGE}?view=all", width=width)
    wider = "document.documentElement.scrollWidth > window.innerWidth"
    assert not page.evaluate(wider)
    page.get_by_role("link", name="a name a name").first.click()
    assert not page.evaluate(wider)
