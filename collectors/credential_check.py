"""What a credential is and what it may do, tried out: each finding is a sentence, with the cure beside it.

GitHub tells the kind of a token by its beginning, a classic token's scopes and a token's end in headers; what a
fine-grained token may do it tells nobody beforehand, so the three things that a collection does are done once.
Sources: docs.github.com "About authentication to GitHub" (token formats), "Scopes for OAuth apps" (X-OAuth-Scopes),
"Managing your personal access tokens" (expiration), "Using SAML SSO" (X-GitHub-SSO).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from collectors.github import sansio
from collectors.github.client import GitHubClient
from collectors.github.errors import (
    ConnectionTrouble,
    Forbidden,
    GitHubError,
    NotFound,
    RateLimited,
    Unauthorized,
    UnexpectedAnswer,
)
from collectors.github.facts import ArtifactFacts, RepositoryFacts

Say = Callable[[str], None]

GOOD, BAD, UNKNOWN, NOTE = "good", "bad", "unknown", "note"
KINDS = (
    (r"github_pat_", "A fine-grained personal access token"),
    (r"ghp_|[0-9a-f]{40}$", "A classic personal access token"),
    (r"ghs_", "The token of a GitHub App's installation, which ends within the hour"),
    (r"ghu_", "A token that a GitHub App uses for a person"),
    (r"gho_", "A token that an OAuth app uses for a person"),
)
WITHOUT_ONE = "Enter a token here, or start Clerestory with GITHUB_TOKEN."
MAKE_ONE = "Make a new one on GitHub under Settings, Developer settings, Personal access tokens."
MORE_RIGHTS = (
    "Fine-grained: give it “Actions: read” and “Metadata: read” for this organization, and have an owner approve "
    "it. Classic: give it the scope repo."
)
REPOSITORIES_TRIED = 5
LARGEST_TRIAL = 5 * 1024 * 1024
SOON = timedelta(days=14)
EXPIRY_FORMATS = ("%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%d %H:%M:%S %z")


@dataclass(frozen=True, slots=True)
class Finding:
    """``about`` what; ``state`` is GOOD, BAD, UNKNOWN (not tried) or NOTE; ``cure`` '' where none is needed."""

    about: str
    state: str
    sentence: str
    cure: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def check(client: GitHubClient, login: str, token: str, own: bool, say: Say) -> Iterator[Finding]:
    """All findings, in the order in which one would mend them; ends early where going on makes no sense.

    ``own``: the organization's token, not the installation's. Raises no GitHubError.
    """
    try:
        say("Asking GitHub whose token it is.")
        yield from _about_token(client, token, own)
        say(f"Asking for the repositories of {login}.")
        repositories, listed = _list_repositories(client, login)
        yield from listed
        if repositories:
            yield from _about_artifacts(client, repositories, say)
    except RateLimited as error:
        yield Finding("limit", BAD, error.sentence, "Check again after that, or use a token of another account.")
        return
    except (ConnectionTrouble, UnexpectedAnswer) as error:
        cure = f"GITHUB_API_URL is {client.address}: correct it if your GitHub is elsewhere, and look at the proxy."
        yield Finding("connection", BAD, error.sentence, cure)
        return
    except Unauthorized as error:
        yield Finding("token", BAD, error.sentence, f"It was mistyped, revoked, or has expired. {MAKE_ONE}")
        return
    except GitHubError as error:
        yield Finding("connection", BAD, error.sentence, "Check again in a while.")
        return
    yield _limit(client)


def _about_token(client: GitHubClient, token: str, own: bool) -> Iterator[Finding]:
    if not token:
        sentence = "There is no token: neither this organization nor the installation has one."
        yield Finding("token", BAD, f"{sentence} GitHub gives artifacts to nobody without one.", WITHOUT_ONE)
        return
    whose = "this organization's own" if own else "the installation's"
    kind = next((name for start, name in KINDS if re.match(start, token)), "A token")
    try:
        _, headers, body = client.ask("/user", {}, {}, "the token's owner")
    except (Forbidden, NotFound):
        # An installation's token belongs to no person.
        yield Finding("token", GOOD, f"{kind}, {whose}.")
        return
    told = sansio.decode(body, 200)
    name = told.get("login") if isinstance(told, dict) else None
    yield Finding("token", GOOD, f"{kind} of {name}, {whose}." if name else f"{kind}, {whose}.")
    yield from _rights(headers)
    yield from _expiry(headers)


def _rights(headers: sansio.Headers) -> Iterator[Finding]:
    if "x-oauth-scopes" not in headers:
        sentence = (
            "GitHub does not tell beforehand what such a token may do; what a collection needs is tried below."
        )
        yield Finding("rights", NOTE, sentence)
        return
    scopes = [scope.strip() for scope in headers["x-oauth-scopes"].split(",") if scope.strip()]
    said = f"Its scopes: {', '.join(scopes)}." if scopes else "It has no scope."
    if "repo" in scopes:
        yield Finding("rights", GOOD, said)
    else:
        yield Finding("rights", NOTE, f"{said} Public repositories only.", "Private ones need the scope repo.")


def _expiry(headers: sansio.Headers) -> Iterator[Finding]:
    written = headers.get("github-authentication-token-expiration", "")
    ends = expiry_of(written)
    if ends is None:
        yield Finding("expiry", NOTE, "GitHub names no day on which it ends.")
    elif ends - datetime.now(UTC) < SOON:
        yield Finding(
            "expiry", BAD, f"It ends on {ends:%d %b %Y, %H:%M} UTC.", f"Replace it before that. {MAKE_ONE}"
        )
    else:
        yield Finding("expiry", GOOD, f"It ends on {ends:%d %b %Y}.")


def expiry_of(written: str) -> datetime | None:
    """“2026-12-24 18:00:00 UTC” or “2026-12-24 18:00:00 +0100” as a moment; None for anything else."""
    for form in EXPIRY_FORMATS:
        try:
            parsed = datetime.strptime(written.strip(), form)
        except ValueError:
            continue
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return None


def _list_repositories(client: GitHubClient, login: str) -> tuple[list[RepositoryFacts], list[Finding]]:
    """The first page of repositories, the last pushed first, and what to say of it."""
    query = sansio.query(per_page=sansio.PAGE_SIZE, sort="pushed")
    user = False
    try:
        try:
            answer = client.ask(
                sansio.organization_repositories_path(login), query, {}, f"the repositories of {login}"
            )
        except NotFound:
            user = True
            path = sansio.organization_repositories_path(login, user=True)
            answer = client.ask(path, query, {}, f"the repositories of {login}")
    except NotFound:
        sentence = f"GitHub knows neither an organization nor a user {login} at {client.address}."
        return [], [Finding("organization", BAD, sentence, "Correct the login in step 1, or GITHUB_API_URL.")]
    except Forbidden as error:
        return [], [Finding("organization", BAD, error.sentence, _cure(error))]
    _, headers, body = answer
    told = sansio.decode(body, 200)
    facts = [RepositoryFacts.from_json(each) for each in told if isinstance(each, dict)]
    return facts, list(_listed(facts, headers, login, user, more=sansio.next_url(headers) is not None))


def _listed(
    facts: Sequence[RepositoryFacts], headers: sansio.Headers, login: str, user: bool, more: bool
) -> Iterator[Finding]:
    if not facts:
        sentence = f"{login} shows this token no repository at all."
        yield Finding("organization", BAD, sentence, MORE_RIGHTS)
        return
    private = sum(each.private for each in facts)
    owner = f"the user {login}" if user else login
    count = f"{'more than ' if more else ''}{len(facts)} {'repository' if len(facts) == 1 else 'repositories'}"
    yield Finding("organization", GOOD, f"It may list {owner}: {count}, {private or 'none'} of them private.")
    if not private:
        sentence = "No private repository shows. If there are some, the token may not see them."
        yield Finding("private", NOTE, sentence, MORE_RIGHTS)
    if "partial-results" in headers.get("x-github-sso", ""):
        sentence = "GitHub left organizations out that want single sign-on."
        yield Finding(
            "sso", BAD, sentence, "Authorize the token for them: on GitHub beside the token, “Configure SSO”."
        )


def _about_artifacts(client: GitHubClient, listed: Sequence[RepositoryFacts], say: Say) -> Iterator[Finding]:
    """Read artifacts of the repositories pushed last, and download the smallest."""
    oldest = datetime.min.replace(tzinfo=UTC)
    tried = sorted(listed, key=lambda each: (not each.archived, each.pushed_at or oldest), reverse=True)
    names, refused = [], None
    for repository in tried[:REPOSITORIES_TRIED]:
        say(f"Asking for the artifacts of {repository.full_name}.")
        client.names[repository.id] = repository.full_name
        try:
            page = next(client.artifacts(repository.id))
        except (Forbidden, NotFound) as error:
            refused = error
            continue
        names.append(repository.full_name)
        fresh = [each for each in page.items if not each.expired]
        if fresh:
            count = len(page.items) if page.total is None else page.total
            artifacts = "artifact" if count == 1 else "artifacts"
            yield Finding(
                "actions", GOOD, f"It may read Actions: {repository.full_name} has {count:,} {artifacts}."
            )
            yield _download(client, repository, min(fresh, key=lambda each: each.size_bytes or 0), say)
            return
    if refused is not None and not names:
        yield Finding("actions", BAD, refused.sentence, _cure(refused))
        return
    sentence = f"It may read Actions, but {', '.join(names)} hold no artifact, so that no download was tried."
    yield Finding("download", UNKNOWN, sentence, "Nothing is wrong with the token as far as can be seen.")


def _download(client: GitHubClient, repository: RepositoryFacts, artifact: ArtifactFacts, say: Say) -> Finding:
    if (artifact.size_bytes or 0) > LARGEST_TRIAL:
        return Finding("download", UNKNOWN, "Each artifact looked at is larger than 5 MB: no download was tried.")
    say(f"Downloading {artifact.name} of {repository.full_name}.")
    try:
        with tempfile.TemporaryFile() as file:
            came = client.download(
                repository.id, artifact.id, to=file, max_bytes=LARGEST_TRIAL, expected_digest=artifact.digest
            )
    except (Forbidden, Unauthorized) as error:
        return Finding("download", BAD, error.sentence, _cure(error))
    except GitHubError as error:
        host = "Artifacts come from another host than the API; a proxy or firewall must let both through."
        return Finding("download", BAD, error.sentence, host)
    size = f"{came.size / 1_000:,.1f} KB" if came.size >= 1_000 else f"{came.size} bytes"
    return Finding("download", GOOD, f"It may download: {artifact.name} of {repository.full_name} came, {size}.")


def _cure(error: GitHubError) -> str:
    if isinstance(error, Forbidden) and error.sign_on:
        return f"Authorize it for single sign-on here: {error.sign_on}"
    return MORE_RIGHTS


def _limit(client: GitHubClient) -> Finding:
    rate = client.rate
    if rate.remaining is None or rate.limit is None:
        return Finding("limit", NOTE, "This GitHub names no limit of requests.")
    until = f", until {rate.reset_at:%H:%M} UTC" if rate.reset_at else ""
    sentence = f"{rate.remaining:,} of {rate.limit:,} requests are left this hour{until}."
    if rate.limit <= 60:
        return Finding("limit", BAD, sentence, "That is what GitHub gives without a token: it did not take it.")
    return Finding("limit", GOOD if rate.remaining > rate.limit // 10 else NOTE, sentence)
