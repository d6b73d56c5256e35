"""What the look-alike serves: a small world of values that a test or the demo builds and may change at any time.

    estate = FakeEstate()
    repository = estate.add_repository("octo-org/hello", language="Python")
    run = estate.add_run(repository, event="schedule", head_sha="ab" * 20)
    estate.add_artifact(run, "test-results", zip_of({"junit.xml": b"<testsuites/>"}))

Whatever is not given gets a sensible value; ids count up from a fixed number, so that one script of calls
always builds the same estate. Times are aware datetimes in UTC.
"""

from __future__ import annotations

import base64
import hashlib
import io
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST_ID = 1000
# GitHub keeps artifacts 90 days unless told otherwise.
RETENTION = timedelta(days=90)
# Built contents that are kept for a second request; the demo's artifacts together are larger than that.
CACHE_BYTES = 8 * 1024 * 1024

Content = bytes | Callable[[], bytes]


@dataclass
class FakeOrganization:
    """An owner of repositories; ``type`` is ``Organization`` or ``User``."""

    login: str
    id: int
    name: str = ""
    description: str = ""
    type: str = "Organization"
    created_at: datetime = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class FakeRepository:
    """A repository; ``size`` is in kilobytes as on GitHub.

    ``files`` (path → bytes) is its tree at every commit that ``files_at`` does not name. ``head_sha`` '' means:
    that of the newest commit which a run on the default branch names. ``left`` holds commits that a force push took
    off the default branch.
    """

    owner: str
    name: str
    id: int
    node_id: str = ""
    default_branch: str = "main"
    archived: bool = False
    disabled: bool = False
    private: bool = False
    fork: bool = False
    description: str | None = None
    language: str | None = None
    topics: list[str] = field(default_factory=list)
    size: int = 0
    head_sha: str = ""
    created_at: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    pushed_at: datetime | None = None
    updated_at: datetime | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    files_at: dict[str, dict[str, bytes]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    tags: list[FakeTag] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass
class FakeTag:
    """A tag on a commit; an annotated one is an object of its own that names it."""

    name: str
    sha: str
    at: datetime
    annotated: bool = False


@dataclass
class FakeJob:
    """One job of a run; times default to the run's own. ``log`` None: its log was deleted."""

    name: str = "build"
    conclusion: str | None = "success"
    labels: list[str] = field(default_factory=lambda: ["ubuntu-latest"])
    started_at: datetime | None = None
    completed_at: datetime | None = None
    log: bytes | None = b""


@dataclass
class FakeRun:
    """A workflow run. ``head_repository_id`` None means: of a fork that was deleted since."""

    id: int
    repository_id: int
    run_number: int
    head_sha: str
    head_branch: str | None
    head_repository_id: int | None
    created_at: datetime
    run_started_at: datetime
    updated_at: datetime
    committed_at: datetime
    workflow_path: str = ".github/workflows/ci.yml"
    workflow_name: str = "CI"
    workflow_id: int = 0
    run_attempt: int = 1
    event: str = "push"
    status: str = "completed"
    conclusion: str | None = "success"
    display_title: str = "Change something"
    author: str = "octocat"
    jobs: list[FakeJob] = field(default_factory=lambda: [FakeJob()])


@dataclass
class FakeArtifact:
    """An uploaded artifact. ``content`` is exactly what the blob host sends: a zip (``zip_of``) when ``zipped``.

    A callable content is called when its bytes, size or digest are first asked for, and may be called again
    later, so it must give the same bytes each time. ``size_in_bytes`` and ``digest`` (``sha256:…``) are computed
    unless given; ``shows_digest=False`` is an upload from before digests, listed with null.
    ``zipped=False`` is a single file as upload-artifact 7 sends it: ``name`` is then the file's name.
    Artifacts with the same ``content_key`` have the same bytes: they are built and measured once for all.
    """

    id: int
    run_id: int
    repository_id: int
    name: str
    content: Content
    created_at: datetime
    expires_at: datetime
    updated_at: datetime
    expired: bool = False
    zipped: bool = True
    content_type: str = ""
    size_in_bytes: int | None = None
    digest: str | None = None
    shows_digest: bool = True
    content_key: str = ""

    @property
    def key(self) -> str:
        return self.content_key or str(self.id)


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


def newest_first(items: list[Any]) -> list[Any]:
    """GitHub lists by id, newest first, which is not quite the order of time (ids are not monotonic)."""
    return sorted(items, key=lambda each: each.id, reverse=True)


def node_id(kind: str, number: int) -> str:
    """An opaque global id in the manner of GitHub's: ``R_`` for a repository, ``WFR_`` for a run."""
    return f"{kind}_" + base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")


def workflow_id(repository_id: int, path: str) -> int:
    """A stable number for a workflow file."""
    return int.from_bytes(hashlib.sha256(f"{repository_id}/{path}".encode()).digest()[:4], "big")


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """A zip with these members: the same bytes each time (fixed date, fixed order as given)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()


def re_run(run: FakeRun, started_at: datetime) -> None:
    """Run it again: same id, next attempt. Artifacts of earlier attempts stay listed, as on GitHub."""
    took = run.updated_at - run.run_started_at
    run.run_attempt += 1
    run.run_started_at = started_at
    run.updated_at = started_at + took
