"""What goes wrong becomes one sentence, is repeated where that helps, and is counted."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.github.client import GitHubClient
from collectors.github.errors import (
    ConnectionTrouble,
    Forbidden,
    GitHubError,
    Misconfigured,
    NotFound,
    RateLimited,
    ServerTrouble,
    Unauthorized,
    UnexpectedAnswer,
)
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.faults import message, rate_limit_spent, secondary_limit
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository


def failure(client: GitHubClient, repository: FakeRepository) -> GitHubError:
    with pytest.raises(GitHubError) as caught:
        list(client.runs(repository.id))
    said = caught.value.sentence
    assert said == str(caught.value) and "t0ken" not in said and said.endswith(".") and "\n" not in said
    return caught.value


def test_a_wrong_token_is_told_from_a_missing_right_and_a_missing_thing(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    forbidden = message("Resource not accessible by personal access token")
    server.add_fault("/actions/runs", status=403, body=forbidden)
    error = failure(client, repository)
    assert isinstance(error, Forbidden) and not error.transient
    assert "Resource not accessible" in error.sentence and "Actions: read" in error.sentence
    estate.tokens = {"good"}
    error = failure(client, repository)
    assert isinstance(error, Unauthorized) and not error.transient
    assert "Bad credentials" in error.sentence and "enter a valid one" in error.sentence
    estate.tokens = None
    estate.remove_repository(repository)
    error = failure(client, repository)
    assert isinstance(error, NotFound) and "deleted or renamed" in error.sentence
    assert client.counts.rest == 3 and client.counts.retried == 0, "none of these is asked twice"


def test_a_sentence_names_the_repository_once_its_name_is_known(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    server.add_fault("/actions/runs", status=404, times=None)
    assert f"the runs of repository {repository.id}" in failure(client, repository).sentence
    client.repository("octo-org/hello")
    assert "the runs of octo-org/hello" in failure(client, repository).sentence


def test_single_sign_on_is_named(client: GitHubClient, server: LookAlike, repository: FakeRepository) -> None:
    server.add_fault(
        "/actions", status=403, headers={"x-github-sso": "required"}, body=message("Resource protected")
    )
    assert "single sign-on" in failure(client, repository).sentence


def test_a_passing_trouble_of_the_server_is_asked_again(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    server.add_fault("/actions/runs", status=500, times=1)
    server.add_fault("/actions/runs", status=502, times=2)
    assert len(list(client.runs(repository.id))) == 1
    assert (client.counts.rest, client.counts.retried) == (4, 3)


def test_a_lasting_trouble_of_the_server_is_said(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    server.add_fault("/actions/runs", status=503, times=None)
    error = failure(client, repository)
    assert isinstance(error, ServerTrouble) and error.transient and error.status == 503
    assert (client.counts.rest, client.counts.retried) == (4, 3)


@pytest.mark.parametrize("cut_after", [-1, 0, 40])
def test_a_connection_that_breaks_is_made_again(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, repository: FakeRepository, cut_after: int
) -> None:
    estate.add_run(repository)
    server.add_fault("/actions/runs", cut_after=cut_after, times=2)
    assert len(list(client.runs(repository.id))) == 1
    assert client.counts.retried == 2
    server.add_fault("/actions/runs", cut_after=cut_after, times=None)
    error = failure(client, repository)
    assert isinstance(error, ConnectionTrouble) and error.transient


def test_nobody_there_is_a_sentence(repository: FakeRepository, server: LookAlike) -> None:
    server.stop()
    with GitHubClient(server.api_url, "t0ken", waits=()) as client:
        assert isinstance(failure(client, repository), ConnectionTrouble)


def test_a_spent_hour_is_not_waited_for(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    reset = int(time.time()) + 1800
    server.add_fault("/actions/runs", **rate_limit_spent(reset), times=None)
    started = time.monotonic()
    error = failure(client, repository)
    assert time.monotonic() - started < 5
    assert isinstance(error, RateLimited) and error.transient
    assert error.reset_at == datetime.fromtimestamp(reset + 1, UTC)
    assert f"{error.reset_at:%H:%M:%S} UTC" in error.sentence
    assert client.counts.retried == 0 and client.rate.remaining == 0


def test_the_look_alikes_own_limit_is_reached_and_told(estate: FakeEstate, repository: FakeRepository) -> None:
    with LookAlike(estate, rate_limit=2) as server, GitHubClient(server.api_url, "t0ken", waits=(0,)) as client:
        client.repository("octo-org/hello")
        client.repository("octo-org/hello")
        assert isinstance(failure(client, repository), RateLimited)


def test_a_limit_that_ends_soon_is_waited_for(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    server.add_fault("/actions/runs", **secondary_limit(retry_after=1))
    started = time.monotonic()
    assert len(list(client.runs(repository.id))) == 1
    assert 1 <= time.monotonic() - started < 5
    assert client.counts.retried == 1


def test_a_429_without_a_time_is_asked_again_and_then_left_for_a_minute(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    server.add_fault("/actions/runs", **secondary_limit(), times=2)
    assert len(list(client.runs(repository.id))) == 1
    assert (client.counts.rest, client.counts.retried) == (3, 2)
    server.add_fault("/actions/runs", **secondary_limit(), times=None)
    error = failure(client, repository)
    assert isinstance(error, RateLimited)
    assert timedelta(seconds=50) < error.reset_at - datetime.now(UTC) <= timedelta(seconds=60)


def test_a_limit_of_an_hour_is_not_slept_away(
    client: GitHubClient, server: LookAlike, repository: FakeRepository
) -> None:
    server.add_fault("/actions/runs", **secondary_limit(retry_after=3600), times=None)
    error = failure(client, repository)
    assert isinstance(error, RateLimited) and client.counts.retried == 0
    assert error.reset_at - datetime.now(UTC) > timedelta(minutes=59)


@pytest.mark.parametrize(
    "how",
    [
        {"status": 200, "body": b"<html>Sign in to the network</html>"},
        {"status": 200, "body": b"[1, 2]"},
        {"status": 200, "body": b'{"workflow_runs": null}'},
        {"status": 200, "body": b'{"workflow_runs": [{"name": "no id"}]}'},
        {"status": 302, "headers": {"location": "https://login.example/"}},
        {"status": 301, "headers": {"location": "https://elsewhere.example/"}},
        {"status": 418},
        {"status": 422, "body": message("pagination is limited for this resource")},
    ],
)
def test_an_answer_that_github_does_not_give_is_a_sentence(
    client: GitHubClient, server: LookAlike, repository: FakeRepository, how: dict[str, Any]
) -> None:
    server.add_fault("/actions/runs", **how)
    assert isinstance(failure(client, repository), UnexpectedAnswer)


@pytest.mark.parametrize(
    "url", ["http://github.example.com/api/v3", "ftp://127.0.0.1", "api.github.com", "http://127.example.com"]
)
def test_an_address_that_would_leak_the_token_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"use https"):
        GitHubClient(url, "t0ken")


def test_a_token_that_no_header_can_hold_is_refused() -> None:
    for token in ("tök", "two words", "line\nbreak"):
        with pytest.raises(Misconfigured) as caught:
            GitHubClient("https://api.github.com", token)
        assert token not in caught.value.sentence


def test_white_space_around_a_token_is_no_part_of_it(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    estate.tokens = {"t0ken"}
    with GitHubClient(server.api_url, " t0ken\n") as client:
        assert client.repository("octo-org/hello").id == repository.id


def test_a_repository_without_a_slash_is_a_sentence(client: GitHubClient) -> None:
    for name in ("hello", "a/b/c", "/b", "a/", "../b"):
        with pytest.raises(Misconfigured, match="owner/name"):
            client.repository(name)
