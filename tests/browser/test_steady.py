"""A page holds still while it loads, prints without its controls, and does as the reader's system asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.everything import fill
from tests.browser.keeping import FOLDER, keep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Chromium's own measure of how much of the window moved, and how far; up to 0.1 passes for good.
MOST_SHIFT = 0.01
WATCH = """
window.shift = 0; window.shifted = [];
new PerformanceObserver(list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) {
  window.shift += entry.value;
  window.shifted.push(...entry.sources.map(source => source.node?.className ?? source.node?.nodeName));
} }).observe({type: "layout-shift", buffered: true});
"""
PLACES = """([bars, words]) => {
  const of = (found) => {
    // A stroke is as wide as a bar, and is in no box.
    const wide = (each) => each.closest(".still path") ? parseFloat(getComputedStyle(each).strokeWidth) : 0;
    const boxes = found.map(each => [each.getBoundingClientRect(), wide(each) / 2 * each.getScreenCTM().a]);
    const least = (sides) => Math.min(...boxes.map(sides)), most = (sides) => Math.max(...boxes.map(sides));
    return [least(([box, half]) => box.left - half), scrollY + least(([box]) => box.top),
            most(([box, half]) => box.right + half), scrollY + most(([box]) => box.bottom)];
  };
  const all = (selector) => [...document.getElementById("trend-chart").querySelectorAll(selector)];
  return [["bars", of(all(bars))], ...all(words).map(each => [each.textContent.trim(), of([each])])];
}"""
SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
    scrollTo(0, y); await new Promise(requestAnimationFrame);
  }
  await document.fonts.ready;
}"""


def places_of(page: Page, bars: str, words: str) -> dict[str, list[float]]:
    """Left, top, right and bottom of what the trend draws: of all bars together, and of each of its words."""
    return dict(page.evaluate(PLACES, [bars, words]))


def distance(one: float, other: float) -> float:
    return abs(one - other)


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_while_a_page_loads(open_page: Callable[..., Page], width: int) -> None:
    site = fill()
    page = open_page("/healthz", width=width, reduced_motion="reduce")
    page.add_init_script(WATCH)
    moved = {}
    for address in site.addresses():
        page.goto(address)
        page.evaluate(SCROLL)
        if page.locator("[data-chart]:visible").count():
            page.locator("[data-chart]:visible").first.hover()
            expect(page.locator("[data-chart]:visible").first).to_have_class("chart is-drawn")
        if page.evaluate("shift") > MOST_SHIFT:
            moved[address] = page.evaluate("[shift, ...shifted.slice(0, 4)]")
    assert moved == {}


def test_the_chart_library_comes_only_to_who_turns_to_a_chart(open_page: Callable[..., Page]) -> None:
    fill()
    page = open_page("/healthz")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/", "/ingest/", "/r/acme/api/coverage/", "/r/acme/api/"):
        page.goto(address, wait_until="networkidle")
        page.evaluate(SCROLL)
    expect(page.locator("#trend-chart .still")).to_be_visible()
    assert not [url for url in asked if "plotly" in url]
    page.locator("#trend-chart").focus()
    expect(page.locator("#trend-chart .bars path").first).to_be_attached()
    assert len([url for url in asked if "plotly" in url]) == 1


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("by", ["commit", "date"])
def test_plotly_draws_where_the_still_picture_stood(open_page: Callable[..., Page], width: int, by: str) -> None:
    """Bars and words of the one lie on those of the other, so that nothing jumps when one follows the other."""
    fill()
    page = open_page(f"/r/acme/api/?by={by}", width=width)
    chart = page.locator("#trend-chart")
    chart.scroll_into_view_if_needed()
    before = chart.bounding_box()
    still = {**places_of(page, ".still path[class^=of-]", ".still text")}
    chart.focus()
    expect(chart).to_have_class("chart is-drawn")
    assert chart.bounding_box() == before
    drawn = places_of(page, ".bars .points path", ".xtick text, .ytick text, .y2tick text, .annotation-text")
    assert drawn.keys() == still.keys() and len(drawn) > 5
    far = {name: (still[name], drawn[name]) for name in drawn if max(map(distance, still[name], drawn[name])) > 3}
    assert far == {}


def test_on_paper_there_are_no_controls_and_the_colours_are_those_of_the_light(
    open_page: Callable[..., Page],
) -> None:
    fill()
    FOLDER.mkdir(parents=True, exist_ok=True)
    repository = "/r/acme/api/"
    file = f"{repository}coverage/?path=src/accounts/login.py"
    addresses = {"estate": "/", "repository": repository, "file": file}
    page = open_page("/", color_scheme="dark")
    for name, address in addresses.items():
        page.goto(address, wait_until="networkidle")
        page.emulate_media(media="print")
        for control in (".bar", ".button", ".segments", ".filters", ".search", ".skip"):
            assert page.locator(f"{control}:visible").count() == 0, (name, control)
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
        page.pdf(path=FOLDER / f"print-{name}.pdf", format="A4")
        page.emulate_media(media="screen")


def test_marks_are_seen_in_forced_colours(open_page: Callable[..., Page]) -> None:
    fill()
    page = open_page("/", forced_colors="active")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    for mark in page.locator("[data-row] .mark").all():
        assert mark.evaluate("mark => getComputedStyle(mark).color") != paper
    keep(page, "forced-colors")


def test_nothing_pulses_for_a_reader_who_wants_no_motion(open_page: Callable[..., Page]) -> None:
    fill()
    page = open_page("/ingest/", reduced_motion="reduce")
    name = page.locator(".live").first.evaluate("live => getComputedStyle(live, '::before').animationName")
    assert name == "none"


def test_moments_are_told_in_the_readers_zone_and_keep_utc_on_hover(open_page: Callable[..., Page]) -> None:
    fill()
    page = open_page("/ingest/", timezone_id="Asia/Kolkata")
    times = page.locator("main time[datetime]")
    assert times.count() > 2
    for moment in times.all():
        assert "UTC" in (moment.get_attribute("title") or "")
        assert "UTC" not in moment.inner_text()
