"""A file's page in a browser: source from GitHub between the states of its lines, and the way to what is missed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from dashboard.models import Repository
from dashboard.packing import Branches, Lines
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/r/acme/api/coverage/?path=src/a.py"
SOURCE = "import os\n\ndef run(x):\n    if x:\n        return '<b>&amp;'\n    return os\n"


@pytest.fixture(autouse=True)
def a_covered_file() -> None:
    repo = factories.repository(factories.organization("acme"), "api", url="https://github.com/acme/api")
    point = factories.snapshot(repo)
    lines = Lines({1: 3, 3: 3, 4: 3, 5: 0, 6: 1}, {4: Branches(1, 2)})
    factories.covered(point, {("src/a.py", True): lines})


def answering(page: Page, status: int, body: str = "") -> list[str]:
    """Answer in GitHub's place; the addresses that were asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, body=body, headers={"access-control-allow-origin": "*"})

    page.route("https://raw.githubusercontent.com/**", answer)
    return asked


def test_the_source_stands_between_the_states_of_its_lines(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    asked = answering(page, 200, SOURCE)
    page.get_by_role("button", name="Show the source").click()
    rows = page.locator(".lines tbody tr")
    expect(rows).to_have_count(6)
    assert [address.rpartition("/acme/api/")[2].split("/", 1)[1] for address in asked] == ["src/a.py"]
    # Text stays text, whatever it looks like.
    expect(rows.nth(4)).to_contain_text("return '<b>&amp;'")
    expect(rows.nth(4)).to_contain_text("missed")
    expect(rows.nth(3)).to_contain_text("partial, 1 of 2 branches")
    assert rows.nth(1).get_attribute("class") == "line-none"


def test_who_has_asked_for_source_once_gets_it_with_the_next_file(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    answering(page, 200, SOURCE)
    page.get_by_role("button", name="Show the source").click()
    expect(page.locator(".with-source")).to_be_visible()
    page.reload()
    expect(page.locator(".with-source tbody tr")).to_have_count(6)


@pytest.mark.parametrize(("status", "sentence"), [(404, "GitHub has no such file"), (503, "GitHub answered 503")])
def test_source_that_is_not_to_be_had_is_said_and_the_lines_stay(
    open_page: Callable[..., Page], status: int, sentence: str
) -> None:
    page = open_page(PAGE)
    answering(page, status)
    page.get_by_role("button", name="Show the source").click()
    expect(page.get_by_role("status")).to_contain_text(sentence)
    expect(page.locator(".lines tbody tr")).to_have_count(5)
    expect(page.get_by_role("button", name="Show the source")).to_be_enabled()


def test_n_goes_to_the_next_missed_line(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    page.keyboard.press("n")
    expect(page.get_by_role("status")).to_contain_text("Line 5, missed.")
    expect(page.locator("tr[data-at]")).to_have_attribute("data-line", "5")


def test_the_source_on_another_server_is_never_asked_for(open_page: Callable[..., Page]) -> None:
    Repository.objects.update(url="https://github.example.org/acme/api")
    page = open_page(PAGE)
    expect(page.locator(".lines")).to_be_visible()
    expect(page.get_by_role("button", name="Show the source")).to_have_count(0)
