"""The page of one run: what was read of each artifact, what was passed over, and what does not count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard.models import Repository, WorkflowRun
from tests.dashboard.uploads import page_of, part_of, report, text_of, upload
from tests.factories import repository, run, sha_of, snapshot, today_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def ci_run(repo: Repository | None = None, **fields: Any) -> WorkflowRun:
    known = {"github_id": 77, "run_number": 812, "head_repository_id": None, "title": "Rest between bursts"}
    return run(repo or repository(), sha_of("a"), today_at(), **known | fields)


def address(stored: WorkflowRun) -> str:
    return f"/r/{stored.repository.full_name}/runs/{stored.github_id}/"


def test_it_says_what_ran_where_and_how_it_ended_with_links_to_github(client: Client) -> None:
    stored = ci_run(run_attempt=2, conclusion="failure")
    upload(stored)
    page = page_of(client, address(stored))
    text = text_of(client, address(stored))
    for fact in (
        "Rest between bursts",
        "CI .github/workflows/ci.yml",
        "#812, attempt 2",
        "main by push",
        "failure",
    ):
        assert fact in text, fact
    assert f'href="{stored.url}"' in page
    assert f"/blob/{stored.head_sha}/.github/workflows/ci.yml" in page
    assert f"/commits/{stored.head_sha}/" in page


def test_each_report_stands_with_its_member_format_and_figures(client: Client) -> None:
    stored = ci_run()
    artifact = upload(stored, "results")
    report(artifact, "unit/junit.xml", passed=9, failed=2)
    report(artifact, "coverage.xml", lines=(2, 3), size=20_000)
    text = part_of(page_of(client, address(stored)), "artifacts")
    assert "unit/junit.xml junit 11 2 0" in text
    assert "coverage.xml cobertura 20 KB 2 of 3 66.6" in text
    assert "results read, group unit 2 reports" in text
    assert "1 of 1 artifact was read: 2 reports with 11 tests, 2 failing." in text_of(client, address(stored))


def test_what_a_format_means_by_its_figures_and_its_warnings_stand_beside_them(client: Client) -> None:
    stored = ci_run()
    report(
        upload(stored),
        passed=3,
        meaning="It counts assertions, not tests.",
        warnings=["Its own total says 4.", "Second.", "Third."],
    )
    text = text_of(client, address(stored))
    assert "It counts assertions, not tests. Warning: Its own total says 4." in text
    assert "and 1 more warning" in text


def test_members_that_are_no_report_are_named_first_and_then_counted(client: Client) -> None:
    stored = ci_run()
    names = [f"htmlcov/page-{number}.html" for number in range(200)]
    artifact = upload(stored, passed_over=names, passed_over_count=1_034)
    report(artifact, passed=1)
    page = page_of(client, address(stored))
    assert "Passed over, no report: htmlcov/page-0.html, htmlcov/page-1.html" in text_of(client, address(stored))
    assert "and 1,026 more" in part_of(page, "artifacts")
    assert "page-8.html" not in page
    assert "1,034 other members passed over" in text_of(client, address(stored))


def test_digest_size_and_expiry_stand_with_each_artifact(client: Client) -> None:
    stored = ci_run()
    artifact = upload(stored)
    page = page_of(client, address(stored))
    assert f'title="{artifact.sha256}"' in page
    text = part_of(page, "artifacts")
    assert f"SHA-256 {artifact.sha256[:12]}…{artifact.sha256[-10:]}" in text
    assert "153 KB" in text and "expires" in text
    upload(stored, "unread", "listed", digest="d" * 64)
    assert "as GitHub says" in part_of(page_of(client, address(stored)), "artifacts")


def test_what_the_sandbox_used_stands_with_each_artifact_and_in_sum(client: Client) -> None:
    stored = ci_run()
    upload(stored, "a", cpu_ms=35, wall_ms=41, peak_bytes=31_000_000, output_bytes=1_200_000)
    upload(stored, "b", cpu_ms=100, wall_ms=120, peak_bytes=9_000_000, output_bytes=800)
    text = text_of(client, address(stored))
    assert "35 ms 41 ms 31 MB 1.2 MB" in text
    assert "In the sandbox 161ms" in text.replace("161 ms", "161ms")
    assert "135 ms of CPU · at most 31 MB · 1.2 MB came back" in text


def test_a_cost_that_was_not_measured_is_a_dash_and_never_zero(client: Client) -> None:
    stored = ci_run()
    upload(stored)
    text = text_of(client, address(stored))
    assert "In the sandbox – Not measured when it was read." in text
    assert "0 ms" not in text


def test_refused_expired_and_waiting_artifacts_say_why_and_stand_first(client: Client) -> None:
    stored = ci_run()
    upload(stored, "a-good-one")
    upload(stored, "old", "expired", reason="It expired before it was read: collect more often.")
    upload(stored, "bomb", "rejected", reason="Refused: 612 MB unpacked, the limit is 256 MB.")
    upload(stored, "young", "listed")
    text = part_of(page_of(client, address(stored)), "artifacts")
    assert "Refused: 612 MB unpacked, the limit is 256 MB." in text
    assert "It expired before it was read: collect more often." in text
    assert "young waiting to be read" in text
    assert text.index("bomb") < text.index("old") < text.index("young") < text.index("a-good-one")
    assert "1 refused · 1 expired · 1 waiting" in text_of(client, address(stored))


def test_an_artifact_that_its_name_left_out_says_why_and_staff_where_to_change_it(
    client: Client, admin_client: Client
) -> None:
    stored = ci_run()
    why = "Not looked into: its name says “dist”, which is what a build makes."
    upload(stored, "dist", "passed-over", reason=why)
    page = page_of(client, address(stored))
    assert "dist 153 KB Its name says “dist”, which is what a build makes." in part_of(page, "left-alone")
    assert part_of(page, "artifacts") == ""
    patterns = f'href="/admin/dashboard/repository/{stored.repository_id}/change/"'
    assert patterns not in page
    assert patterns in page_of(admin_client, address(stored))


def test_one_that_was_looked_into_in_vain_is_not_said_to_be_left_alone(client: Client) -> None:
    stored = ci_run()
    upload(stored, "notes", "passed-over", read_at=today_at(), reason="Nothing in it looks like a report.")
    page = page_of(client, address(stored))
    assert part_of(page, "left-alone") == ""
    assert "notes holds no report" in part_of(page, "artifacts")


def test_an_earlier_attempts_upload_stands_apart_and_leads_to_the_newer(client: Client) -> None:
    stored = ci_run(run_attempt=2)
    older = upload(stored, created_at=today_at(hour=1))
    report(older, "old.xml", passed=5)
    newer = upload(stored, created_at=today_at(hour=2))
    report(newer, "new.xml", passed=7)
    upload(stored, "unread", "superseded", created_at=today_at(hour=1))
    page = page_of(client, address(stored))
    assert "new.xml" in part_of(page, "artifacts") and "old.xml" not in part_of(page, "artifacts")
    apart = part_of(page, "replaced")
    assert "old.xml" in apart and "Replaced by the upload of" in apart
    assert "unread replaced" in apart
    assert f"/artifacts/{newer.github_id}/" in page
    assert "1 report with 7 tests." in text_of(client, address(stored))


def test_a_run_in_whose_place_a_newer_run_of_the_commit_stands_says_so(client: Client) -> None:
    stored = ci_run()
    report(upload(stored), passed=5)
    again = run(stored.repository, stored.head_sha, today_at() + timedelta(hours=1), github_id=78, run_number=813)
    upload(again, created_at=today_at() + timedelta(hours=1))
    text = text_of(client, address(stored))
    assert "It moves no figure any more: newer uploads of the same commit stand in place of its own." in text
    assert "in run #813" in text
    assert "1 report with 5 tests" in text
    assert "It counts: it ran on the default branch, by push." in text_of(client, address(again))


def test_the_same_bytes_point_to_the_artifact_that_was_read(client: Client) -> None:
    stored = ci_run()
    first = upload(stored, created_at=today_at(hour=1), cpu_ms=3, passed_over=["notes.md"], passed_over_count=1)
    report(first, "junit.xml", passed=4)
    again = run(stored.repository, sha_of("b"), today_at(), github_id=79)
    upload(again, state="same", same_as=first, sha256=first.sha256)
    page = page_of(client, address(again))
    text = text_of(client, address(again))
    assert f'href="/r/acme/api/artifacts/{first.github_id}/"' in page
    assert "The same bytes were read once, as test-results of run #812" in text
    assert "junit.xml junit 4" in text and "notes.md" in text
    assert "Nothing was spent: the same bytes had been read before." in text


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"head_repository_id": 99}, "It ran for another repository's commit, a fork's"),
        ({"event": "pull_request"}, "It was started by pull_request; only push, schedule and workflow_dispatch"),
        ({"head_branch": "try"}, "It ran on try; only the default branch, main, counts."),
        ({}, "It was not of the default branch when it was listed."),
    ],
)
def test_a_run_that_does_not_count_says_why(client: Client, fields: dict[str, Any], why: str) -> None:
    stored = ci_run(is_trend=False, **fields)
    upload(stored)
    text = text_of(client, address(stored))
    assert f"It moves no figure. {why}" in text
    assert "Trend does not count" in text


def test_a_run_without_artifacts_says_what_would_be_here(client: Client) -> None:
    assert "It uploaded no artifact" in text_of(client, address(ci_run()))
    running = ci_run(repository(name="other"), status="in_progress", conclusion="")
    text = text_of(client, address(running))
    assert "Nothing was uploaded by this run so far." in text
    assert "It has not ended yet" in text


def test_markup_and_controls_in_every_name_are_shown_as_text(client: Client) -> None:
    bad = "<script>alert(1)</script>\x1b[31m\u202e"
    stored = ci_run(title=bad, workflow_name=bad, head_branch=bad, event="push")
    artifact = upload(stored, bad, passed_over=[bad], passed_over_count=1, warnings=[bad], reason=bad)
    report(artifact, bad, passed=1, warnings=[bad], meaning=bad)
    report(artifact, f"{bad}/cut.xml", error=bad)
    upload(stored, f"{bad}-dist", "passed-over", reason=bad)
    for page in (page_of(client, address(stored)), page_of(client, "/r/acme/api/runs/")):
        for fragment in ("<script>alert", "\x1b", "\u202e"):
            assert fragment not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_private_and_unknown_runs_are_the_same_404_to_a_stranger(client: Client, admin_client: Client) -> None:
    hidden = ci_run(repository(name="secret", private=True))
    ci_run(repository(name="open"), github_id=5)
    assert client.get(address(hidden)).status_code == 404
    assert admin_client.get(address(hidden)).status_code == 200
    for number in (6, 77, 10**30):
        assert client.get(f"/r/acme/open/runs/{number}/").status_code == 404


def huge(stored: WorkflowRun, artifacts: int, members: int) -> None:
    for number in range(artifacts):
        artifact = upload(stored, f"leg-{number:03}", passed_over=["x" * 900] * 200, passed_over_count=1_000)
        for member in range(members):
            report(artifact, f"{'deep/' * 190}{member}.xml", passed=1, warnings=["w" * 2_000] * 20)


# The repository, the run, its artifacts, those that stand for their names, the reports of this page's artifacts.
@pytest.mark.parametrize(("artifacts", "members"), [(1, 1), (40, 12)])
def test_it_stays_within_its_queries_and_its_size(
    client: Client, django_assert_num_queries: Any, artifacts: int, members: int
) -> None:
    stored = ci_run()
    huge(stored, artifacts, members)
    with django_assert_num_queries(5):
        page = client.get(address(stored)).content
    assert len(page) < 1_000_000
    assert f"{artifacts * members:,} report" in text_of(client, address(stored))


def test_more_artifacts_than_a_page_holds_are_on_the_next_with_all_of_them_counted(client: Client) -> None:
    stored = ci_run()
    for number in range(130):
        upload(stored, f"leg-{number:03}")
    first, second = text_of(client, address(stored)), text_of(client, address(stored), page=2)
    assert "Page 1 of 2" in first and "leg-099" in first and "leg-100" not in first
    assert "leg-129" in second and "130 of 130 artifacts were read" in second


def test_a_commits_own_snapshot_leads_to_its_run(client: Client) -> None:
    point = snapshot(repository())
    assert point.run is not None
    assert f"/runs/{point.run.github_id}/" in page_of(client, f"/r/acme/api/commits/{point.sha}/")
