"""From any figure to the artifact that it came from, in a browser; and its pages at every width."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.models import Artifact, Snapshot
from tests import factories
from tests.dashboard.uploads import report, upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BAD = "<img src=x onerror=document.title='run'><script>document.title='run'</script>"


@pytest.fixture
def point() -> Snapshot:
    repo = factories.repository(factories.organization("acme"), "api")
    stored = factories.snapshot(repo, tests=(8, 2, 0, 0))
    factories.failure(stored, "test_login", "connection refused")
    factories.roll_up()
    return stored


def artifact_of(kind: str) -> Artifact:
    return Artifact.objects.get(name="test-results" if kind == "tests" else "coverage")


def expect_the_artifact(page: Page, kind: str) -> None:
    artifact = artifact_of(kind)
    expect(page).to_have_url(re.compile(rf"/r/acme/api/artifacts/{artifact.github_id}/"))
    expect(page.locator("main")).to_contain_text(artifact.sha256)
    expect(page.locator("tr.report")).to_contain_text("junit.xml" if kind == "tests" else "coverage.xml")


@pytest.mark.parametrize("kind", ["tests", "coverage"])
def test_from_the_estate_to_the_artifact_behind_a_figure_in_three_clicks(
    point: Snapshot, open_page: Callable[..., Page], kind: str
) -> None:
    page = open_page("/")
    page.locator("tr.row a.name").click()
    page.locator(f'.headline a.opens[href*="figure={kind}"]').first.click()
    page.locator("#provenance nav a", has_text="Artifact").click()
    expect_the_artifact(page, kind)


@pytest.mark.parametrize("kind", ["tests", "coverage"])
def test_without_a_script_the_same_three_clicks_lead_there(
    point: Snapshot, open_page: Callable[..., Page], kind: str
) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator("tr.row a.name").click()
    page.locator(f'.headline a.opens[href*="figure={kind}"]').first.click()
    page.locator(f"#{kind} td a.name").first.click()
    expect_the_artifact(page, kind)


def test_from_a_failure_by_its_run_to_the_artifact(point: Snapshot, open_page: Callable[..., Page]) -> None:
    page = open_page("/r/acme/api/failures/")
    page.locator(".failure-facts a", has_text=re.compile(r"^Run")).click()
    expect(page.locator("#run-title")).to_have_text("Push to main")
    page.locator("tr.upload a.name", has_text="test-results").click()
    expect_the_artifact(page, "tests")
    expect(page.locator("#failed")).to_contain_text("connection refused")


@pytest.mark.parametrize("part", ["runs/", "runs/{run}/", "artifacts/{artifact}/"])
@pytest.mark.parametrize("width", [1440, 768, 390])
def test_no_page_is_wider_than_its_window_and_no_name_in_it_runs(
    point: Snapshot, open_page: Callable[..., Page], part: str, width: int
) -> None:
    assert point.run is not None
    names = [f"{BAD}{'deep/' * 100}{number}.html" for number in range(200)]
    artifact = upload(point.run, BAD + "leg-" * 60, passed_over=names, passed_over_count=1_034, warnings=[BAD])
    report(artifact, BAD + "long" * 80 + ".xml", passed=123_456, warnings=["w" * 400, BAD], meaning=BAD)
    upload(point.run, "dist" * 60, "passed-over", reason=BAD)
    page = open_page(
        "/r/acme/api/" + part.format(run=point.run.github_id, artifact=artifact.github_id), width=width
    )
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.title() != "run"
    expect(page.locator("main")).to_contain_text("<img src=x")


def test_names_that_were_passed_over_unfold_with_the_keyboard(
    point: Snapshot, open_page: Callable[..., Page]
) -> None:
    assert point.run is not None
    names = [f"htmlcov/{number}.html" for number in range(60)]
    artifact = upload(point.run, "more", passed_over=names, passed_over_count=60)
    page = open_page(f"/r/acme/api/artifacts/{artifact.github_id}/")
    last = page.locator("#passed-over li", has_text="htmlcov/59.html")
    expect(last).to_be_hidden()
    page.locator("#passed-over summary").focus()
    page.keyboard.press("Enter")
    expect(last).to_be_visible()
