"""A repository's page in a browser: the chart is drawn, figures open, nothing is wider than the window."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.models import Artifact, Repository, Snapshot
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/r/acme/api/"


@pytest.fixture
def repository() -> Repository:
    repo = factories.repository(factories.organization("acme"), "api")
    for days_ago in range(12, 0, -1):
        factories.snapshot(repo, days_ago=days_ago, tests=(10 + days_ago, days_ago % 4 == 0, 0, 1))
    return repo


def test_the_trend_is_drawn_in_the_colours_of_the_theme_and_again_when_it_changes(
    repository: Repository, open_page: Callable[..., Page]
) -> None:
    page = open_page(PAGE, color_scheme="light")
    page.locator("#trend-chart").hover()
    panes = page.locator("#trend-chart .bars path")
    expect(panes.first).to_be_visible()
    light = panes.first.evaluate("pane => getComputedStyle(pane).fill")
    page.locator("[data-theme-toggle]").click()
    page.wait_for_function(
        "light => getComputedStyle(document.querySelector('#trend-chart .bars path')).fill !== light", arg=light
    )
    expect(page.locator("#trend-chart .scatterlayer path.js-line")).to_be_attached()


def test_zooming_writes_the_range_into_the_address(repository: Repository, open_page: Callable[..., Page]) -> None:
    page = open_page(PAGE)
    page.locator("#trend-chart").hover()
    area = page.locator("#trend-chart .nsewdrag[data-subplot='xy']")
    expect(area).to_be_attached()
    box = area.bounding_box()
    assert box is not None

    def zoom() -> None:
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 40, steps=8)
        page.mouse.up()
        page.wait_for_function("new URL(location).searchParams.has('from')")

    zoom()
    # Twice is the whole trend again, and opens no commit.
    page.mouse.dblclick(box["x"] + box["width"] * 0.5, box["y"] + 40)
    page.wait_for_function("!new URL(location).searchParams.has('from')")
    zoom()
    page.reload()
    rows = page.locator("#commits tbody tr")
    assert 1 <= rows.count() < 12


def test_the_keyboard_walks_along_the_trend_and_opens_a_commit(
    repository: Repository, open_page: Callable[..., Page]
) -> None:
    page = open_page(PAGE)
    page.locator("#trend-chart").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#trend-chart .hoverlayer")).to_contain_text("12")
    page.keyboard.press("Enter")
    before_the_newest = Snapshot.objects.filter(repository=repository).newest_first()[1]
    page.wait_for_url(f"**/commits/{before_the_newest.sha}/")


def test_a_figure_opens_where_it_comes_from_and_gives_the_focus_back(
    repository: Repository, open_page: Callable[..., Page]
) -> None:
    page = open_page(PAGE)
    figure = page.locator(".headline a.opens").first
    figure.focus()
    page.keyboard.press("Enter")
    panel = page.locator("#provenance")
    expect(panel).to_be_visible()
    newest = Snapshot.objects.filter(repository=repository).newest_first()[0]
    artifact = Artifact.objects.get(repository=repository, run__head_sha=newest.sha, name="test-results")
    expect(panel).to_contain_text("junit.xml")
    expect(panel.locator(f'code[title="{artifact.sha256}"]')).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(figure).to_be_focused()


def test_without_a_script_a_figure_leads_to_the_same_facts(
    repository: Repository, open_page: Callable[..., Page]
) -> None:
    page = open_page(PAGE, java_script_enabled=False)
    page.locator(".headline a.opens").first.click()
    expect(page).to_have_url(re.compile(r"/commits/[0-9a-f]{40}/\?figure=tests#tests$"))
    expect(page.locator("#tests")).to_contain_text("junit.xml")


@pytest.mark.parametrize("part", ["", "failures/", "coverage/", "runs/"])
@pytest.mark.parametrize("width", [1440, 768, 390])
def test_no_page_is_wider_than_its_window(
    repository: Repository, open_page: Callable[..., Page], part: str, width: int
) -> None:
    point = Snapshot.objects.filter(repository=repository).newest_first()[0]
    factories.failure(point, "test_" + "long_name_" * 30, "message " * 60)
    page = open_page(PAGE + part, width=width)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == width
