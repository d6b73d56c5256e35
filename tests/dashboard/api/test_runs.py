"""GET …/runs, one run, one artifact: the same facts as their pages, for scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from jsonschema import Draft202012Validator

from dashboard.api import run_schemas
from dashboard.models import WorkflowRun
from tests.dashboard.uploads import report, upload
from tests.factories import repository, run, sha_of, today_at

pytestmark = pytest.mark.django_db

REPO = "/api/v1/repos/acme/api"


@pytest.fixture(autouse=True)
def public_installation(settings) -> None:
    settings.PUBLIC = True


@pytest.fixture
def ci() -> WorkflowRun:
    return run(repository(), sha_of("a"), today_at(), github_id=77, run_number=812)


def answer(client: Client, address: str, **parameters: object) -> Any:
    response = client.get(address, parameters)
    assert response.status_code == 200, response.content
    return response.json()


def test_runs_are_a_list_newest_first_each_with_its_artifacts(client: Client, ci: WorkflowRun) -> None:
    artifact = upload(ci, "results", passed_over=["a.html"], passed_over_count=1)
    report(artifact, passed=3, failed=1)
    older = run(ci.repository, sha_of("b"), today_at(days_ago=1), github_id=76)
    listed = answer(client, f"{REPO}/runs")
    assert (listed["count"], listed["next"], listed["previous"]) == (2, None, None)
    assert [each["id"] for each in listed["results"]] == [77, older.github_id]
    [known] = listed["results"][0]["artifacts"]
    assert known["id"] == artifact.github_id and known["sha256"] == artifact.sha256
    assert (known["report_count"], known["tests"], known["failing"], known["passed_over_count"]) == (1, 4, 1, 1)
    assert listed["results"][1]["artifact_count"] == 0


def test_members_of_what_was_read_before_all_were_counted_are_those_that_were_kept(
    client: Client, ci: WorkflowRun
) -> None:
    upload(ci, passed_over=["a.html", "b.html", "c.html"])
    [known] = answer(client, f"{REPO}/runs")["results"][0]["artifacts"]
    assert known["passed_over_count"] == 3


def test_runs_can_be_those_of_one_commit_and_are_paged(client: Client, ci: WorkflowRun) -> None:
    run(ci.repository, sha_of("b"), today_at(days_ago=1), github_id=76)
    assert [each["id"] for each in answer(client, f"{REPO}/runs", commit=sha_of("b"))["results"]] == [76]
    page = answer(client, f"{REPO}/runs", page_size=1)
    assert [each["id"] for each in page["results"]] == [77]
    assert [each["id"] for each in answer(client, page["next"])["results"]] == [76]


@pytest.mark.parametrize("key", ["commit", "page", "page_size"])
def test_a_value_that_makes_no_sense_is_400_and_names_its_key(client: Client, ci: WorkflowRun, key: str) -> None:
    response = client.get(f"{REPO}/runs", {key: "nonsense"})
    assert response.status_code == 400
    assert response.json()["detail"].startswith(f"{key}=nonsense makes no sense: use a")


def test_a_run_tells_each_report_what_was_passed_over_and_what_it_cost(client: Client, ci: WorkflowRun) -> None:
    artifact = upload(
        ci, passed_over=["a.html"], passed_over_count=1, cpu_ms=3, wall_ms=5, peak_bytes=7, output_bytes=9
    )
    report(artifact, "junit.xml", passed=3, warnings=["Its total says 4."], meaning="Assertions.")
    report(artifact, "coverage.xml", lines=(1, 4))
    report(artifact, "cut.xml", error="It breaks off.")
    whole = answer(client, f"{REPO}/runs/77")
    assert whole["counts"] is True and whole["why_not"] is None
    [known] = whole["artifacts"]
    assert known["sandbox"] == {"cpu_ms": 3, "wall_ms": 5, "peak_bytes": 7, "output_bytes": 9}
    assert known["passed_over"] == ["a.html"]
    told = {each["member"]: each for each in known["reports"]}
    assert told["junit.xml"]["tests"]["total"] == 3 and told["junit.xml"]["coverage"] is None
    assert told["junit.xml"]["warnings"] == ["Its total says 4."] and told["junit.xml"]["meaning"] == "Assertions."
    assert told["coverage.xml"]["coverage"]["percent"] == 25 and told["coverage.xml"]["tests"] is None
    assert told["cut.xml"]["error"] == "It breaks off." and told["cut.xml"]["coverage"] is None


def test_an_artifact_tells_its_run_what_it_stands_for_and_all_of_its_reports(
    client: Client, ci: WorkflowRun
) -> None:
    artifact = upload(ci)
    for number in range(130):
        report(artifact, f"TEST-{number}.xml", passed=1)
    whole = answer(client, f"{REPO}/artifacts/{artifact.github_id}")
    assert whole["counts"] is True and whole["run"]["id"] == 77 and whole["run"]["artifact_count"] == 1
    assert whole["report_count"] == 130 and len(whole["reports"]) == 100
    assert len(answer(client, whole["next"])["reports"]) == 30


def test_what_does_not_count_says_why(client: Client) -> None:
    run(repository(), sha_of("a"), today_at(), github_id=77, is_trend=False, event="pull_request")
    whole = answer(client, f"{REPO}/runs/77")
    assert whole["counts"] is False and "started by pull_request" in whole["why_not"]


def test_private_and_unknown_are_the_same_404(client: Client, admin_client: Client) -> None:
    secret = run(repository(name="secret", private=True), sha_of("a"), today_at(), github_id=77)
    artifact = upload(secret)
    repository()
    for part in ("runs", "runs/77", f"artifacts/{artifact.github_id}"):
        hidden = client.get(f"/api/v1/repos/acme/secret/{part}")
        absent = client.get(f"/api/v1/repos/acme/absent/{part}")
        assert (hidden.status_code, absent.status_code) == (404, 404)
        assert hidden.content.replace(b"secret", b"") == absent.content.replace(b"absent", b"")
        assert admin_client.get(f"/api/v1/repos/acme/secret/{part}").status_code == 200
        if part != "runs":
            assert client.get(f"{REPO}/{part}").status_code == 404
    for part in (f"runs/{10**30}", "runs/x", "artifacts/x"):
        assert client.get(f"{REPO}/{part}").status_code == 404, part


def test_every_answer_fits_the_description_that_is_published(client: Client, ci: WorkflowRun) -> None:
    described = client.get("/api/v1/openapi.json").json()
    artifact = upload(ci)
    report(artifact, "junit.xml", passed=1)
    report(artifact, "coverage.xml", lines=(1, None))
    base = "/api/v1/repos/{owner}/{name}"
    for template, address in (
        (f"{base}/runs", f"{REPO}/runs"),
        (f"{base}/runs/{{run_id}}", f"{REPO}/runs/77"),
        (f"{base}/artifacts/{{artifact_id}}", f"{REPO}/artifacts/{artifact.github_id}"),
    ):
        schema = described["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": described["components"]}).validate(client.get(address).json())


def test_the_documentation_names_every_parameter() -> None:
    page = (settings.BASE_DIR / "docs/api.md").read_text()
    for name in [*run_schemas.RunsParameters.model_fields, *run_schemas.Sandbox.model_fields]:
        assert f"`{name}`" in page


# The repository; how many runs, the page of them, their artifacts, their reports. A run: itself, its artifacts,
# those that stand, their reports. An artifact: itself, its reports, what stands, others with its bytes.
@pytest.mark.parametrize("size", [1, 30])
def test_each_stays_within_its_queries_at_any_size(
    client: Client, django_assert_num_queries: Any, ci: WorkflowRun, size: int
) -> None:
    for number in range(size):
        artifact = upload(ci, f"leg-{number}")
        report(artifact, passed=1)
        run(ci.repository, sha_of(number), today_at(days_ago=number + 1), github_id=number)
    for part in ("runs", "runs/77", f"artifacts/{artifact.github_id}"):
        with django_assert_num_queries(5):
            assert client.get(f"{REPO}/{part}", {} if part != "runs" else {"page_size": 200}).status_code == 200
