"""What an estate is made of: plain values with GitHub's own fields, the ids and the zips that they need.

Times are aware datetimes in UTC. ``estate`` gives whatever is not given here a sensible value.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Content = bytes | Callable[[], bytes]

ATTEMPTS, JOBS = 100, 1_000
"""More than a run has; a job's id is made of three numbers."""


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
    """A tag on a commit; an annotated one is an object of its own that names it.

    ``release`` is the title of the release made of it: "" is one without a title, None is no release.
    """

    name: str
    sha: str
    at: datetime
    annotated: bool = False
    release: str | None = None
    draft: bool = False


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


def newest_first(items: list[Any]) -> list[Any]:
    """GitHub lists by id, newest first, which is not quite the order of time (ids are not monotonic)."""
    return sorted(items, key=lambda each: each.id, reverse=True)


def node_id(kind: str, number: int) -> str:
    """An opaque global id in the manner of GitHub's: ``R_`` for a repository, ``WFR_`` for a run."""
    return f"{kind}_" + base64.urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")


def workflow_id(repository_id: int, path: str) -> int:
    """A stable number for a workflow file."""
    return int.from_bytes(hashlib.sha256(f"{repository_id}/{path}".encode()).digest()[:4], "big")


def job_id(run: FakeRun, place: int) -> int:
    return (run.id * ATTEMPTS + run.run_attempt) * JOBS + place


def place_of_job(number: int) -> tuple[int, int, int]:
    """The run's id, the attempt and the job's place that an id of a job is made of."""
    rest, place = divmod(number, JOBS)
    return (*divmod(rest, ATTEMPTS), place)


def stamp(moment: datetime) -> str:
    """A time as GitHub writes it: UTC, whole seconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
