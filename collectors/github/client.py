"""What the collectors ask GitHub, as typed values: repositories, runs, artifacts and their bytes.

Repositories are asked for by id: a renamed one answers 301 to its name, and following that loses the query.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import quote

from . import pulse, sansio
from .budget import Budget
from .connection import ACCEPT, WAITS_SECONDS, Answer
from .download import AddressRefused, BlobHost, Download
from .errors import GraphQLMissing, NotFound, ServerTrouble, UnexpectedAnswer
from .facts import ArtifactFacts, JobFacts, RepositoryFacts, RunFacts
from .lists import ListReader, Page

__all__ = ["Answer", "Download", "GitHubClient", "Page"]

MOST_COMMITS_OFF = 1_000
"""Of a rewritten branch so many of the commits that left it are listed, the oldest."""
RAW = "application/vnd.github.raw+json"


class GitHubClient(ListReader):
    """GitHub for one thread or task: see ``Connection`` for how it is made, counted and closed.

    ``names`` may hold repositories' full names by id; they only make the sentences of errors better.
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
        super().__init__(base_url, token, pause=pause, waits=waits, budget=budget)
        self.names: dict[int, str] = {}
        self.points = sansio.RateLimit()
        """What is left of this hour's GraphQL points; they are counted apart from requests."""
        self._blobs = BlobHost(self.counts, self.waits)

    def close(self) -> None:
        """Close the connections to both hosts."""
        super().close()
        self._blobs.close()

    def left(self) -> dict[str, Any]:
        """What GitHub said last of this hour, for the record: requests, and GraphQL's points apart from them."""
        told: dict[str, Any] = {}
        for prefix, rate in (("", self.rate), ("points_", self.points)):
            if rate.limit is not None:
                reset = rate.reset_at.isoformat() if rate.reset_at else None
                figures = {"limit": rate.limit, "remaining": rate.remaining, "reset": reset}
                told |= {prefix + name: figure for name, figure in figures.items()}
        return told

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
        answer = self.get_conditional(sansio.repository_id_path(repository_id), etag=etag, about=about, keep=True)
        if answer.not_modified:
            return None, answer.etag
        return self._known(RepositoryFacts.from_json(_mapping(answer.data, about))), answer.etag

    def pulses(self, node_ids: Sequence[str]) -> dict[str, pulse.Pulse]:
        """What GraphQL shows of many repositories, by node id; one that GitHub does not show is not in it.

        One request for all of them, halved as often as GitHub is too slow for it (502, 504). Raises
        GraphQLMissing where the server has no GraphQL, or does not know what is asked.
        """
        about = f"the last runs of {len(node_ids)} repositories"
        try:
            answer = self.ask_graphql(pulse.QUERY, pulse.variables(node_ids), about)
            answered = pulse.pulses_of(answer)
        except ServerTrouble:
            if len(node_ids) <= 1:
                raise
            self.counts.retried += 1
            half = len(node_ids) // 2
            return self.pulses(node_ids[:half]) | self.pulses(node_ids[half:])
        except UnexpectedAnswer as error:
            raise GraphQLMissing(error.sentence, status=error.status) from error
        self.points = answered.rate if answered.rate.limit is not None else self.points
        self._close_at_the_reserve("graphql", self.points)
        self.names.update({found.id: found.full_name for found in answered.found.values()})
        return dict(answered.found)

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
        for page in self.pages_from(first, "", RepositoryFacts.from_json, about):
            yield from map(self._known, page.items)

    def runs(
        self,
        repository_id: int,
        *,
        etag: str | None = None,
        created_since: datetime | None = None,
        created_between: tuple[datetime, datetime] | None = None,
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
            created=sansio.created(created_since, created_between),
            branch=branch,
            event=event,
            status=status,
            head_sha=head_sha,
        )
        path = sansio.repository_id_path(repository_id, "/actions/runs")
        about = f"the runs of {self._name(repository_id)}"
        return self.list_of(path, query, etag, "workflow_runs", RunFacts.from_json, about)

    def run(self, repository_id: int, run_id: int) -> RunFacts:
        """One run, as its latest attempt stands."""
        about = f"run {run_id} of {self._name(repository_id)}"
        answer = self.get_conditional(
            sansio.repository_id_path(repository_id, f"/actions/runs/{run_id}"), about=about
        )
        return RunFacts.from_json(_mapping(answer.data, about))

    def commits_off(self, repository_id: int, branch: str, sha: str) -> list[str]:
        """The commits that ``sha`` stands on and a branch lacks, oldest first; empty while it is on that branch.

        Raises NotFound for a commit that GitHub has forgotten, and Forbidden or NotFound for a token that may not
        read contents.
        """
        about = f"what became of commit {sha[:8]} of {self._name(repository_id)}"
        query = sansio.query(per_page=sansio.PAGE_SIZE)
        answer = self.get_conditional(sansio.comparison_path(repository_id, branch, sha), query, about=about)
        commits: list[str] = []
        while True:
            told = _mapping(answer.data, about)
            commits += [
                str(commit["sha"]) for commit in told.get("commits", ()) if "sha" in _mapping(commit, about)
            ]
            if not answer.next_url or len(commits) >= MOST_COMMITS_OFF:
                return commits
            answer = self.get_conditional(answer.next_url, about=about)

    def artifacts(
        self, repository_id: int, *, etag: str | None = None, name: str | None = None
    ) -> Iterator[Page[ArtifactFacts]]:
        """A repository's artifacts of all its runs, page by page, about newest first."""
        path = sansio.repository_id_path(repository_id, "/actions/artifacts")
        query = sansio.query(per_page=sansio.PAGE_SIZE, name=name)
        about = f"the artifacts of {self._name(repository_id)}"
        return self.list_of(path, query, etag, "artifacts", ArtifactFacts.from_json, about)

    def run_artifacts(
        self, repository_id: int, run_id: int, etag: str = ""
    ) -> tuple[list[ArtifactFacts] | None, str]:
        """All artifacts of a run, of each of its attempts: one name may come several times. With the first page's
        ETag; None instead of a list when it is as it was with ``etag``."""
        path = sansio.repository_id_path(repository_id, f"/actions/runs/{run_id}/artifacts")
        query = sansio.query(per_page=sansio.PAGE_SIZE)
        about = f"the artifacts of run {run_id} of {self._name(repository_id)}"
        pages = list(
            self.list_of(path, query, etag or None, "artifacts", ArtifactFacts.from_json, about, keep=True)
        )
        if pages[0].not_modified:
            return None, etag
        # A second page may change while the first stays: such a list is asked for anew each time.
        known = pages[0].etag if len(pages) == 1 else ""
        return [artifact for page in pages for artifact in page.items], known

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
        return self._fetched(path, to, about, max_bytes=max_bytes, expected_digest=digest)

    def jobs(self, repository_id: int, run_id: int) -> list[JobFacts]:
        """The jobs of a run's newest attempt."""
        path = sansio.repository_id_path(repository_id, f"/actions/runs/{run_id}/jobs")
        query = sansio.query(per_page=sansio.PAGE_SIZE)
        about = f"the jobs of run {run_id} of {self._name(repository_id)}"
        return [
            job for page in self.list_of(path, query, None, "jobs", JobFacts.from_json, about) for job in page.items
        ]

    def job_log(self, repository_id: int, job_id: int, *, to: BinaryIO, max_bytes: int) -> Download:
        """Stream a job's log into ``to``, as ``download`` does; it is no download in ``counts``.

        Raises NotFound or Gone where there is none any more.
        """
        path = sansio.repository_id_path(repository_id, f"/actions/jobs/{job_id}/logs")
        about = f"the log of job {job_id} of {self._name(repository_id)}"
        return self._fetched(path, to, about, max_bytes=max_bytes, expected_digest="", counted=False)

    def _fetched(self, path: str, to: BinaryIO, about: str, **how: Any) -> Download:
        """What the signed address that a path redirects to gives; a refused one is asked for anew, once."""
        start = to.tell()
        try:
            try:
                return self._blobs.fetch(self._signed_address(path, about), to, about=about, **how)
            except AddressRefused:
                self.counts.retried += 1
                return self._blobs.fetch(self._signed_address(path, about), to, about=about, **how)
        except BaseException:
            to.seek(start)
            to.truncate()
            raise

    def contents(self, repository_id: int, path: str, sha: str) -> bytes:
        """A file's bytes as they stand at a commit: raw, or as JSON with Base64, whichever the server gives.

        Raw text comes decoded and is encoded again: a file that is no UTF-8 is not the same after that. Git's name
        of the bytes (``blob_name``) tells, and ``encoded_contents`` brings them whole.
        """
        return self._contents(repository_id, path, sha, RAW)

    def encoded_contents(self, repository_id: int, path: str, sha: str) -> bytes:
        """A file's bytes exactly, out of JSON; GitHub gives files of up to 1 MB so."""
        return self._contents(repository_id, path, sha, ACCEPT)

    def _contents(self, repository_id: int, path: str, sha: str, accept: str) -> bytes:
        about = f"{path} of {self._name(repository_id)} at {sha[:8]}"
        place = sansio.repository_id_path(repository_id, f"/contents/{quote(path)}")
        status, headers, body = self.ask(place, {"ref": sha}, {"Accept": accept}, about)
        if status != 200:
            raise sansio.error_of(status, headers, body, about=about, now=datetime.now(UTC))
        if "raw" in headers.get("content-type", ""):
            return body.encode("utf-8", "surrogateescape")
        told = _mapping(sansio.decode(body, status), about)
        try:
            if told.get("encoding") == "base64":
                return b64decode(told["content"])
        except (KeyError, TypeError, ValueError):
            pass
        raise UnexpectedAnswer(f"GitHub's answer for {about} holds no contents: check GITHUB_API_URL.")

    def _signed_address(self, path: str, about: str) -> str:
        status, headers, body = self.ask(path, {}, {}, about)
        location = headers.get("location")
        if status != 302 or not location:
            raise sansio.error_of(status, headers, body, about=about, now=datetime.now(UTC))
        return location

    def _known(self, facts: RepositoryFacts) -> RepositoryFacts:
        self.names[facts.id] = facts.full_name
        return facts

    def _name(self, repository_id: int) -> str:
        return self.names.get(repository_id, f"repository {repository_id}")


def _mapping(data: Any, about: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise UnexpectedAnswer(f"GitHub's answer for {about} is no description of it: check GITHUB_API_URL.")
    return data
