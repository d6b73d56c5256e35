"""One connection to GitHub's API: requests signed and paced by PyGithub, counted and repeated here.

PyGithub's own repeats (urllib3's) cannot be counted, do not see an answer that is cut off, give up on a 429 and
obey a Retry-After of an hour; so they are off, and ``sansio`` decides.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import requests
from github import Auth, Github

from . import etags, pulse, sansio
from .budget import Budget, OwnBudget, at_the_reserve
from .counts import RequestCounts
from .errors import ConnectionTrouble, GitHubError, GraphQLMissing, RateLimited, UnexpectedAnswer

ACCEPT = "application/vnd.github+json"
API_VERSION = "2022-11-28"
TIMEOUT_SECONDS = 30
# GitHub allows 900 requests a minute, and asks that they are made one after the other.
PAUSE_SECONDS = 0.1
# Before the first, second and third repeat.
WAITS_SECONDS = (0.5, 2.0, 5.0)
JITTER = 0.25


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: ``status`` is 200, or 304 with ``data`` None; ``etag`` is '' where GitHub gave none."""

    status: int
    etag: str
    data: Any
    next_url: str | None

    @property
    def not_modified(self) -> bool:
        return self.status == 304


class Connection:
    """GitHub's API for one thread or task; close it, or use it in a ``with``.

    ``token`` '' asks anonymously (60 requests an hour, no downloads). ``pause`` is the least time between two
    requests in seconds (None: PAUSE_SECONDS, or nothing on loopback); ``waits`` the seconds before each repeat.
    ``budget`` is asked before each request and told of each limit; with a shared one, one worker learns for all.
    ``counts`` is what was spent, ``rate`` the last word on what is left. Raises Misconfigured for an address or a
    token that can never work; every method raises a GitHubError.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        pause: float | None = None,
        waits: Sequence[float] = WAITS_SECONDS,
        budget: Budget | None = None,
    ) -> None:
        base_url = sansio.check_address(base_url)
        token = sansio.check_token(token)
        loopback = sansio.is_loopback(urlsplit(base_url).hostname)
        if loopback:
            _keep_loopback_off_proxies()
        self.address = base_url
        self.counts = RequestCounts()
        self.rate = sansio.RateLimit()
        self.waits = tuple(waits)
        self.budget: Budget = budget or OwnBudget()
        self.bodies: etags.Bodies | None = None
        """Where the bodies of conditional lists are kept; asked only for a token that rotates."""
        self._rotating = etags.rotates(token)
        # As PyGithub signs.
        self._authorization = f"token {token}"
        self._github = Github(
            auth=Auth.Token(token) if token else None,
            base_url=base_url,
            timeout=TIMEOUT_SECONDS,
            user_agent="Clerestory",
            per_page=sansio.PAGE_SIZE,
            # Repeats are ours: urllib3's cannot count, do not see a body cut off, and obey any Retry-After.
            retry=0,
            seconds_between_requests=(0 if loopback else PAUSE_SECONDS) if pause is None else pause,
            # The only POST is a GraphQL query, which writes nothing.
            seconds_between_writes=(0 if loopback else PAUSE_SECONDS) if pause is None else pause,
            api_version=API_VERSION,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open."""
        self._github.close()

    def get_conditional(
        self,
        path: str,
        parameters: Mapping[str, str] | None = None,
        etag: str | None = None,
        *,
        about: str = "",
        keep: bool = False,
    ) -> Answer:
        """GET a path (or the whole address of a next page); with an ETag, 304 costs nothing and has no data.

        ETags belong to the token that they were got with: with another, the answer is simply a 200, unless the
        token rotates and ``bodies`` has what came with that ETag. There an answer is kept when it was asked for
        with an ETag, or with ``keep``: it will be soon. ``about`` names the thing in sentences.
        """
        place = f"{path}?{urlencode(sorted((parameters or {}).items()))}"
        sent = (self._predicted(place, etag) or etag) if etag else None
        headers = {"If-None-Match": sent} if sent else {}
        status, answered, body = self.ask(path, parameters or {}, headers, about or path)
        if status == 304 and sent != etag:
            self.counts.predicted += 1
            return Answer(304, etag or "", None, None)
        if status == 304:
            return Answer(304, answered.get("etag") or etag or "", None, None)
        if status != 200:
            raise sansio.error_of(status, answered, body, about=about or path, now=datetime.now(UTC))
        self._check_and_keep(place, answered.get("etag", ""), body, keep=keep or bool(etag))
        return Answer(200, answered.get("etag", ""), sansio.decode(body, status), sansio.next_url(answered))

    def _predicted(self, place: str, etag: str) -> str | None:
        """Tonight's ETag of what came with an earlier one; None where that is not to be told."""
        if self.bodies is None or not self._rotating or not self.bodies.trusted():
            return None
        body = self.bodies.body(place, etag)
        return None if body is None else etags.predicted(ACCEPT, self._authorization, body)

    def _check_and_keep(self, place: str, etag: str, body: str, *, keep: bool) -> None:
        """Hold a whole answer against what its ETag should be, and keep its body for the next token."""
        if self.bodies is None or not self._rotating or not etag or not self.bodies.trusted():
            return
        if not etags.same(etag, etags.predicted(ACCEPT, self._authorization, body)):
            self.bodies.mistaken()
        elif keep:
            self.bodies.keep(place, etag, body)

    def ask(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], about: str
    ) -> tuple[int, dict[str, str], str]:
        """Send, count, and repeat while that may help; the status is below 400."""
        waits = self.waits
        self._keep_to_the_budget("core", about)
        while True:
            try:
                status, answered, body = self._send(path, query, headers)
            except requests.RequestException as error:
                if not waits:
                    raise ConnectionTrouble(_lost(error, about)) from error
                wait = waits[0]
            else:
                if status < 400:
                    return status, answered, body
                now = datetime.now(UTC)
                pause = sansio.wait_before_repeat(status, answered, body, now=now, waits=waits)
                if pause is None:
                    raise self._noted("core", sansio.error_of(status, answered, body, about=about, now=now))
                wait = pause
            waits = waits[1:]
            self.counts.retried += 1
            # Not all that met the same limit come back at the same moment.
            time.sleep(wait * random.uniform(1, 1 + JITTER))  # noqa: S311 - no secret

    def ask_graphql(self, query: str, variables: Mapping[str, Any], about: str) -> Any:
        """Ask GraphQL once; the answer's JSON, which may hold errors beside data.

        Raises GraphQLMissing where the server has none, ServerTrouble for 5xx (a smaller question may do),
        RateLimited, Unauthorized, ConnectionTrouble.
        """
        self._keep_to_the_budget("graphql", about)
        requester = self._github.requester
        try:
            with self.budget.slot():
                status, answered, body = requester.requestJson(
                    "POST", requester.graphql_url, input={"query": query, "variables": dict(variables)}
                )
        except requests.RequestException as error:
            raise ConnectionTrouble(_lost(error, about)) from error
        except RuntimeError as error:
            raise GraphQLMissing(f"GitHub redirected {about} to another server.", status=301) from error
        self.counts.graphql += 1
        self._weigh(status, answered, body)
        if status in (400, 404, 405, 406, 410, 422, 501):
            raise GraphQLMissing(f"This GitHub answers no GraphQL ({status}).", status=status)
        if status != 200:
            now = datetime.now(UTC)
            raise self._noted("graphql", sansio.error_of(status, answered, body, about=about, now=now))
        answer = sansio.decode(body, status)
        if pulse.is_limited(answer):
            self.counts.backed_off += 1
            now = datetime.now(UTC)
            until = sansio.limited_until(answered, now) or now + sansio.SECONDARY_WAIT
            spent = f"GitHub's GraphQL points are spent until {until:%Y-%m-%d %H:%M:%S} UTC, as it said of {about}."
            raise self._noted("graphql", RateLimited(spent, reset_at=until))
        return answer

    def _keep_to_the_budget(self, resource: str, about: str) -> None:
        """Raise RateLimited without a request while it is known that none is allowed."""
        until = self.budget.closed_until(resource)
        if until is not None and until > datetime.now(UTC):
            raise RateLimited(
                f"GitHub's rate limit is spent until {until:%Y-%m-%d %H:%M:%S} UTC, so {about} was not asked for: "
                "it is tried again after that.",
                reset_at=until,
            )

    def _close_at_the_reserve(self, resource: str, rate: sansio.RateLimit) -> None:
        if rate.reset_at is not None and at_the_reserve(rate):
            self.budget.close(resource, rate.reset_at)

    def _weigh(self, status: int, answered: Mapping[str, str], body: str) -> None:
        self.counts.bytes += len(body.encode("utf-8", "surrogateescape"))
        self.counts.backed_off += sansio.is_limited(status, answered, body)

    def _noted(self, resource: str, error: GitHubError) -> GitHubError:
        """The error, after the budget has learned of a limit."""
        if isinstance(error, RateLimited):
            self.budget.close(resource, error.reset_at)
        return error

    def _send(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], str]:
        try:
            with self.budget.slot():
                status, answered, body = self._github.requester.requestJson(
                    "GET", path, parameters=dict(query), headers={"Accept": ACCEPT, **headers}
                )
        except RuntimeError as error:
            # PyGithub's word for a 301 to another host or scheme, which would take the token there.
            raise UnexpectedAnswer(
                "GitHub redirected to another server: correct GITHUB_API_URL.", status=301
            ) from error
        if status == 304:
            self.counts.not_modified += 1
        else:
            self.counts.rest += 1
        self._weigh(status, answered, body)
        self.rate = sansio.rate_limit(answered) or self.rate
        self._close_at_the_reserve("core", self.rate)
        return status, answered, body


def _lost(error: requests.RequestException, about: str) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return f"GitHub's certificate is not trusted: set REQUESTS_CA_BUNDLE to your authority's file ({about})."
    if isinstance(error, requests.Timeout):
        return f"GitHub did not answer in {TIMEOUT_SECONDS} s when asked for {about}: it is tried again next time."
    return (
        f"The connection to GitHub failed ({type(error).__name__}) when asked for {about}: "
        "check the network and GITHUB_API_URL, it is tried again next time."
    )


def _keep_loopback_off_proxies() -> None:
    """Name loopback in NO_PROXY: PyGithub's sessions read proxies from the environment and from nowhere else."""
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = [host.strip() for host in named.split(",") if host.strip()]
    hosts += [host for host in ("127.0.0.1", "localhost", "::1") if host not in hosts]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(hosts)
