"""Asking GitHub: one client per thread, every request counted.

PyGithub signs, sends, keeps the pace and speaks HTTP. What it lacks is here: conditional lists, paging by
repository id, repeats that also cover 429 and a connection lost within the answer, and never a sleep of an hour
(docs/github.md lists its faults one by one).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, BinaryIO, Generic, Self, TypeVar
from urllib.parse import urlsplit

import requests
from github import Auth, Github

from . import sansio
from .download import AddressRefused, BlobHost, Download, RequestCounts
from .errors import ConnectionTrouble, GitHubError, NotFound, UnexpectedAnswer
from .facts import ArtifactFacts, RepositoryFacts, RunFacts

__all__ = ["Answer", "Download", "GitHubClient", "GitHubError", "Page", "RequestCounts"]

ACCEPT = "application/vnd.github+json"
API_VERSION = "2022-11-28"
TIMEOUT_SECONDS = 30
# GitHub allows 900 requests a minute, and asks that they are made one after the other.
PAUSE_SECONDS = 0.1
# Before the first, second and third repeat.
WAITS_SECONDS = (0.5, 2.0, 5.0)

Item = TypeVar("Item")


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


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list. ``etag`` is of this page, ``total`` GitHub's count of the whole list (None: not given).

    ``not_modified`` can only be true of a first page that was asked for with its ETag; it then has no items.
    """

    items: tuple[Item, ...]
    etag: str
    total: int | None = None
    not_modified: bool = False


