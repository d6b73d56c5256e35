"""The estate in a browser: filter, sort, keys, theme, popover, and no sideways scrolling on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def small_estate() -> None:
    acme = factories.organization("acme", title="Acme")
    alpha = factories.repository(acme, "alpha", tags=["flagship"])
    factories.snapshot(alpha, days_ago=1, tests=(10, 0, 0, 0))
    factories.failure(factories.snapshot(alpha, tests=(8, 2, 0, 0)), message="expected 200, got 500")
    factories.snapshot(factories.repository(acme, "beta"), lines=(10, 100))
    factories.snapshot(factories.repository(factories.organization("other"), "gamma"), lines=(90, 100))
    factories.repository(acme, "a-repository-with-a-name-as-long-as-github-lets-it-be--" + "x" * 40)
    factories.roll_up()
    factories.collection()


def expect_rows(page: Page, *names: str) -> None:
    """Waits until these are the rows of the table."""
    expect(page.locator("[data-row] .c-name")).to_have_text(list(names))


def test_words_filter_the_table_without_a_new_page_and_stand_in_the_address(
    small_estate: None, open_page: Callable[..., Page]
) -> None:
    page = open_page("/")
    page.evaluate("window.samePage = true")
    page.get_by_role("searchbox", name="Filter repositories").fill("gam")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("1 repository shown")
    assert "q=gam" in page.url
    assert page.evaluate("window.samePage") is True
    expect(page.get_by_role("searchbox", name="Filter repositories")).to_be_focused()
    page.go_back()
    expect(page.locator("[data-row]")).to_have_count(4)
    expect(page.locator("h1")).to_contain_text("1 repository broke")


def test_words_filter_the_table_while_the_first_night_is_followed(open_page: Callable[..., Page]) -> None:
    for name in ("alpha", "gamma"):
        factories.snapshot(factories.repository(name=name), tests=(10, 0, 0, 0))
    factories.roll_up()
    factories.collection(finished_at=None)
    page = open_page("/")
    expect(page.locator("#estate[hx-trigger]")).to_have_count(1)
    words = page.get_by_role("searchbox", name="Filter repositories")
    words.fill("gam")
    expect_rows(page, "gamma")
    expect(words).to_be_focused()
    with page.expect_response(lambda response: response.request.headers.get("hx-target") == "estate") as followed:
        page.get_by_role("heading", level=1).click()
    assert "q=gam" in followed.value.url
    expect(words).to_have_value("gam")
    expect_rows(page, "gamma")


def test_a_chip_and_a_column_head_do_what_they_say(small_estate: None, open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.get_by_role("link", name="None").click()
    expect(page.locator("[aria-current]", has_text="None")).to_be_visible()
    page.get_by_role("link", name="Coverage", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Coverage")
    expect(page.locator("[data-row] .c-name").nth(0)).to_have_text("gamma")
    expect(page.locator("[data-row] .c-name").nth(1)).to_have_text("alpha")
    page.get_by_role("link", name="Failing 1").click()
    expect_rows(page, "alpha")


def test_without_script_the_same_filters_are_links_and_a_form(
    small_estate: None, open_page: Callable[..., Page]
) -> None:
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("searchbox", name="Filter repositories").fill("beta")
    page.keyboard.press("Enter")
    expect_rows(page, "beta")


def test_keys_walk_the_rows_and_open_one(small_estate: None, open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("[data-at] .c-name")).to_have_text("alpha")
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/acme/alpha/")


def test_a_slash_searches_and_a_question_mark_explains(small_estate: None, open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("beta")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=beta")
    expect_rows(page, "beta")


def test_a_chosen_theme_is_kept(small_estate: None, open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    after = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert before != after
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == after


def test_a_headline_figure_opens_and_escape_gives_the_focus_back(
    small_estate: None, open_page: Callable[..., Page]
) -> None:
    page = open_page("/")
    figure = page.locator("[popovertarget=sum-tests]")
    figure.press("Enter")
    expect(page.locator("#sum-tests")).to_contain_text("30 = 28 passed + 2 failing + 0 skipped")
    page.keyboard.press("Escape")
    expect(page.locator("#sum-tests")).to_be_hidden()
    expect(figure).to_be_focused()


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("address", ["/", "/?status=failing&group=tag", "/o/acme/", "/nowhere/"])
def test_no_page_scrolls_sideways(
    small_estate: None, open_page: Callable[..., Page], address: str, width: int
) -> None:
    page = open_page(address, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_changes_come_before_the_figures(small_estate: None, open_page: Callable[..., Page]) -> None:
    page = open_page("/", width=390)
    changes, figures = page.locator(".changes").bounding_box(), page.locator(".figures").bounding_box()
    assert changes and figures and changes["y"] < figures["y"]
    page.get_by_label("Menu", exact=True).first.click()
    expect(page.locator(".nav-sheet").get_by_role("link", name="Ingest")).to_be_visible()


def test_every_page_has_one_heading_landmarks_and_a_skip_link(
    small_estate: None, open_page: Callable[..., Page]
) -> None:
    for address in ("/", "/o/acme/", "/nowhere/"):
        page = open_page(address)
        assert page.locator("h1").count() == page.locator("main").count() == page.locator("footer").count() == 1
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()


def test_an_empty_installation_leads_staff_to_the_first_organization(
    open_page: Callable[..., Page], client: object
) -> None:
    User.objects.create_superuser("ada", password="a-long-enough-word")
    page = open_page("/")
    page.get_by_role("link", name="Sign in").last.click()
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("a-long-enough-word")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Set up an organization").click()
    expect(page.get_by_role("navigation", name="Steps")).to_be_visible()


def test_the_trend_is_drawn_and_plotly_follows_once_somebody_turns_to_it(
    small_estate: None, open_page: Callable[..., Page]
) -> None:
    page = open_page("/")
    page.locator(".nights summary").click()
    expect(page.locator("#trend-chart .still .line")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("typeof window.Plotly") == "undefined"
    page.locator("#trend-chart").hover()
    expect(page.locator("#trend-chart .bars path").first).to_be_visible()
    expect(page.locator("#trend-chart .scatterlayer path.js-line")).to_be_attached()
