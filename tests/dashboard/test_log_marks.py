"""Pages say of a figure that it was counted in a log: in words beside the mark, with the way to better evidence."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from collectors.rollup import refresh_repository
from dashboard.models import Dependency, JobLog, Repository, Snapshot
from dashboard.queries.trend import COLUMNS, points_of
from tests.factories import organization, repository, roll_up, run, snapshot, today_at

pytestmark = pytest.mark.django_db

MARK = "</svg> from a log</span>"


@pytest.fixture
def shop(settings: Any) -> Repository:
    """acme/shop: two failing tests and some lines, counted in the log of one job."""
    settings.PUBLIC = True
    shop = repository(organization("acme"), "shop", language="COBOL")
    told = run(shop, "ab" * 20, today_at())
    Snapshot.objects.create(
        repository=shop, sha=told.head_sha, committed_at=told.committed_at, ordered_at=told.created_at,
        run_started_at=told.created_at, run=told, evidence=Repository.Evidence.LOG, evidence_at=told.updated_at,
        tests_total=9, tests_passed=7, tests_failed=2, tests_errors=0, tests_skipped=0, tests_executions=9,
        lines_valid=40, lines_covered=30,
    )  # fmt: skip
    JobLog.objects.create(
        repository=shop, run=told, github_id=77, name="test <3.12>", url="https://github.com/acme/shop/job/77",
        tools=["pytest"], tests_passed=7, tests_failed=2, tests_errors=0, tests_skipped=0, lines_valid=40,
        lines_covered=30, read_at=timezone.now(),
    )  # fmt: skip
    JobLog.objects.create(
        repository=shop, run=told, github_id=78, name="lint", error="It is gone.", read_at=timezone.now()
    )
    refresh_repository(shop)
    return shop


def page(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_first_page_marks_its_figures_and_shows_the_lines_that_would_bring_a_report(
    shop: Repository, client: Client
) -> None:
    told = page(client, "/r/acme/shop/")
    assert told.count(MARK) >= 3, "tests, coverage, and the commit's row"
    assert "its figures stand in no total" in told
    assert "- run: pytest --junitxml=junit.xml" in told, "the tool that the log named, whatever the language"
    assert "actions/upload-artifact" in told


def test_a_repository_with_reports_shows_neither(client: Client, settings: Any) -> None:
    settings.PUBLIC = True
    snapshot(repository(organization("acme"), "api"), tests=(3, 0, 0, 0), lines=(1, 2))
    told = page(client, "/r/acme/api/")
    assert "from a log" not in told and "upload-artifact" not in told


@pytest.mark.parametrize("address", ["commits/{}/", "failures/", "coverage/"])
def test_every_tab_marks_them(shop: Repository, client: Client, address: str) -> None:
    assert MARK in page(client, "/r/acme/shop/" + address.format("ab" * 20))


def test_the_commit_names_the_job_and_its_tool(shop: Repository, client: Client) -> None:
    told = page(client, f"/r/acme/shop/commits/{'ab' * 20}/")
    assert 'href="https://github.com/acme/shop/job/77" rel="noopener">test &lt;3.12&gt;</a>' in told
    assert "<td>pytest</td>" in told and "lint" not in told


def test_a_figure_opens_on_the_job_that_it_was_counted_in(shop: Repository, client: Client) -> None:
    told = page(client, f"/r/acme/shop/commits/{'ab' * 20}/?figure=tests", **{"HX-Request": "true"})
    assert "https://github.com/acme/shop/job/77" in told and MARK in told
    assert "No report of this kind" not in told


def test_a_run_shows_every_log_that_was_read(shop: Repository, client: Client) -> None:
    github_id = Snapshot.objects.get().run.github_id
    told = page(client, f"/r/acme/shop/runs/{github_id}/")
    assert "test &lt;3.12&gt;" in told and "It is gone." in told


def test_the_api_tells_the_grade(shop: Repository, client: Client) -> None:
    latest = client.get("/api/v1/repos/acme/shop").json()["latest"]
    assert latest["evidence"] == "log"
    assert (latest["tests"]["total"], latest["tests"]["from_logs"]) == (9, 9)
    trend = client.get("/api/v1/repos/acme/shop/trend").json()["points"]
    assert [point["tests"]["from_logs"] for point in trend] == [9]


def test_what_a_log_told_is_never_held_against_a_report(shop: Repository) -> None:
    snapshot(shop, days_ago=-1, tests=(20, 0, 0, 0))
    points = points_of(Snapshot.objects.oldest_first().values_list(*COLUMNS))
    assert [(point.evidence, point.tests_delta) for point in points] == [("log", None), ("report", None)]


def test_a_neighbour_and_the_admin_s_list_say_it_too(
    shop: Repository, client: Client, admin_client: Client
) -> None:
    web = repository(organization("acme"), "web")
    snapshot(web, tests=(3, 0, 0, 0))
    Dependency.objects.create(repository=web, target=shop, target_name=shop.full_name)
    assert MARK in page(client, "/r/acme/web/").partition("Stands on")[2]
    told = page(admin_client, "/admin/dashboard/repository/")
    assert "9 from a log" in told and told.count("from a log") == 2, "tests and coverage of one of the two"


def test_what_broke_last_night_says_it(shop: Repository, client: Client) -> None:
    snapshot(repository(organization("acme"), "api"), tests=(3, 0, 0, 0))
    roll_up()
    assert '<span class="change-reason" title="from a log">from a log</span>' in page(client, "/")


def test_the_story_of_a_trend_keeps_to_one_grade_and_names_the_hatching(shop: Repository, client: Client) -> None:
    snapshot(shop, days_ago=40, tests=(50, 0, 0, 0), lines=(28, 40))
    told = page(client, "/r/acme/shop/")
    assert "One commit with evidence in this range: 9 tests, 75.0 % of lines covered." in told
    assert "What is hatched was counted in logs, and is not held against reports." in told


def test_the_estate_marks_its_row_and_keeps_its_tests_beside_every_total(shop: Repository, client: Client) -> None:
    snapshot(repository(organization("acme"), "api", tags=["flagship"]), tests=(3, 0, 0, 0), lines=(1, 2))
    Repository.objects.update(tags=["flagship"])
    for address in ("/", "/?group=tag", "/?group=none", "/?columns=tests,evidence"):
        told = page(client, address)
        assert MARK in told and "<title>a count read from a log</title>" in told
        assert "3 passed · 0 skipped · 9 from logs beside" in told
        assert "of 2 active" in told and "2 of 2 report" not in told