class GitHubClient:
    """GitHub for one thread or task; close it, or use it in a ``with``.

    ``token`` '' asks anonymously (60 requests an hour, no downloads). ``pause`` is the least time between two
    requests in seconds (None: PAUSE_SECONDS, or nothing on loopback); ``waits`` the seconds before each repeat.
    ``counts`` is what was spent, ``rate`` the last word on what is left. ``names`` may hold repositories' full
    names by id: they only make the sentences of errors better. Every method raises a GitHubError (errors.py).
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        pause: float | None = None,
        waits: Sequence[float] = WAITS_SECONDS,
    ) -> None:
        base_url = sansio.check_address(base_url)
        token = sansio.check_token(token)
        loopback = sansio.is_loopback(urlsplit(base_url).hostname)
        if loopback:
            _keep_loopback_off_proxies()
        self.counts = RequestCounts()
        self.rate = sansio.RateLimit()
        self.names: dict[int, str] = {}
        self._waits = tuple(waits)
        self._blobs = BlobHost(self.counts, self._waits)
        self._github = Github(
            auth=Auth.Token(token) if token else None,
            base_url=base_url,
            timeout=TIMEOUT_SECONDS,
            user_agent="Clerestory",
            per_page=sansio.PAGE_SIZE,
            # Repeats are ours: urllib3's cannot count, do not see a body cut off, and obey any Retry-After.
            retry=0,
            seconds_between_requests=(0 if loopback else PAUSE_SECONDS) if pause is None else pause,
            api_version=API_VERSION,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._github.close()
        self._blobs.close()

    def get_conditional(
        self,
        path: str,
        parameters: Mapping[str, str] | None = None,
        etag: str | None = None,
        *,
        about: str = "",
    ) -> Answer:
        """GET a path (or the whole address of a next page); with an ETag, 304 costs nothing and has no data.

        ETags belong to the token that they were got with: with another, the answer is simply a 200.
        ``about`` names the thing in sentences.
        """
        headers = {"If-None-Match": etag} if etag else {}
        status, answered, body = self._ask(path, parameters or {}, headers, about or path)
        if status == 304:
            return Answer(304, answered.get("etag") or etag or "", None, None)
        if status != 200:
            raise sansio.error_of(status, answered, body, about=about or path, now=_now())
        return Answer(200, answered.get("etag", ""), sansio.decode(body, status), sansio.next_url(answered))

    def repository(self, full_name: str) -> RepositoryFacts:
        """A repository by its name in any case; an old name finds the renamed one."""
        answer = self.get_conditional(sansio.repository_path(full_name), about=full_name)
        facts = self._known(RepositoryFacts.from_json(_mapping(answer.data, full_name)))
        if facts.full_name.lower() != full_name.strip().lower():
            # PyGithub followed the 301 of an old name without a word; that answer was a request too.
            self.counts.rest += 1
        return facts

    def repository_by_id(self, repository_id: int, etag: str | None = None) -> tuple[RepositoryFacts | None, str]:
        """A repository by its id and the answer's ETag; None when nothing has changed since ``etag``."""
        about = self._name(repository_id)
        answer = self.get_conditional(sansio.repository_id_path(repository_id), etag=etag, about=about)
        if answer.not_modified:
            return None, answer.etag
        return self._known(RepositoryFacts.from_json(_mapping(answer.data, about))), answer.etag

    def organization_repositories(self, login: str) -> Iterator[RepositoryFacts]:
        """All repositories of an organization, or of a user with that name, that the token may see."""
        # By name: a list by last push would shift between two pages.
        query = sansio.query(per_page=sansio.PAGE_SIZE, sort="full_name")
        about = f"the repositories of {login}"
        path = sansio.organization_repositories_path(login)
        try:
            first = self.get_conditional(path, query, about=about)
        except NotFound:
            path = sansio.organization_repositories_path(login, user=True)
            first = self.get_conditional(path, query, about=about)
        for page in self._pages(first, "", RepositoryFacts.from_json, about):
            yield from map(self._known, page.items)

    def runs(
        self,
        repository_id: int,
        *,
        etag: str | None = None,
        created_since: datetime | None = None,
        branch: str | None = None,
        event: str | None = None,
        status: str | None = None,
        head_sha: str | None = None,
    ) -> Iterator[Page[RunFacts]]:
        """A repository's runs page by page, about newest first; stop asking when it is enough.

        With any filter GitHub gives 1,000 runs at most, out of an index that may be stale: prefer the plain list
        and its first page's ETag to see what is new.
        """
        query = sansio.query(
            per_page=sansio.PAGE_SIZE,
            # Pull requests change all the time, and with them the ETag.
            exclude_pull_requests=True,
            created=sansio.created_since(created_since) if created_since else None,
            branch=branch,
            event=event,
            status=status,
            head_sha=head_sha,
        )
        path = sansio.repository_id_path(repository_id, "/actions/runs")
        about = f"the runs of {self._name(repository_id)}"
        return self._list(path, query, etag, "workflow_runs", RunFacts.from_json, about)

    def run(self, repository_id: int, run_id: int) -> RunFacts:
        """One run, as its latest attempt stands."""
        about = f"run {run_id} of {self._name(repository_id)}"
        answer = self.get_conditional(
            sansio.repository_id_path(repository_id, f"/actions/runs/{run_id}"), about=about
        )
        return RunFacts.from_json(_mapping(answer.data, about))

    def artifacts(
        self, repository_id: int, *, etag: str | None = None, name: str | None = None
    ) -> Iterator[Page[ArtifactFacts]]:
        """A repository's artifacts of all its runs, page by page, about newest first."""
        path = sansio.repository_id_path(repository_id, "/actions/artifacts")
        query = sansio.query(per_page=sansio.PAGE_SIZE, name=name)
        about = f"the artifacts of {self._name(repository_id)}"
        return self._list(path, query, etag, "artifacts", ArtifactFacts.from_json, about)

    def run_artifacts(self, repository_id: int, run_id: int) -> list[ArtifactFacts]:
        """All artifacts of a run, of each of its attempts: one name may come several times."""
        path = sansio.repository_id_path(repository_id, f"/actions/runs/{run_id}/artifacts")
        query = sansio.query(per_page=sansio.PAGE_SIZE)
        about = f"the artifacts of run {run_id} of {self._name(repository_id)}"
        pages = self._list(path, query, None, "artifacts", ArtifactFacts.from_json, about)
        return [artifact for page in pages for artifact in page.items]

    def download(
        self,
        repository_id: int,
        artifact_id: int,
        *,
        to: BinaryIO,
        max_bytes: int,
        expected_digest: str | None = None,
    ) -> Download:
        """Stream an artifact into ``to`` where it stands; after any failure ``to`` is as it was before.

        Raises Gone for an expired one, TooLarge above ``max_bytes``, DigestMismatch when the bytes have another
        SHA-256 than ``expected_digest`` (as GitHub lists it; None or '' where it lists none).
        """
        about = f"artifact {artifact_id} of {self._name(repository_id)}"
        path = sansio.repository_id_path(repository_id, f"/actions/artifacts/{artifact_id}/zip")
        digest = expected_digest or ""
        start = to.tell()
        try:
            try:
                url = self._signed_address(path, about)
                return self._blobs.fetch(url, to, max_bytes=max_bytes, expected_digest=digest, about=about)
            except AddressRefused:
                self.counts.retried += 1
                url = self._signed_address(path, about)
                return self._blobs.fetch(url, to, max_bytes=max_bytes, expected_digest=digest, about=about)
        except BaseException:
            to.seek(start)
            to.truncate()
            raise

    def _signed_address(self, path: str, about: str) -> str:
        status, headers, body = self._ask(path, {}, {}, about)
        location = headers.get("location")
        if status != 302 or not location:
            raise sansio.error_of(status, headers, body, about=about, now=_now())
        return location

    def _list(
        self,
        path: str,
        query: Mapping[str, str],
        etag: str | None,
        key: str,
        parse: Callable[[dict[str, Any]], Item],
        about: str,
    ) -> Iterator[Page[Item]]:
        first = self.get_conditional(path, query, etag, about=about)
        if first.not_modified:
            yield Page((), first.etag, not_modified=True)
            return
        yield from self._pages(first, key, parse, about)

    def _pages(
        self, answer: Answer, key: str, parse: Callable[[dict[str, Any]], Item], about: str
    ) -> Iterator[Page[Item]]:
        """Pages from a first answer on; an item that slid onto the next page while we read comes once."""
        seen: set[int] = set()
        for _ in range(sansio.MOST_PAGES):
            items, total = _items(answer.data, key, about)
            parsed = [parse(item) for item in items if item.get("id") not in seen]
            seen.update(item["id"] for item in items)
            yield Page(tuple(parsed), answer.etag, total)
            if not answer.next_url:
                return
            answer = self.get_conditional(answer.next_url, about=about)
        raise UnexpectedAnswer(f"GitHub's list of {about} has no end: report it.")

    def _ask(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], about: str
    ) -> tuple[int, dict[str, str], str]:
        """Send, count, and repeat while that may help; the status is below 400."""
        waits = self._waits
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
                now = _now()
                pause = sansio.wait_before_repeat(status, answered, body, now=now, waits=waits)
                if pause is None:
                    raise sansio.error_of(status, answered, body, about=about, now=now)
                wait = pause
            waits = waits[1:]
            self.counts.retried += 1
            time.sleep(wait)

    def _send(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], str]:
        try:
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
        self.rate = sansio.rate_limit(answered) or self.rate
        return status, answered, body

    def _known(self, facts: RepositoryFacts) -> RepositoryFacts:
        self.names[facts.id] = facts.full_name
        return facts

    def _name(self, repository_id: int) -> str:
        return self.names.get(repository_id, f"repository {repository_id}")


def _items(data: Any, key: str, about: str) -> tuple[list[dict[str, Any]], int | None]:
    """The list in an answer, bare or under ``key`` beside its ``total_count``."""
    items = data.get(key) if key and isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) and "id" in item for item in items):
        raise UnexpectedAnswer(f"GitHub's answer for {about} is no list: check GITHUB_API_URL.")
    total = data.get("total_count") if isinstance(data, dict) else None
    return items, total if isinstance(total, int) else None


def _mapping(data: Any, about: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise UnexpectedAnswer(f"GitHub's answer for {about} is no description of it: check GITHUB_API_URL.")
    return data


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


def _now() -> datetime:
    return datetime.now(UTC)
