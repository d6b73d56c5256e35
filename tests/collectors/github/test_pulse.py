"""One GraphQL question tells for many repositories at once whether anything ran."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from collectors.github.client import GitHubClient
from collectors.github.errors import GraphQLMissing, RateLimited
from collectors.github.pulse import SUITES
from collectors.lookalike import graphql
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository

SHA, OLDER = "ab" * 20, "cd" * 20


@pytest.fixture
def estate() -> FakeEstate:
    return FakeEstate()


@pytest.fixture
def server(estate: FakeEstate) -> Iterator[LookAlike]:
    with LookAlike(estate) as started:
        yield started


@pytest.fixture
def client(server: LookAlike) -> Iterator[GitHubClient]:
    with GitHubClient(server.api_url, "token", waits=()) as made:
        yield made


@pytest.fixture
def repository(estate: FakeEstate) -> FakeRepository:
    made = estate.add_repository("octo-org/hello", language="Python")
    estate.add_run(made, head_sha=SHA, event="schedule")
    return made


def mark_of(client: GitHubClient, repository: FakeRepository) -> str:
    return client.pulses([repository.node_id])[repository.node_id].mark


def test_a_pulse_names_the_repository_and_what_ran_on_its_newest_commits(
    client: GitHubClient, repository: FakeRepository
) -> None:
    pulse = client.pulses([repository.node_id])[repository.node_id]
    assert (pulse.id, pulse.full_name, pulse.default_branch) == (repository.id, "octo-org/hello", "main")
    assert pulse.commits == (SHA,)
    (run,) = pulse.runs
    assert (run.sha, run.event, run.status, run.conclusion) == (SHA, "schedule", "completed", "success")
    assert run.workflow_path == ".github/workflows/ci.yml"
    assert run.branch == "main"


def test_the_mark_stays_while_nothing_happens(client: GitHubClient, repository: FakeRepository) -> None:
    assert mark_of(client, repository) == mark_of(client, repository)


def test_the_mark_changes_with_a_new_run_a_rerun_of_an_older_commit_and_a_moved_head(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository
) -> None:
    marks = [mark_of(client, repository)]
    newer = estate.add_run(repository, head_sha=OLDER, committed_at=estate.now)
    marks.append(mark_of(client, repository))
    older = next(run for run in estate.runs_of(repository) if run.head_sha == SHA)
    older.updated_at += timedelta(hours=5)
    marks.append(mark_of(client, repository))
    newer.status = "in_progress"
    marks.append(mark_of(client, repository))
    repository.head_sha = "ef" * 20
    marks.append(mark_of(client, repository))
    assert len(set(marks)) == len(marks)


def test_many_repositories_cost_one_request_and_no_rest(
    client: GitHubClient, estate: FakeEstate, server: LookAlike
) -> None:
    made = [estate.add_repository(f"octo-org/r{number}") for number in range(40)]
    assert len(client.pulses([each.node_id for each in made])) == 40
    assert server.requests == {"graphql": 1}
    assert (client.counts.graphql, client.counts.rest) == (1, 0)
    assert client.points.limit == 5_000


def test_a_question_that_github_is_too_slow_for_is_halved(
    client: GitHubClient, estate: FakeEstate, server: LookAlike
) -> None:
    made = [estate.add_repository(f"octo-org/r{number}") for number in range(8)]
    server.add_fault("/graphql$", status=502, times=2)
    assert len(client.pulses([each.node_id for each in made])) == 8
    # 8 fails, 4 fails, then 2 + 2 and the other 4
    assert client.counts.graphql == 5


def test_a_deleted_repository_is_missing_and_the_others_are_there(
    client: GitHubClient, repository: FakeRepository
) -> None:
    assert list(client.pulses(["R_gone", repository.node_id])) == [repository.node_id]


def test_a_server_without_graphql_says_so(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository
) -> None:
    estate.graphql = False
    with pytest.raises(GraphQLMissing):
        client.pulses([repository.node_id])


@pytest.mark.parametrize(
    "body",
    [
        b'{"errors": [{"message": "Field \'file\' doesn\'t exist on type \'WorkflowRun\'"}]}',
        b'{"data": {"nodes": [{"databaseId": 1, "nameWithOwner": "o/n", "defaultBranchRef": {"target": {}}}]}}',
    ],
    ids=["an old server", "a proxy that leaves things out"],
)
def test_an_answer_without_what_was_asked_for_counts_as_no_graphql(
    client: GitHubClient, server: LookAlike, repository: FakeRepository, body: bytes
) -> None:
    server.add_fault("/graphql$", status=200, body=body)
    with pytest.raises(GraphQLMissing):
        client.pulses([repository.node_id])


def test_a_spent_limit_in_the_body_of_a_200_is_a_limit(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    server.add_fault("/graphql$", status=200, body=b'{"errors": [{"type": "RATE_LIMITED", "message": "spent"}]}')
    with pytest.raises(RateLimited):
        client.pulses([repository.node_id])
    assert client.counts.backed_off == 1


def test_spent_points_are_waited_for_until_their_reset(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    reset = int(datetime.now(UTC).timestamp()) + 1800
    spent = b'{"errors": [{"type": "RATE_LIMITED", "message": "spent"}]}'
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset), "x-ratelimit-limit": "5000"}
    server.add_fault("/graphql$", status=200, body=spent, headers=headers)
    with pytest.raises(RateLimited) as caught:
        client.pulses([repository.node_id])
    assert caught.value.reset_at.timestamp() == reset + 1


def test_the_last_two_percent_of_the_points_are_left_to_others(
    client: GitHubClient, repository: FakeRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphql, "POINTS_LEFT", 100)
    assert client.pulses([repository.node_id])
    with pytest.raises(RateLimited, match="was not asked for"):
        client.pulses([repository.node_id])
    assert client.repository("octo-org/hello").id == repository.id, "requests are counted apart"


def test_a_repository_without_commits_has_an_empty_pulse(client: GitHubClient, estate: FakeEstate) -> None:
    empty = estate.add_repository("octo-org/empty")
    pulse = client.pulses([empty.node_id])[empty.node_id]
    assert (pulse.commits, pulse.runs, pulse.whole) == ((), (), True)


def test_a_commit_with_more_suites_than_are_listed_is_not_whole(
    client: GitHubClient, estate: FakeEstate, repository: FakeRepository
) -> None:
    for _ in range(SUITES):
        estate.add_run(repository, head_sha=SHA)
    assert not client.pulses([repository.node_id])[repository.node_id].whole
