"""The check of a credential says in sentences what it is and may do, and how to mend what it may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.credential_check import check, expiry_of
from collectors.github.client import GitHubClient
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.faults import message, rate_limit_spent
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import zip_of

CLASSIC = "ghp_" + "a" * 36


@pytest.fixture
def github() -> Iterator[LookAlike]:
    estate = FakeEstate(tokens={CLASSIC, "github_pat_x", "ghs_x"})
    api = estate.add_repository("octo-org/api")
    estate.add_artifact(estate.add_run(api), "junit", zip_of({"junit.xml": b"<testsuites/>"}))
    estate.add_repository("octo-org/secret", private=True)
    with LookAlike(estate) as server:
        yield server


def checked(github: LookAlike, token: str = CLASSIC, login: str = "octo-org") -> dict[str, tuple[str, str, str]]:
    """What was found, by what it is about: state, sentence, cure."""
    with GitHubClient(github.api_url, token, waits=()) as client:
        found = list(check(client, login, token, True, lambda _: None))
    return {each.about: (each.state, each.sentence, each.cure) for each in found}


def test_a_good_token_is_tried_at_everything_that_a_collection_does(github: LookAlike) -> None:
    ends = datetime.now(UTC) + timedelta(days=200)
    expiry = f"{ends:%Y-%m-%d %H:%M:%S} UTC"
    headers = {"x-oauth-scopes": "repo, read:org", "github-authentication-token-expiration": expiry}
    github.add_fault("/user$", headers=headers)
    found = checked(github)
    assert found["token"] == ("good", "A classic personal access token of octocat, this organization's own.", "")
    assert found["rights"][:2] == ("good", "Its scopes: repo, read:org.")
    assert found["expiry"][:2] == ("good", f"It ends on {ends:%d %b %Y}.")
    assert found["organization"][1] == "It may list octo-org: 2 repositories, 1 of them private."
    assert found["actions"][1] == "It may read Actions: octo-org/api has 1 artifact."
    assert found["download"][1].startswith("It may download: junit of octo-org/api came, ")
    assert "of 15,000 requests are left this hour" in found["limit"][1]
    assert all(state == "good" for state, _, _ in found.values())


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("github_pat_x", "A fine-grained personal access token"),
        ("ghs_x", "The token of a GitHub App's installation"),
    ],
)
def test_the_kind_of_a_token_is_told_by_its_beginning(github: LookAlike, token: str, said: str) -> None:
    assert checked(github, token)["token"][1].startswith(said)


def test_a_token_that_ends_soon_stands_in_the_way(github: LookAlike) -> None:
    ends = datetime.now(UTC) + timedelta(days=3)
    github.add_fault("/user$", headers={"github-authentication-token-expiration": f"{ends:%Y-%m-%d %H:%M:%S} UTC"})
    state, _, cure = checked(github)["expiry"]
    assert (state, cure.startswith("Replace it before that.")) == ("bad", True)


SSO = "https://github.com/orgs/octo-org/sso?authorization_request=A"


@pytest.mark.parametrize(
    ("path", "fault", "about", "said", "cure"),
    [
        ("/user$", {"status": 401, "body": message("Bad credentials")}, "token", "refused the token", "mistyped"),
        (
            "/repos$",
            {"status": 403, "headers": {"x-github-sso": f"required; url={SSO}"}, "body": message("SAML")},
            "organization",
            "single sign-on",
            SSO,
        ),
        (
            "artifacts$",
            {"status": 403, "body": message("Resource not accessible")},
            "actions",
            "forbids",
            "Actions",
        ),
        ("/zip$", {"status": 403, "body": message("No")}, "download", "forbids", "“Actions: read”"),
        ("/user$", rate_limit_spent(4_000_000_000), "limit", "rate limit is spent", "Check again after that"),
        ("/user$", {"status": 200, "body": b"<html>"}, "connection", "not GitHub's JSON", "GITHUB_API_URL is http"),
        ("/user$", {"cut_after": -1}, "connection", "connection to GitHub failed", "correct it"),
    ],
)
def test_each_failure_is_a_sentence_with_its_cure(
    github: LookAlike, path: str, fault: dict[str, Any], about: str, said: str, cure: str
) -> None:
    github.add_fault(path, times=None, **fault)
    state, sentence, mended = checked(github)[about]
    assert state == "bad"
    assert said in sentence
    assert cure in mended


def test_an_unknown_login_is_said_to_be_unknown_and_nothing_else_is_tried(github: LookAlike) -> None:
    found = checked(github, login="nobody")
    assert found["organization"][1].startswith("GitHub knows neither an organization nor a user nobody at http://")
    assert "actions" not in found


def test_without_an_artifact_the_download_is_unknown_and_not_refused(github: LookAlike) -> None:
    github.estate.add_repository("empty/api")
    state, sentence, _ = checked(github, login="empty")["download"]
    assert (state, "empty/api hold no artifact" in sentence) == ("unknown", True)


def test_no_finding_repeats_the_token(github: LookAlike) -> None:
    github.estate.tokens = set()
    assert not any(CLASSIC in f"{sentence}{cure}" for _, sentence, cure in checked(github).values())


def test_an_expiry_is_read_in_both_of_githubs_spellings() -> None:
    assert expiry_of("2026-12-24 18:00:00 UTC") == datetime(2026, 12, 24, 18, tzinfo=UTC)
    assert expiry_of("2026-12-24 18:00:00 +0100") == datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert expiry_of("") is None
