"""GitHub's rules without the network: what to ask, and what an answer means.

Sources: docs.github.com "REST API endpoints for GitHub Actions artifacts" and "Rate limits for the REST API".
Header names are lower-cased by the caller. Repositories are addressed by id: a renamed one answers 301 to its
name, and following that loses the query (PyGithub 2.10 drops it), so that filters would silently go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

from .errors import (
    Forbidden,
    GitHubError,
    Gone,
    Misconfigured,
    NotFound,
    RateLimited,
    ServerTrouble,
    Unauthorized,
    UnexpectedAnswer,
)

Headers = Mapping[str, str]

# GitHub's default is 30, and the most frequent fault of collectors is to stop there.
PAGE_SIZE = 100
# GitHub stops an unfiltered list at about 40,000 items: a list that goes on is a loop of "next" links.
MOST_PAGES = 500
# Longer waits are the scheduler's matter: a worker that sleeps serves no other repository.
LONGEST_WAIT = timedelta(seconds=10)
# "Wait at least one minute" after a secondary limit that names no time.
SECONDARY_WAIT = timedelta(seconds=60)

NEXT_LINK = re.compile(r'<([^>]*)>\s*;[^,<]*\brel="?next"?\s*(?:[;,]|$)')


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What is left of this hour's requests; None where GitHub has not said (yet)."""

    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None


def repository_path(full_name: str) -> str:
    """The path of a repository by name, for its first look-up only."""
    owner, separator, name = full_name.strip().partition("/")
    if not (separator and owner and name) or "/" in name or {owner, name} & {".", ".."}:
        raise Misconfigured(f"{full_name!r} is no repository: write owner/name.")
    return f"/repos/{quote(owner)}/{quote(name)}"


def repository_id_path(repository_id: int, rest: str = "") -> str:
    """The path of a repository by id, which survives renames and transfers; ``rest`` begins with a slash."""
    return f"/repositories/{repository_id}{rest}"


def comparison_path(repository_id: int, base: str, head: str) -> str:
    """What ``head`` has that ``base``, a commit or a branch, lacks; a branch's slashes stay as they are."""
    return repository_id_path(repository_id, f"/compare/{quote(base)}...{quote(head)}")


def organization_repositories_path(login: str, *, user: bool = False) -> str:
    return f"/users/{quote(login, safe='')}/repos" if user else f"/orgs/{quote(login, safe='')}/repos"


def query(**parameters: str | int | bool | datetime | None) -> dict[str, str]:
    """Parameters as GitHub reads them; None is left out, a datetime is written in UTC."""
    return {key: _parameter(value) for key, value in parameters.items() if value is not None}


def created(since: datetime | None = None, between: tuple[datetime, datetime] | None = None) -> str | None:
    """The ``created`` filter of a run list: from a moment on, or from one second to another, both included."""
    if between:
        return f"{_parameter(between[0])}..{_parameter(between[1])}"
    return f">={_parameter(since)}" if since else None


def check_address(url: str) -> str:
    """The API's address without a slash at its end.

    Raises Misconfigured when a token would travel unencrypted, or when it is no address at all.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured(f"GITHUB_API_URL={url} is no address: use https://host/path.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise Misconfigured(f"GITHUB_API_URL={url} would send the token unencrypted: use https.")
    return url.rstrip("/")


def check_token(token: str) -> str:
    """The token without white space around it; Misconfigured when it could not be sent in a header."""
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Misconfigured("The GitHub token holds characters that no token has: copy it again.")
    return token


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine; ``127.example.com`` is not."""
    if host == "localhost":
        return True
    try:
        return host is not None and ip_address(host).is_loopback
    except ValueError:
        return False


def next_url(headers: Headers) -> str | None:
    """The address of the next page out of the ``Link`` header (RFC 8288), None on the last page."""
    match = NEXT_LINK.search(headers.get("link", ""))
    return match[1] if match else None


def rate_limit(headers: Headers) -> RateLimit | None:
    """The ``x-ratelimit-*`` headers, None when there are none (a GitHub Enterprise Server without limits)."""
    remaining = _whole(headers.get("x-ratelimit-remaining"))
    if remaining is None:
        return None
    reset = _whole(headers.get("x-ratelimit-reset"))
    reset_at = datetime.fromtimestamp(reset, UTC) if reset is not None else None
    return RateLimit(_whole(headers.get("x-ratelimit-limit")), remaining, reset_at)


