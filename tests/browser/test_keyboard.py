"""Everything by keyboard: to any page with g and a letter, and one always sees where one is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.everything import fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  return at === document.body ? "" : `${style.outlineStyle} ${style.outlineWidth} ${at.outerHTML.slice(0, 80)}`;
}"""


def test_g_and_a_letter_go_to_each_page_that_the_help_names(open_page: Callable[..., Page]) -> None:
    fill()
    page = open_page("/r/acme/api/")
    tabs = {"t": "/tests/", "f": "/failures/", "c": "/coverage/", "r": "/runs/", "o": "/r/acme/api/"}
    ways = {**tabs, "i": "/ingest/", "e": "/"}
    for letter, end in ways.items():
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(f"**{end}")
    page.goto("/r/acme/api/")
    page.keyboard.press("?")
    for letter in ways:
        expect(page.get_by_role("dialog").locator("kbd", has_text=letter).first).to_be_visible()


def test_the_focus_is_seen_wherever_it_goes(open_page: Callable[..., Page]) -> None:
    fill()
    page = open_page("/")
    for address in ("/", "/r/acme/api/", "/ingest/"):
        page.goto(address)
        unseen = []
        for _ in range(25):
            page.keyboard.press("Tab")
            told = page.evaluate(FOCUSED)
            if told and (told.startswith("none") or " 0px" in told[:12]):
                unseen.append(told)
        assert unseen == [], address


def test_back_returns_through_each_partial_change_and_the_address_says_which(
    open_page: Callable[..., Page],
) -> None:
    fill()
    page = open_page("/")
    page.get_by_role("link", name="Tests", exact=True).click()
    page.wait_for_url("**sort=-tests**")
    page.get_by_role("link", name="flagship").first.click()
    page.wait_for_url("**tag=flagship**")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.go_back()
    expect(page.locator("[data-row]")).to_have_count(5)
    expect(page.locator("th[aria-sort]")).to_contain_text("Tests")
    page.go_forward()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(1)
