"""The page of one artifact: every report in it, every name that was kept, and what it stands for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard.models import Artifact, Report, WorkflowRun
from tests.dashboard.uploads import page_of, part_of, report, text_of, upload
from tests.factories import failure, repository, run, sha_of, snapshot, today_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


@pytest.fixture
def ci() -> WorkflowRun:
    return run(repository(), sha_of("a"), today_at(), github_id=77, run_number=812)


def address(artifact: Artifact) -> str:
    return f"/r/{artifact.repository.full_name}/artifacts/{artifact.github_id}/"


def test_every_report_stands_with_its_figures_and_all_of_them_in_sum(client: Client, ci: WorkflowRun) -> None:
    artifact = upload(ci)
    report(artifact, "a.xml", passed=126)
    report(artifact, "b.xml", passed=1_200, failed=2)
    report(artifact, "cut.xml", error="The XML breaks off at line 3.")
    text = part_of(page_of(client, address(artifact)), "reports")
    assert "a.xml junit 126 0 0" in text
    assert "b.xml junit 1,202 2 0" in text
    assert "cut.xml junit The XML breaks off at line 3." in text
    assert "All 3, before any merging 1,328 2 0" in text
    assert "2 reports in it: 1,328 tests, 2 failing; 1 report refused." in text_of(client, address(artifact))
    report(artifact, "coverage.xml", lines=(2, 3))
    assert "1,328 tests, 2 failing; 2 of 3 lines covered; 1 report" in text_of(client, address(artifact))


def test_it_tells_all_that_is_known_of_the_upload(client: Client, ci: WorkflowRun) -> None:
    artifact = upload(ci, "unit-py312", cpu_ms=35, wall_ms=1_200, peak_bytes=31_000_000, output_bytes=800)
    report(artifact, passed=1)
    page, text = page_of(client, address(artifact)), text_of(client, address(artifact))
    assert artifact.sha256 in text
    assert "of the bytes that were read, as GitHub announced" in text
    for fact in ("Group unit", "Size 153 KB", "Leg .github/workflows/ci.yml, unit-py312", "Expires"):
        assert fact in text, fact
    assert "CPU time 35 ms Wall time 1.2 s Peak memory 31 MB Answer 800 bytes" in text
    assert f'href="{ci.url}/artifacts/{artifact.github_id}"' in page
    assert 'href="/r/acme/api/runs/77/"' in page


def test_bytes_that_are_not_what_github_announced_are_said_to_be_others(client: Client, ci: WorkflowRun) -> None:
    artifact = upload(ci, digest="f" * 64)
    assert "GitHub announced another" in text_of(client, address(artifact))


def test_it_says_for_which_commit_it_stands(client: Client) -> None:
    point = snapshot(repository())
    artifact = Artifact.objects.get(name="test-results")
    assert f"It stands for commit {point.sha[:8]}, whose figures are put together" in text_of(
        client, address(artifact)
    )


def test_one_that_was_replaced_leads_to_what_stands_in_its_place(client: Client, ci: WorkflowRun) -> None:
    older = upload(ci, created_at=today_at(hour=1))
    newer = upload(ci, created_at=today_at(hour=2))
    page = page_of(client, address(older))
    assert "A newer upload of the same name replaced it, so it counts in no figure" in text_of(
        client, address(older)
    )
    assert f'href="{address(newer)}"' in page
    assert "It stands for commit" in text_of(client, address(newer))


def test_one_of_a_run_that_does_not_count_says_why(client: Client) -> None:
    stored = run(repository(), sha_of("a"), today_at(), is_trend=False, event="pull_request")
    text = text_of(client, address(upload(stored)))
    assert "It counts in no figure. It was started by pull_request" in text


def test_the_same_bytes_show_the_reports_that_were_read_and_where(client: Client, ci: WorkflowRun) -> None:
    first = upload(ci, passed_over=["notes.md"], passed_over_count=1, cpu_ms=3)
    report(first, "junit.xml", passed=4)
    later = run(ci.repository, sha_of("b"), today_at() + timedelta(hours=1), github_id=78, run_number=813)
    again = upload(later, state="same", same_as=first, sha256=first.sha256)
    page, text = page_of(client, address(again)), text_of(client, address(again))
    assert "Its bytes are the same as those of test-results of run #812" in text
    assert "nothing was read twice" in text
    assert "junit.xml junit 4" in text and "notes.md" in text
    assert "Nothing was spent" in text
    assert f'href="{address(first)}"' in page
    assert "Same bytes test-results #813" in text_of(client, address(first))


def test_a_name_that_left_it_out_says_so_and_staff_where_to_change_it(
    client: Client, admin_client: Client, ci: WorkflowRun
) -> None:
    why = "Not looked into: its name says “html”, which is made for people."
    artifact = upload(ci, "html-report", "passed-over", reason=why)
    text = text_of(client, address(artifact))
    assert why in text and "State not looked into" in text and "It was not opened." in text
    assert "/admin/dashboard/repository/" not in page_of(client, address(artifact))
    assert "/admin/dashboard/repository/" in page_of(admin_client, address(artifact))


def test_a_refused_one_says_why_at_the_top(client: Client, ci: WorkflowRun) -> None:
    artifact = upload(ci, "bomb", "rejected", reason="Refused: 612 MB unpacked, the limit is 256 MB.")
    assert "Refused. Refused: 612 MB unpacked" in text_of(client, address(artifact))


def test_members_that_were_passed_over_or_could_not_be_opened_are_listed(client: Client, ci: WorkflowRun) -> None:
    names = [f"htmlcov/page-{number}.html" for number in range(200)]
    artifact = upload(
        ci, passed_over=names, passed_over_count=1_034, warnings=["inner.zip is encrypted with a password."]
    )
    text = text_of(client, address(artifact))
    assert "Passed over 1,034" in text
    assert "htmlcov/page-0.html" in text and "htmlcov/page-199.html" in text
    assert "And 834 more members whose names were not kept." in text
    assert "Warning: inner.zip is encrypted with a password." in text


def test_the_tests_that_failed_in_it_are_named_with_what_they_said(client: Client) -> None:
    point = snapshot(repository(), tests=(8, 2, 0, 0))
    failure(point, "test_login", "connection refused\nat line 3", classname="tests.Login")
    artifact = Artifact.objects.get(name="test-results")
    text = part_of(page_of(client, address(artifact)), "failed")
    assert "test_login tests.Login" in text and "connection refused" in text and "at line 3" not in text
    assert "and 1 more" in text


def test_the_report_that_a_figure_came_from_stands_first_and_is_marked(client: Client, ci: WorkflowRun) -> None:
    artifact = upload(ci)
    stored = [report(artifact, f"TEST-{number:03}.xml", passed=number) for number in range(250)]
    page = page_of(client, address(artifact), report=stored[249].pk)
    assert page.index("TEST-249.xml") < page.index("TEST-000.xml")
    assert f'id="report-{stored[249].pk}"' in page and page.count("is-chosen") == 1
    plain = page_of(client, address(artifact))
    assert "TEST-249.xml" not in plain and "Page 1 of 3" in plain
    assert "TEST-249.xml" in page_of(client, address(artifact), page=3)
    for nonsense in ("x", "-1", "9" * 40, "١"):
        assert client.get(address(artifact), {"report": nonsense, "page": nonsense}).status_code == 200


def test_private_and_unknown_artifacts_are_the_same_404(client: Client, admin_client: Client) -> None:
    secret = upload(run(repository(name="secret", private=True), sha_of("a"), today_at()))
    repository(name="open")
    assert client.get(address(secret)).status_code == 404
    assert admin_client.get(address(secret)).status_code == 200
    for number in (secret.github_id, 10**30):
        assert client.get(f"/r/acme/open/artifacts/{number}/").status_code == 404


def test_markup_and_controls_in_every_name_are_shown_as_text(client: Client, ci: WorkflowRun) -> None:
    bad = "<img src=x onerror=alert(1)>\x1b[31m\u202e"
    artifact = upload(ci, bad, passed_over=[bad], passed_over_count=1, warnings=[bad], reason=bad)
    report(artifact, bad, passed=1, failed=1, warnings=[bad], meaning=bad, format="junit")
    page = page_of(client, address(artifact))
    for fragment in ("<img src=x", "\x1b", "\u202e"):
        assert fragment not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


# The repository; the artifact with its run; its reports; what stands for its name; others with the same bytes; what
# failed in it.
@pytest.mark.parametrize("members", [1, 600])
def test_it_stays_within_its_queries_and_its_size(
    client: Client, django_assert_num_queries: Any, ci: WorkflowRun, members: int
) -> None:
    artifact = upload(ci, passed_over=["y" * 1_000] * 200, passed_over_count=20_000)
    warnings = ["w" * 2_000] * 20
    Report.objects.bulk_create(
        Report(
            repository=ci.repository,
            artifact=artifact,
            member=f"{'deep/' * 190}{number}.xml",
            format="junit",
            kind="tests",
            warnings=warnings,
            tests_total=2,
            tests_passed=1,
            tests_failed=1,
            tests_errors=0,
            tests_skipped=0,
        )
        for number in range(members)
    )
    Report.objects.create(
        repository=ci.repository, artifact=artifact, member="cov.xml", format="cobertura", kind="coverage"
    )
    with django_assert_num_queries(6):
        page = client.get(address(artifact)).content
    assert len(page) < 1_000_000
    assert f"{2 * members:,} tests" in text_of(client, address(artifact))
