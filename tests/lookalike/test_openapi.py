"""Every answer of the look-alike is one that GitHub's published description allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeJob, FakeRepository, job_id, re_run, zip_of

from .asking import ask, body_of
from .openapi import complaints, operation_of, operations


@pytest.fixture
def paths(estate: FakeEstate, repository: FakeRepository) -> list[str]:
    """A path of every operation, by name and by id, over an estate with all that is unusual."""
    estate.add_organization("a-person", type="User", id=77)
    estate.add_repository("a-person/diary", private=True, archived=True, description="Mine")
    running = estate.add_run(repository, status="in_progress", event="schedule", jobs=[FakeJob("a"), FakeJob("b")])
    re_run(running, datetime.now(UTC))
    fork = estate.add_run(repository, event="pull_request", head_repository_id=9, conclusion="failure")
    estate.add_artifact(fork, "report.html", b"<html/>", zipped=False, shows_digest=False)
    artifact = estate.add_artifact(running, "coverage (3.11)", zip_of({"coverage.xml": b"<coverage/>"}))
    ended = estate.add_run(repository)
    left = estate.add_run(repository, head_sha="1e" * 20)
    repository.left.add(left.head_sha)
    below = [
        "",
        "/actions/runs?per_page=2",
        f"/actions/runs/{running.id}",
        f"/actions/runs/{running.id}/jobs",
        f"/actions/jobs/{job_id(ended, 0)}/logs",
        f"/actions/runs/{running.id}/artifacts",
        "/actions/artifacts",
        f"/actions/artifacts/{artifact.id}",
        f"/actions/artifacts/{artifact.id}/zip",
        f"/commits/{running.head_sha}",
        "/commits/main",
        f"/compare/main...{running.head_sha}",
        f"/compare/main...{left.head_sha}",
        f"/git/trees/{running.head_sha}?recursive=1",
        "/contents/.github",
        "/contents/README.md",
    ]
    of_repository = [
        f"{root}{rest}" for root in ("/repos/octo-org/hello", f"/repositories/{repository.id}") for rest in below
    ]
    return [
        "/rate_limit",
        "/user",
        "/orgs/octo-org",
        "/orgs/octo-org/repos",
        "/users/a-person/repos",
        *of_repository,
    ]


def test_every_described_operation_is_asked(paths: list[str]) -> None:
    assert {operation_of(path.partition("?")[0]) for path in paths} == set(operations())


def test_good_answers_are_as_described(server: LookAlike, paths: list[str]) -> None:
    found = {}
    for path in paths:
        response = ask(server, path)
        assert response.status_code in (200, 302), path
        found[path] = complaints(path.partition("?")[0], response.status_code, body_of(response))
    assert {path: said for path, said in found.items() if said} == {}


def test_refusals_are_as_described(server: LookAlike, estate: FakeEstate, repository: FakeRepository) -> None:
    run = estate.runs_of(repository)[0]
    expired = estate.add_artifact(run, "old", b"", expires_at=datetime.now(UTC) - timedelta(days=1))
    estate.add_repository("octo-org/empty")
    estate.rename_repository(repository, "octo-org/renamed")
    for path, status in {
        "/repos/octo-org/hello": 301,
        "/repos/octo-org/nothing": 404,
        "/orgs/nobody": 404,
        f"/repositories/{repository.id}/actions/artifacts/{expired.id}/zip": 410,
        f"/repositories/{repository.id}/commits/{'0' * 40}": 422,
        "/repos/octo-org/empty/git/trees/main": 409,
        "/repos/octo-org/renamed/contents/nothing": 404,
    }.items():
        response = ask(server, path)
        assert response.status_code == status, path
        assert complaints(path, status, body_of(response)) == [], path
    anonymous = ask(server, "/user", token="")
    assert complaints("/user", anonymous.status_code, body_of(anonymous)) == []


def test_a_wrong_answer_is_found(server: LookAlike, repository: FakeRepository) -> None:
    """The check itself: a missing field, a wrong type, a field too many and a time that is none."""
    path = "/repos/octo-org/hello/actions/artifacts"
    body = body_of(ask(server, path))
    assert complaints(path, 200, body) == []
    artifact = body["artifacts"][0]
    for spoiled in (
        {key: value for key, value in artifact.items() if key != "expired"},
        {**artifact, "size_in_bytes": "12"},
        {**artifact, "attempt": 1},
        {**artifact, "created_at": "yesterday"},
    ):
        assert complaints(path, 200, {"total_count": 1, "artifacts": [spoiled]})
