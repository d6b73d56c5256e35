"""The look-alike behaves as GitHub does, seen by a reader that knows nothing of the product."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.faults import rate_limit_spent, secondary_limit
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeJob, FakeRepository, job_id, re_run, zip_of

from .asking import ask


def names(response: requests.Response) -> list[str]:
    return [each["name"] for each in response.json()["artifacts"]]


def test_a_list_comes_in_pages_that_lead_to_each_other(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    for _ in range(64):
        estate.add_run(repository)
    response = ask(server, "/repos/octo-org/hello/actions/runs")
    assert len(response.json()["workflow_runs"]) == 30, "thirty is GitHub's default"
    assert set(response.links) == {"next", "last"}
    ids = []
    while True:
        ids += [run["id"] for run in response.json()["workflow_runs"]]
        assert response.json()["total_count"] == 65
        if "next" not in response.links:
            break
        response = ask(server, response.links["next"]["url"])
    assert set(response.links) == {"first", "prev"}
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == 65


def test_a_page_has_at_most_a_hundred_items(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    for _ in range(120):
        estate.add_run(repository)
    response = ask(server, "/repos/octo-org/hello/actions/runs?per_page=500")
    assert len(response.json()["workflow_runs"]) == 100


def test_too_deep_a_page_is_refused(server: LookAlike, repository: FakeRepository) -> None:
    assert ask(server, "/repos/octo-org/hello/actions/runs?per_page=100&page=401").status_code == 422


def test_a_page_keeps_its_filters_in_its_links(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    for _ in range(3):
        estate.add_run(repository, event="schedule")
    response = ask(server, "/repos/octo-org/hello/actions/runs?event=schedule&per_page=2")
    rest = ask(server, response.links["next"]["url"])
    assert [run["event"] for run in rest.json()["workflow_runs"]] == ["schedule"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("branch=dev", 1),
        ("event=schedule", 1),
        ("status=failure", 1),
        ("status=completed", 3),
        ("created=%3E%3D2026-03-02", 2),
        ("created=%3C2026-03-02", 1),
        ("created=2026-03-02..2026-03-03", 2),
        ("created=2026-03-02", 1),
        ("created=%3E%3D2026-03-03T12:00:00Z", 1),
        ("created=%3E2026-03-03T12:00:00Z", 0),
        ("head_sha=" + "ab" * 20, 1),
        ("head_sha=" + "cd" * 20, 0),
        ("exclude_pull_requests=true", 3),
    ],
)
def test_runs_are_filtered(server: LookAlike, estate: FakeEstate, query: str, found: int) -> None:
    repository = estate.add_repository("octo-org/filtered")
    day = datetime(2026, 3, 1, 12, tzinfo=UTC)
    estate.add_run(repository, created_at=day, head_branch="dev")
    estate.add_run(repository, created_at=day + timedelta(days=1), event="schedule", head_sha="ab" * 20)
    estate.add_run(repository, created_at=day + timedelta(days=2), conclusion="failure")
    assert ask(server, f"/repos/octo-org/filtered/actions/runs?{query}").json()["total_count"] == found


def test_a_filtered_list_has_a_thousand_runs_at_most(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    for _ in range(1005):
        estate.add_run(repository)
    path = "/repos/octo-org/hello/actions/runs?per_page=1"
    assert ask(server, path).json()["total_count"] == 1006
    assert ask(server, f"{path}&event=push").json()["total_count"] == 1000


def test_artifacts_are_found_by_name_and_turned_round_on_request(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    run = estate.runs_of(repository)[0]
    estate.add_artifact(run, "coverage", b"")
    root = "/repos/octo-org/hello/actions"
    assert names(ask(server, f"{root}/artifacts?name=coverage")) == ["coverage"]
    assert names(ask(server, f"{root}/runs/{run.id}/artifacts")) == ["coverage", "test-results"]
    assert names(ask(server, f"{root}/runs/{run.id}/artifacts?direction=asc")) == ["test-results", "coverage"]


def test_a_re_run_keeps_its_id_and_the_artifacts_of_all_attempts(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    run = estate.runs_of(repository)[0]
    re_run(run, run.created_at + timedelta(hours=2))
    estate.add_artifact(run, "test-results", b"second")
    listed = ask(server, f"/repositories/{repository.id}/actions/runs/{run.id}").json()
    assert (listed["id"], listed["run_attempt"]) == (run.id, 2)
    assert listed["created_at"] < listed["run_started_at"]
    path = f"/repositories/{repository.id}/actions/runs/{run.id}/artifacts"
    assert names(ask(server, path)) == ["test-results", "test-results"]


def test_names_work_in_any_case_and_old_names_redirect_to_the_id(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    assert ask(server, "/repos/OCTO-org/Hello").json()["full_name"] == "octo-org/hello"
    estate.rename_repository(repository, "other-org/greeting")
    moved = ask(server, "/repos/octo-org/hello/actions/runs?per_page=7")
    assert moved.status_code == 301
    assert moved.headers["Location"] == f"{server.api_url}/repositories/{repository.id}/actions/runs?per_page=7"
    assert ask(server, f"/repositories/{repository.id}").json()["full_name"] == "other-org/greeting"


def test_an_unchanged_list_costs_nothing_and_its_etag_belongs_to_the_token(
    server: LookAlike, repository: FakeRepository, estate: FakeEstate
) -> None:
    path = "/repos/octo-org/hello/actions/artifacts"
    first = ask(server, path)
    etag = first.headers["ETag"]
    again = ask(server, path, **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    assert ask(server, path, token="another", **{"If-None-Match": etag}).status_code == 200
    estate.add_artifact(estate.runs_of(repository)[0], "new", b"")
    assert ask(server, path, **{"If-None-Match": etag}).status_code == 200


def test_an_etag_is_the_hash_that_github_uses(server: LookAlike, repository: FakeRepository) -> None:
    response = ask(server, "/repos/octo-org/hello", Accept="application/json")
    expected = hashlib.sha256(b"application/json:Bearer t0ken:" + response.content).hexdigest()
    assert response.headers["ETag"] == f'W/"{expected}"'


def test_the_hour_of_requests_runs_out_and_comes_back(estate: FakeEstate, repository: FakeRepository) -> None:
    now = [1_800_000_000.0]
    with LookAlike(estate, rate_limit=2, clock=lambda: now[0]) as server:
        left = [ask(server, "/user").headers["x-ratelimit-remaining"] for _ in range(2)]
        assert left == ["1", "0"]
        refused = ask(server, "/user")
        assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
        assert refused.json()["message"].startswith("API rate limit exceeded")
        assert ask(server, "/rate_limit").json()["rate"]["remaining"] == 0, "asking for the limit is free"
        assert ask(server, "/user", token="another").status_code == 200, "each token has its own"
        now[0] = float(refused.headers["x-ratelimit-reset"])
        assert ask(server, "/user").status_code == 200


def test_an_anonymous_reader_sees_public_things_sixty_times_an_hour(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    estate.add_repository("octo-org/secret", private=True)
    assert ask(server, "/repos/octo-org/hello", token="").headers["x-ratelimit-limit"] == "60"
    assert ask(server, "/repos/octo-org/secret", token="").status_code == 404
    assert ask(server, "/repos/octo-org/secret").status_code == 200
    assert len(ask(server, "/orgs/octo-org/repos", token="").json()) == 1


def test_only_known_tokens_are_let_in_where_the_estate_names_them(server: LookAlike, estate: FakeEstate) -> None:
    estate.tokens = {"good"}
    assert ask(server, "/user", token="good").status_code == 200
    refused = ask(server, "/user", token="bad")
    assert (refused.status_code, refused.json()["message"]) == (401, "Bad credentials")


def test_a_download_is_a_redirect_to_another_origin(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    artifact = estate.artifacts_of(repository)[0]
    path = f"/repositories/{repository.id}/actions/artifacts/{artifact.id}/zip"
    redirect = ask(server, path)
    assert (redirect.status_code, redirect.content) == (302, b"")
    address = redirect.headers["Location"]
    assert address.startswith(server.blob_url) and not address.startswith(server.api_url)
    blob = ask(server, address, token="")
    assert blob.content == artifact.content
    assert blob.headers["Content-Type"] == "application/zip"
    listed = ask(server, f"/repositories/{repository.id}/actions/artifacts/{artifact.id}").json()
    assert listed["digest"] == f"sha256:{hashlib.sha256(blob.content).hexdigest()}"
    assert listed["size_in_bytes"] == len(blob.content)
    assert ask(server, path, token="").status_code == 401, "a download needs a token, even a public one"


def test_the_blob_host_refuses_credentials_and_forged_addresses(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    artifact = estate.artifacts_of(repository)[0]
    address = server.sign(artifact)
    refused = ask(server, address)
    assert refused.status_code == 400 and refused.text.startswith("<?xml")
    assert ask(server, address.replace("sig=", "sig=0"), token="").status_code == 403
    assert ask(server, address.split("?")[0], token="").status_code == 403
    assert server.downloads[artifact.id] == 0


def test_a_signed_address_lives_a_minute(estate: FakeEstate, repository: FakeRepository) -> None:
    now = [time.time()]
    with LookAlike(estate, clock=lambda: now[0]) as server:
        address = server.sign(estate.artifacts_of(repository)[0])
        now[0] += 59
        assert ask(server, address, token="").status_code == 200
        now[0] += 2
        assert ask(server, address, token="").status_code == 403


def test_an_artifact_expires_by_itself(estate: FakeEstate, repository: FakeRepository) -> None:
    artifact = estate.artifacts_of(repository)[0]
    now = [artifact.expires_at.timestamp() - 1]
    path = f"/repositories/{repository.id}/actions/artifacts/{artifact.id}"
    with LookAlike(estate, clock=lambda: now[0]) as server:
        assert not ask(server, path).json()["expired"]
        now[0] += 2
        assert ask(server, path).json()["expired"]
        assert ask(server, f"{path}/zip").status_code == 410


def test_contents_that_are_built_on_demand_are_measured_once(server: LookAlike, estate: FakeEstate) -> None:
    built = []

    def build() -> bytes:
        built.append(1)
        return zip_of({"junit.xml": b"<testsuites/>"})

    repository = estate.add_repository("octo-org/lazy")
    run = estate.add_run(repository)
    first = estate.add_artifact(run, "one", build, content_key="same")
    estate.add_artifact(run, "two", build, content_key="same")
    assert built == []
    listed = ask(server, "/repos/octo-org/lazy/actions/artifacts").json()["artifacts"]
    assert listed[0]["digest"] == listed[1]["digest"]
    assert ask(server, server.sign(first), token="").content == build()
    assert len(built) == 2, "once by the server, once by this test"


def test_a_single_file_is_served_under_its_own_name(server: LookAlike, estate: FakeEstate) -> None:
    run = estate.add_run(estate.add_repository("octo-org/plain"))
    artifact = estate.add_artifact(run, "Ergebnis für heute.xml", b"<a/>", zipped=False, content_type="text/xml")
    blob = ask(server, server.sign(artifact), token="")
    assert blob.headers["Content-Type"] == "text/xml"
    assert blob.headers["Content-Disposition"].endswith("filename*=UTF-8''Ergebnis%20f%C3%BCr%20heute.xml")


def test_a_fault_spoils_only_its_own_path_and_only_so_often(server: LookAlike, repository: FakeRepository) -> None:
    server.add_fault(r"/actions/runs$", status=502, times=2)
    assert ask(server, "/repos/octo-org/hello").status_code == 200
    path = "/repos/octo-org/hello/actions/runs"
    assert [ask(server, path).status_code for _ in range(3)] == [502, 502, 200]


def test_faults_speak_as_github_does(server: LookAlike) -> None:
    server.add_fault("/user", **rate_limit_spent(1_800_000_000))
    server.add_fault("/user", **secondary_limit(7))
    spent, fast = ask(server, "/user"), ask(server, "/user")
    assert (spent.status_code, spent.headers["x-ratelimit-remaining"]) == (403, "0")
    assert spent.headers["x-ratelimit-reset"] == "1800000000"
    assert (fast.status_code, fast.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize("cut_after", [-1, 0, 5])
def test_a_connection_can_be_cut(server: LookAlike, cut_after: int) -> None:
    server.add_fault("/user", cut_after=cut_after)
    with pytest.raises(requests.RequestException):
        ask(server, "/user")
    assert ask(server, "/user").status_code == 200


def test_an_old_server_has_no_graphql(server: LookAlike, estate: FakeEstate) -> None:
    estate.graphql = False
    answer = requests.post(f"{server.api_url}/graphql", json={"query": "{viewer{login}}"}, timeout=10)
    assert answer.status_code == 404


def test_it_can_stand_below_a_path_like_an_enterprise_server(
    estate: FakeEstate, repository: FakeRepository
) -> None:
    with LookAlike(estate, base_path="/api/v3") as server:
        assert server.api_url.endswith("/api/v3")
        listed = ask(server, "/repos/octo-org/hello/actions/runs?per_page=1").json()
        assert listed["workflow_runs"][0]["url"].startswith(f"{server.api_url}/repos/octo-org/hello/")


def test_it_counts_what_was_asked(server: LookAlike, estate: FakeEstate, repository: FakeRepository) -> None:
    artifact = estate.artifacts_of(repository)[0]
    ask(server, "/repos/octo-org/hello")
    ask(server, server.sign(artifact), token="")
    assert server.requests == {"repository": 1, "blob": 1}
    assert server.downloads == {artifact.id: 1}
    assert [(seen.kind, seen.authorized) for seen in server.log] == [("repository", True), ("blob", False)]
    server.forget()
    assert not server.requests and not server.log


def test_a_job_s_log_is_plain_text_at_a_signed_address(server: LookAlike, estate: FakeEstate) -> None:
    repository = estate.add_repository("octo-org/talks")
    ended = estate.add_run(repository, jobs=[FakeJob("test", log=b"3 passed in 0.1s\n"), FakeJob("old", log=None)])
    running = estate.add_run(repository, status="in_progress")
    root = "/repos/octo-org/talks/actions/jobs"
    redirect = ask(server, f"{root}/{job_id(ended, 0)}/logs")
    log = ask(server, redirect.headers["Location"], token="")
    assert (redirect.status_code, log.text) == (302, "3 passed in 0.1s\n")
    assert log.headers["Content-Type"].startswith("text/plain")
    assert ask(server, redirect.headers["Location"]).status_code == 400, "the blob host sees no credential"
    assert ask(server, f"{root}/{job_id(ended, 1)}/logs").status_code == 410
    assert ask(server, f"{root}/{job_id(running, 0)}/logs").status_code == 404
    assert ask(server, f"{root}/{job_id(ended, 0)}/logs", token="").status_code == 403
    assert server.requests["log_blob"] == 1 and not server.downloads


def test_a_rerun_s_jobs_have_ids_of_their_own(server: LookAlike, estate: FakeEstate) -> None:
    run = estate.add_run(estate.add_repository("octo-org/talks"))
    path = f"/repos/octo-org/talks/actions/runs/{run.id}/jobs"
    before = ask(server, path).json()["jobs"][0]["id"]
    re_run(run, datetime.now(UTC))
    assert ask(server, path).json()["jobs"][0]["id"] != before