def decode(body: str, status: int) -> Any:
    """The JSON of an answer; UnexpectedAnswer when it is none, as a proxy's or a sign-in page is."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise UnexpectedAnswer(
            f"The answer ({status}) is not GitHub's JSON: check GITHUB_API_URL and any proxy in between.",
            status=status,
        ) from error


def message(body: str) -> str:
    """GitHub's own words in an error's body, '' where there are none; one line, at most 200 characters."""
    try:
        said = json.loads(body).get("message")
    except (ValueError, AttributeError):
        return ""
    return " ".join(said.split())[:200].rstrip(".") if isinstance(said, str) else ""


def is_limited(status: int, headers: Headers, body: str) -> bool:
    """Whether a 403 or 429 means "not now" (a limit) and not "never" (a missing right)."""
    if status == 429:
        return True
    if status != 403:
        return False
    if headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers:
        return True
    said = message(body).lower()
    return "rate limit" in said or "abuse detection" in said


def limited_until(headers: Headers, now: datetime) -> datetime | None:
    """When a limit says that it ends: ``retry-after`` (seconds or a date), else the reset of a spent hour."""
    retry_after = headers.get("retry-after", "").strip()
    if retry_after.isdigit():
        return now + timedelta(seconds=min(int(retry_after), 86400))
    if retry_after:
        try:
            return parsedate_to_datetime(retry_after).astimezone(UTC)
        except ValueError:
            return None
    limit = rate_limit(headers)
    if limit is not None and limit.remaining == 0 and limit.reset_at is not None:
        # A second more: nobody says when in that second the reset comes.
        return limit.reset_at + timedelta(seconds=1)
    return None


def wait_before_repeat(
    status: int, headers: Headers, body: str, *, now: datetime, waits: Sequence[float]
) -> float | None:
    """Seconds to wait before asking again, None when asking again soon cannot help.

    ``waits`` are the waits that are still allowed, in seconds, the next first. An answer that names its end is
    waited for when that is near (LONGEST_WAIT); a limit that names none is treated like a server's trouble.
    """
    if not waits or not (status >= 500 or is_limited(status, headers, body)):
        return None
    until = limited_until(headers, now)
    if until is None:
        return waits[0]
    # At least the usual wait: the clocks of the two machines may differ.
    return max((until - now).total_seconds(), waits[0]) if until - now <= LONGEST_WAIT else None


def error_of(status: int, headers: Headers, body: str, *, about: str, now: datetime) -> GitHubError:
    """The error that an answer means; ``about`` names what was asked for ("the runs of octo-org/hello")."""
    said = message(body)
    detail = f"{status}, {said}" if said else str(status)
    if is_limited(status, headers, body):
        return _limited(status, headers, now)
    if status == 401:
        return Unauthorized(
            f"GitHub refused the token while asked for {about} ({detail}): enter a valid one.", status=status
        )
    if status == 403:
        return Forbidden(_forbidden(headers, detail, about), status=status, sign_on=_sign_on(headers))
    if status == 404:
        return NotFound(
            f"GitHub answers 404 for {about}: it was deleted or renamed, or the token may not see it; "
            "check the name and the token's access.",
            status=status,
        )
    if status == 410:
        return Gone(f"GitHub has deleted {about} (410): it has expired, nothing can be done.", status=status)
    if status >= 500:
        return ServerTrouble(
            f"GitHub had trouble of its own with {about} ({detail}): it is tried again next time.", status=status
        )
    return UnexpectedAnswer(
        f"GitHub answered {about} with {detail}: look at GITHUB_API_URL, then report it.", status=status
    )


def _limited(status: int, headers: Headers, now: datetime) -> RateLimited:
    reset_at = limited_until(headers, now) or now + SECONDARY_WAIT
    return RateLimited(
        f"GitHub's rate limit is spent ({status}) until {reset_at:%Y-%m-%d %H:%M:%S} UTC: "
        "it is tried again after that.",
        reset_at=reset_at,
        status=status,
    )


def _forbidden(headers: Headers, detail: str, about: str) -> str:
    if "x-github-sso" in headers:
        return f"GitHub forbids {about} ({detail}): authorize the token for the organization's single sign-on."
    needed = headers.get("x-accepted-github-permissions", "").replace("=", ": ") or "Actions: read"
    return f"GitHub forbids {about} ({detail}): give the token the permission {needed}."


def _sign_on(headers: Headers) -> str:
    """The address in ``X-GitHub-SSO: required; url=…``; '' where there is none or it is no address."""
    _, _, address = headers.get("x-github-sso", "").partition("url=")
    return address.strip() if address.strip().startswith("https://") else ""


def _parameter(value: str | int | bool | datetime) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def _whole(value: str | None) -> int | None:
    try:
        # Floats have been seen in these headers (PyGithub #2697).
        return int(float(value)) if value is not None else None
    except (ValueError, OverflowError):
        return None
