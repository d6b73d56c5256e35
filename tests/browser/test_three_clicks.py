"""From every figure to the artifact that it was read from, its SHA-256 in sight, in at most three clicks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

from dashboard.models import Artifact, Collection, RepositoryCollection
from dashboard.packing import Lines
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PART = ".parts tbody tr:first-child .part-artifacts a"
EACH_PART = "a:has-text('Each repository’s part')"
SOURCES = "#provenance nav a:text-is('Artifact')"

# What is clicked, one selector a click; the last one leads to the artifact.
ROADS: dict[str, tuple[str, list[str]]] = {
    "the estate's tests": ("/", [".headline:nth-child(2) .opens", f"#sum-tests {EACH_PART}", PART]),
    "the estate's pass rate": ("/", [".headline:nth-child(3) .opens", f"#sum-pass-rate {EACH_PART}", PART]),
    "the estate's coverage": ("/", [".headline:nth-child(4) .opens", f"#sum-coverage {EACH_PART}", PART]),
    "what the night took": ("/", [".headline:nth-child(5) .opens", "#sum-night .links a", ".just-read a.commit"]),
    "an organization's tests": ("/", [".group .c-tests a", PART]),
    "an earlier night's tests": ("/?days=7", [".nights tbody tr:first-child a", PART]),
    "tests that fail since tonight": ("/", [".changes-sums a", "[data-row] .c-outcome .opens", SOURCES]),
    "what broke": ("/", [".change .name", ".headline a.opens", SOURCES]),
    "a row's tests": ("/", ["[data-row] .c-tests .opens", SOURCES]),
    "a row's failing tests": ("/", ["[data-row] .c-outcome .opens", SOURCES]),
    "a row's coverage": ("/", ["[data-row] .c-coverage .opens", SOURCES]),
    "a repository's tests": ("/r/acme/api/", [".headline:nth-child(1) a.opens", SOURCES]),
    "an older commit's tests": ("/r/acme/api/", ["#commits tbody tr:nth-child(2) .opens", SOURCES]),
    "the failures": ("/r/acme/api/failures/", [".failure-facts a", "th a.name"]),
    "a file's lines": ("/r/acme/api/coverage/?path=src/a.py", [".section-sentence a:has-text('coverage.xml')"]),
    "a run's tests": ("/r/acme/api/runs/", [".runs .aside a"]),
    "the night's tests": ("/ingest/", [".counters a.opens", ".just-read a.commit"]),
}


@pytest.fixture
def estate() -> Collection:
    api = factories.repository(factories.organization("acme"), "api")
    factories.snapshot(api, days_ago=1)
    broken = factories.snapshot(api, tests=(8, 2, 0, 0))
    factories.failure(broken)
    factories.covered(broken, {("src/a.py", True): Lines({1: 1, 2: 0})})
    factories.roll_up()
    night = factories.collection()
    RepositoryCollection.objects.create(collection=night, repository=api, state="collected", artifacts=2, tests=10)
    Artifact.objects.update(read_at=night.started_at)
    return night


def test_every_figure_is_at_most_three_clicks_from_its_artifact(
    estate: Collection, open_page: Callable[..., Page]
) -> None:
    page = open_page("/")
    digests = set(Artifact.objects.values_list("sha256", flat=True))
    lost = {}
    for figure, (start, clicks) in ROADS.items():
        assert len(clicks) <= 3
        try:
            walk(page, start, clicks)
            shown = page.locator("main").inner_html()
            assert any(digest in shown for digest in digests)
        except (AssertionError, PlaywrightError) as trouble:
            lost[figure] = str(trouble).partition("Call log")[0]
    assert lost == {}


def walk(page: Page, start: str, clicks: list[str]) -> None:
    page.goto(start)
    for selector in clicks:
        first_visible(page, selector).click()
    page.wait_for_url("**/artifacts/**")


def first_visible(page: Page, selector: str) -> Locator:
    found = page.locator(selector).locator("visible=true").first
    expect(found).to_be_visible()
    return found


def test_without_a_script_a_total_still_leads_to_its_artifact(
    estate: Collection, open_page: Callable[..., Page]
) -> None:
    walk(open_page("/", java_script_enabled=False), *ROADS["the estate's tests"])
