"""What the look-alike serves: a small world of values that a test or the demo builds and may change at any time.

    estate = FakeEstate()
    repository = estate.add_repository("octo-org/hello", language="Python")
    run = estate.add_run(repository, event="schedule", head_sha="ab" * 20)
    estate.add_artifact(run, "test-results", zip_of({"junit.xml": b"<testsuites/>"}))

Whatever is not given gets a sensible value; ids count up from a fixed number, so that one script of calls
always builds the same estate. Times are aware datetimes in UTC.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .things import (
    Content,
    FakeArtifact,
    FakeJob,
    FakeOrganization,
    FakeRepository,
    FakeRun,
    newest_first,
    node_id,
    workflow_id,
)

FIRST_ID = 1000
# GitHub keeps artifacts 90 days unless told otherwise.
RETENTION = timedelta(days=90)
# Built contents that are kept for a second request; the demo's artifacts together are larger than that.
CACHE_BYTES = 8 * 1024 * 1024


@dataclass
class FakeEstate:
    """All of it. ``tokens`` None lets any token in; a set lets in those only, and answers 401 to others.

    ``web_url`` is where ``html_url`` points; nothing answers there. Without ``graphql`` it is an old server.
    ``indexed_until``: filtered lists come from an index that knows no run since then (None: it knows all).
    ``count_in_lists``: what every list's ``total_count`` says, however many there are (None: the truth).
    """

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    tokens: set[str] | None = None
    web_url: str = "https://github.com"
    graphql: bool = True
    indexed_until: datetime | None = None
    count_in_lists: int | None = None
    organizations: dict[str, FakeOrganization] = field(default_factory=dict)
    repositories: dict[int, FakeRepository] = field(default_factory=dict)
    runs: dict[int, FakeRun] = field(default_factory=dict)
    artifacts: dict[int, FakeArtifact] = field(default_factory=dict)
    _old_names: dict[str, int] = field(default_factory=dict)
    _runs_of: dict[int, list[FakeRun]] = field(default_factory=dict)
    _artifacts_of_run: dict[int, list[FakeArtifact]] = field(default_factory=dict)
    _last_id: int = FIRST_ID
    _cache: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _measured: dict[str, tuple[int, str]] = field(default_factory=dict)
    _lock: Any = field(default_factory=threading.RLock, repr=False, compare=False)

    # Building

    def add_organization(self, login: str, **fields: Any) -> FakeOrganization:
        """Add an owner; one that is there already is returned as it is when no fields are given."""
        known = self.organizations.get(login.lower())
        if known and not fields:
            return known
        fields.setdefault("id", known.id if known else self._next_id())
        organization = FakeOrganization(login, **fields)
        self.organizations[login.lower()] = organization
        return organization

    def add_repository(self, full_name: str, **fields: Any) -> FakeRepository:
        """Add ``owner/name``, and its owner when that is new."""
        owner, _, name = full_name.partition("/")
        organization = self.add_organization(owner)
        number = fields.pop("id", None) or self._next_id()
        fields.setdefault("node_id", node_id("R", number))
        fields.setdefault("pushed_at", self.now - timedelta(hours=1))
        fields.setdefault("updated_at", fields["pushed_at"])
        repository = FakeRepository(organization.login, name, number, **fields)
        self.repositories[repository.id] = repository
        return repository

    def add_run(self, repository: FakeRepository, **fields: Any) -> FakeRun:
        """Add a run: by default a push to the default branch an hour ago that succeeded."""
        runs = self._runs_of.setdefault(repository.id, [])
        number = fields.pop("id", None) or self._next_id()
        created = fields.setdefault("created_at", self.now - timedelta(hours=1) + timedelta(seconds=len(runs)))
        fields.setdefault("run_started_at", created)
        fields.setdefault("updated_at", fields["run_started_at"] + timedelta(minutes=2))
        fields.setdefault("committed_at", created - timedelta(seconds=30))
        fields.setdefault("run_number", len(runs) + 1)
        fields.setdefault("head_sha", hashlib.sha1(f"{repository.id}/{number}".encode()).hexdigest())  # noqa: S324
        fields.setdefault("head_branch", repository.default_branch)
        fields.setdefault("head_repository_id", repository.id)
        run = FakeRun(id=number, repository_id=repository.id, **fields)
        run.workflow_id = run.workflow_id or workflow_id(repository.id, run.workflow_path)
        runs.append(run)
        self.runs[run.id] = run
        return run

    def add_artifact(self, run: FakeRun, name: str, content: Content, **fields: Any) -> FakeArtifact:
        """Add an artifact to a run: by default uploaded a minute after its start and kept for 90 days."""
        number = fields.pop("id", None) or self._next_id()
        created = fields.setdefault("created_at", run.run_started_at + timedelta(minutes=1))
        fields.setdefault("expires_at", created + RETENTION)
        fields.setdefault("updated_at", created)
        artifact = FakeArtifact(number, run.id, run.repository_id, name, content, **fields)
        self.artifacts[artifact.id] = artifact
        self._artifacts_of_run.setdefault(run.id, []).append(artifact)
        return artifact

    def rename_repository(self, repository: FakeRepository, full_name: str) -> None:
        """Give a repository a new name or owner; its old name answers 301 from now on."""
        self._old_names[repository.full_name.lower()] = repository.id
        owner, _, repository.name = full_name.partition("/")
        repository.owner = self.add_organization(owner).login

    def remove_repository(self, repository: FakeRepository) -> None:
        """Delete a repository with all that it has; it answers 404 from now on."""
        for run in self._runs_of.pop(repository.id, []):
            for artifact in self._artifacts_of_run.pop(run.id, []):
                self.artifacts.pop(artifact.id, None)
            self.runs.pop(run.id, None)
        self.repositories.pop(repository.id, None)

    # Reading

    def find_repository(self, owner: str, name: str) -> FakeRepository | None:
        wanted = f"{owner}/{name}".lower()
        # A copy: the builder may add while a server's thread looks.
        return next((each for each in list(self.repositories.values()) if each.full_name.lower() == wanted), None)

    def renamed(self, owner: str, name: str) -> FakeRepository | None:
        """The repository that once had this name."""
        return self.repositories.get(self._old_names.get(f"{owner}/{name}".lower(), 0))

    def repositories_of(self, login: str) -> list[FakeRepository]:
        """An owner's repositories, newest id first."""
        wanted = login.lower()
        return newest_first([each for each in self.repositories.values() if each.owner.lower() == wanted])

    def runs_of(self, repository: FakeRepository) -> list[FakeRun]:
        """A repository's runs, newest id first."""
        return newest_first(self._runs_of.get(repository.id, []))

    def artifacts_of_run(self, run: FakeRun) -> list[FakeArtifact]:
        """A run's artifacts of all its attempts, newest id first."""
        return newest_first(self._artifacts_of_run.get(run.id, []))

    def artifacts_of(self, repository: FakeRepository) -> list[FakeArtifact]:
        """A repository's artifacts, newest id first."""
        runs = list(self._runs_of.get(repository.id, []))
        return newest_first([each for run in runs for each in self._artifacts_of_run.get(run.id, [])])

    def job(self, repository: FakeRepository, run_id: int, attempt: int, place: int) -> FakeJob | None:
        """A job of a run's newest attempt, once it has ended; None where there is none."""
        run = self.runs.get(run_id)
        if run is None or run.repository_id != repository.id or run.run_attempt != attempt:
            return None
        return run.jobs[place] if run.status == "completed" and place < len(run.jobs) else None

    def content_of(self, artifact: FakeArtifact) -> bytes:
        """The artifact's bytes; built ones are kept as long as CACHE_BYTES allow, oldest use dropped first."""
        if isinstance(artifact.content, bytes):
            return artifact.content
        with self._lock:
            data = self._cache.pop(artifact.key, None)
            if data is None:
                data = artifact.content()
            self._cache[artifact.key] = data
            while len(self._cache) > 1 and sum(map(len, self._cache.values())) > CACHE_BYTES:
                self._cache.popitem(last=False)
            return data

    def measure(self, artifact: FakeArtifact) -> tuple[int, str]:
        """The artifact's size in bytes and its digest: as given, else computed once."""
        if artifact.size_in_bytes is not None and artifact.digest is not None:
            return artifact.size_in_bytes, artifact.digest
        if artifact.key not in self._measured:
            data = self.content_of(artifact)
            self._measured[artifact.key] = len(data), f"sha256:{hashlib.sha256(data).hexdigest()}"
        size, digest = self._measured[artifact.key]
        return (size if artifact.size_in_bytes is None else artifact.size_in_bytes), artifact.digest or digest

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id
