"""The client lists, follows and remembers: what it gets from the look-alike is what the estate holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.github.client import GitHubClient
from collectors.github.errors import NotFound, UnexpectedAnswer
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.faults import secondary_limit
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeArtifact, FakeRepository, re_run
from tests.lookalike.asking import ask


def test_a_repository_is_found_by_name_in_any_case(client: GitHubClient, repository: FakeRepository) -> None:
    facts = client.repository("OCTO-org/Hello")
    assert (facts.id, facts.full_name, facts.node_id) == (repository.id, "octo-org/hello", repository.node_id)
    assert facts.pushed_at == repository.pushed_at


def test_an_old_name_finds_the_renamed_repository_and_costs_two_requests(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    estate.rename_repository(repository, "octo-org/greeting")
    assert client.repository("octo-org/hello").full_name == "octo-org/greeting"
    assert client.counts.rest == server.requests["moved"] + server.requests["repository"] == 2


def test_a_renamed_repository_keeps_its_query_because_it_is_asked_by_id(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    for _ in range(40):
        estate.add_run(repository)
    estate.rename_repository(repository, "other-org/greeting")
    assert [len(page.items) for page in client.runs(repository.id)] == [40]
    assert "per_page=100" in server.log[-1].target


def test_a_repository_by_id_is_none_when_nothing_changed(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository
) -> None:
    facts, etag = client.repository_by_id(repository.id)
    assert facts is not None and facts.id == repository.id
    assert client.repository_by_id(repository.id, etag) == (None, etag)
    repository.archived = True
    facts, changed = client.repository_by_id(repository.id, etag)
    assert facts is not None and facts.archived and changed != etag


def test_all_repositories_of_an_organization_come_over_several_pages(
    client: GitHubClient, estate: FakeEstate
) -> None:
    for number in range(130):
        estate.add_repository(f"octo-org/part-{number}", archived=number == 7)
    found = list(client.organization_repositories("octo-org"))
    assert len({facts.id for facts in found}) == 130
    assert [facts.name for facts in found if facts.archived] == ["part-7"]


def test_a_user_is_asked_where_there_is_no_such_organization(client: GitHubClient, estate: FakeEstate) -> None:
    estate.add_organization("octocat", type="User", id=5)
    estate.add_repository("octocat/diary")
    assert [facts.full_name for facts in client.organization_repositories("octocat")] == ["octocat/diary"]
    with pytest.raises(NotFound):
        list(client.organization_repositories("nobody"))


def test_more_than_a_hundred_runs_come_whole(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    added = {estate.add_run(repository).id for _ in range(250)}
    pages = list(client.runs(repository.id))
    assert [len(page.items) for page in pages] == [100, 100, 50]
    assert {run.id for page in pages for run in page.items} == added
    assert pages[0].total == 250
    assert client.counts.rest == server.requests["runs"] == 3


def test_pages_are_asked_for_only_as_far_as_they_are_read(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    for _ in range(250):
        estate.add_run(repository)
    next(client.runs(repository.id))
    assert server.requests["runs"] == 1
    assert "exclude_pull_requests=true" in server.log[-1].target, "they would change the ETag all day"


def test_a_run_that_slides_onto_the_next_page_comes_once(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository
) -> None:
    for _ in range(150):
        estate.add_run(repository)
    pages = client.runs(repository.id)
    first = next(pages)
    estate.add_run(repository)
    rest = [run.id for page in pages for run in page.items]
    assert len(rest) == 50 and not {run.id for run in first.items} & set(rest)


def test_an_unchanged_list_is_a_304_that_costs_nothing(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    estate.add_run(repository)
    first = next(client.runs(repository.id))
    before, remaining = client.counts.rest, client.rate.remaining
    (again,) = client.runs(repository.id, etag=first.etag)
    assert again.not_modified and again.items == () and again.etag == first.etag
    assert (client.counts.rest, client.counts.not_modified) == (before, 1)
    assert client.rate.remaining == remaining
    estate.add_run(repository)
    assert not next(client.runs(repository.id, etag=first.etag)).not_modified


def test_an_etag_of_another_token_is_answered_with_the_list(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    estate.add_run(repository)
    etag = next(client.runs(repository.id)).etag
    with GitHubClient(server.api_url, "another") as other:
        assert len(next(other.runs(repository.id, etag=etag)).items) == 1


def test_filters_are_handed_on(client: GitHubClient, estate: FakeEstate, repository: FakeRepository) -> None:
    day = datetime(2026, 3, 1, 12, tzinfo=UTC)
    estate.add_run(repository, created_at=day)
    wanted = estate.add_run(repository, created_at=day + timedelta(days=1), event="schedule")
    since = day + timedelta(hours=1)
    (page,) = client.runs(repository.id, created_since=since, event="schedule", branch="main", status="success")
    assert [run.id for run in page.items] == [wanted.id]
    assert [page.items for page in client.runs(repository.id, head_sha="0" * 40)] == [()]


def test_a_run_is_read_with_its_attempt_its_times_and_its_fork(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository
) -> None:
    run = estate.add_run(repository, head_repository_id=77, event="pull_request", conclusion="failure")
    again = run.created_at + timedelta(hours=5)
    re_run(run, again)
    facts = client.run(repository.id, run.id)
    assert (facts.run_attempt, facts.conclusion, facts.workflow_path) == (2, "failure", ".github/workflows/ci.yml")
    assert (facts.repository_id, facts.head_repository_id) == (repository.id, 77)
    assert (facts.created_at, facts.run_started_at, facts.committed_at) == (run.created_at, again, run.committed_at)


def test_a_run_of_a_deleted_fork_has_no_head_repository(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository
) -> None:
    run = estate.add_run(repository, head_repository_id=None)
    assert client.run(repository.id, run.id).head_repository_id is None


def test_artifacts_are_listed_per_repository_per_name_and_per_run(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository, artifact: FakeArtifact
) -> None:
    other = estate.add_artifact(estate.add_run(repository), "coverage", b"", shows_digest=False)
    (page,) = client.artifacts(repository.id)
    assert [facts.id for facts in page.items] == [other.id, artifact.id]
    assert [facts.digest for facts in page.items] == ["", estate.measure(artifact)[1]]
    (named,) = client.artifacts(repository.id, name="coverage")
    assert [facts.id for facts in named.items] == [other.id]
    listed, etag = client.run_artifacts(repository.id, artifact.run_id)
    assert listed is not None
    (facts,) = listed
    assert client.run_artifacts(repository.id, artifact.run_id, etag) == (None, etag)
    assert (facts.id, facts.run_id, facts.head_repository_id) == (artifact.id, artifact.run_id, repository.id)
    assert facts.expires_at == artifact.expires_at


def test_a_run_with_more_than_a_hundred_artifacts_is_read_whole(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository
) -> None:
    run = estate.add_run(repository)
    for number in range(140):
        estate.add_artifact(run, f"shard-{number}", b"")
    listed, etag = client.run_artifacts(repository.id, run.id)
    assert listed is not None and len(listed) == 140
    assert etag == "", "the second page may change while the first stays"


def test_a_list_that_never_ends_is_noticed(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    estate.add_run(repository)
    itself = f'<{server.api_url}/repositories/{repository.id}/actions/runs>; rel="next"'
    server.add_fault("/actions/runs$", headers={"link": itself}, times=None)
    with pytest.raises(UnexpectedAnswer, match="no end"):
        list(client.runs(repository.id))


def test_what_is_left_of_the_hour_is_kept(client: GitHubClient, repository: FakeRepository) -> None:
    client.repository("octo-org/hello")
    client.repository("octo-org/hello")
    assert client.rate.limit == 15000 and client.rate.remaining == 14998
    assert client.rate.reset_at is not None and client.rate.reset_at > datetime.now(UTC)


def test_an_enterprise_servers_path_is_kept(estate: FakeEstate, artifact: FakeArtifact) -> None:
    repository = estate.repositories[artifact.repository_id]
    for _ in range(120):
        estate.add_run(repository)
    with (
        LookAlike(estate, base_path="/api/v3") as server,
        GitHubClient(f"{server.api_url}/", "t0ken") as client,
    ):
        assert client.repository("octo-org/hello").id == repository.id
        assert sum(len(page.items) for page in client.runs(repository.id)) == 121


def test_loopback_is_asked_directly_though_a_proxy_is_set(
    server: LookAlike, repository: FakeRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.org")
    monkeypatch.delenv("no_proxy", raising=False)
    with GitHubClient(server.api_url, "t0ken", waits=()) as client:
        assert client.repository("octo-org/hello").id == repository.id


def test_what_is_spent_is_counted_and_weighed(
    client: GitHubClient, server: LookAlike, repository: FakeRepository, artifact: FakeArtifact, tmp_path: Path
) -> None:
    client.repository("octo-org/hello")
    described = client.counts.bytes
    assert described == len(ask(server, "/repos/octo-org/hello").content)
    with (tmp_path / "artifact").open("wb") as file:
        client.download(repository.id, artifact.id, to=file, max_bytes=10_000_000)
    assert (client.counts.download_bytes, client.counts.bytes) == (
        len(server.estate.content_of(artifact)),
        described,
    )
    server.add_fault("/actions/runs", **secondary_limit())
    list(client.runs(repository.id))
    assert (client.counts.backed_off, client.counts.retried) == (1, 1)


def test_what_is_left_of_points_is_told_apart_from_requests(
    client: GitHubClient, repository: FakeRepository
) -> None:
    assert client.left() == {}, "nothing was asked: nothing is known"
    client.pulses([repository.node_id])
    client.repository("octo-org/hello")
    left = client.left()
    assert (left["limit"], left["points_limit"]) == (15_000, 5_000)
    assert left["points_remaining"] == 4_999 and left["points_reset"] and left["reset"]
