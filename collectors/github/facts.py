"""What GitHub says of a repository, a run and an artifact, as typed values.

``from_json`` takes the object as GitHub answers it and minds that a field may be null or missing: GitHub
Enterprise Server lags behind github.com, and uploads from before upload-artifact 4 have no digest. Only the id
must be there. Times are aware datetimes; a field that GitHub does not give is None, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from .errors import UnexpectedAnswer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """A repository; ``id`` and ``node_id`` stay when it is renamed or transferred, ``full_name`` does not."""

    id: int
    node_id: str
    full_name: str
    owner: str
    owner_id: int | None
    name: str
    default_branch: str
    url: str
    description: str
    archived: bool
    disabled: bool
    fork: bool
    private: bool
    visibility: str
    language: str
    topics: tuple[str, ...]
    size_kilobytes: int | None
    created_at: datetime | None
    pushed_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        full_name = _text(data.get("full_name"))
        owner, _, name = full_name.partition("/")
        private = bool(data.get("private"))
        return cls(
            id=_id(data, "repository"),
            node_id=_text(data.get("node_id")),
            full_name=full_name,
            owner=_text(_nested(data, "owner").get("login")) or owner,
            owner_id=_number(_nested(data, "owner").get("id")),
            name=_text(data.get("name")) or name,
            default_branch=_text(data.get("default_branch")),
            url=_text(data.get("html_url")),
            description=_text(data.get("description")),
            archived=bool(data.get("archived")),
            disabled=bool(data.get("disabled")),
            fork=bool(data.get("fork")),
            private=private,
            visibility=_text(data.get("visibility")) or ("private" if private else "public"),
            language=_text(data.get("language")),
            topics=tuple(topic for topic in data.get("topics") or () if isinstance(topic, str)),
            size_kilobytes=_number(data.get("size")),
            created_at=moment(data.get("created_at")),
            pushed_at=moment(data.get("pushed_at")),
            updated_at=moment(data.get("updated_at")),
        )


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A workflow run, as its latest attempt stands.

    ``workflow_path`` is without the ``@ref`` that GitHub adds for required workflows. ``head_repository_id`` is
    None where the fork was deleted. ``conclusion`` is '' until the run has ended. ``committed_at`` is the
    committer's date of ``head_sha``; ``run_started_at`` is reset by a re-run, ``created_at`` is not.
    """

    id: int
    repository_id: int | None
    head_repository_id: int | None
    workflow_id: int | None
    workflow_name: str
    workflow_path: str
    run_number: int
    run_attempt: int
    event: str
    status: str
    conclusion: str
    head_branch: str
    head_sha: str
    display_title: str
    url: str
    committed_at: datetime | None
    created_at: datetime | None
    run_started_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            id=_id(data, "run"),
            repository_id=_number(_nested(data, "repository").get("id")),
            # Some answers carry the id beside the object, or instead of it.
            head_repository_id=_number(_nested(data, "head_repository").get("id"))
            or _number(data.get("head_repository_id")),
            workflow_id=_number(data.get("workflow_id")),
            workflow_name=_text(data.get("name")),
            workflow_path=_text(data.get("path")).partition("@")[0],
            run_number=_number(data.get("run_number")) or 0,
            run_attempt=_number(data.get("run_attempt")) or 1,
            event=_text(data.get("event")),
            status=_text(data.get("status")),
            conclusion=_text(data.get("conclusion")),
            head_branch=_text(data.get("head_branch")),
            head_sha=_text(data.get("head_sha")),
            display_title=_text(data.get("display_title")),
            url=_text(data.get("html_url")),
            committed_at=moment(_nested(data, "head_commit").get("timestamp")),
            created_at=moment(data.get("created_at")),
            run_started_at=moment(data.get("run_started_at")) or moment(data.get("created_at")),
            updated_at=moment(data.get("updated_at")),
        )


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job of a run's newest attempt; ``run_attempt`` is that in which it ran."""

    id: int
    name: str
    run_attempt: int
    status: str
    conclusion: str
    url: str
    completed_at: datetime | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            id=_id(data, "job"),
            name=_text(data.get("name")),
            run_attempt=_number(data.get("run_attempt")) or 1,
            status=_text(data.get("status")),
            conclusion=_text(data.get("conclusion")),
            url=_text(data.get("html_url")),
            completed_at=moment(data.get("completed_at")),
        )


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """An artifact; ``digest`` is ``sha256:…`` or '' where GitHub has none. The run is null once it is deleted."""

    id: int
    node_id: str
    name: str
    size_bytes: int | None
    digest: str
    expired: bool
    created_at: datetime | None
    expires_at: datetime | None
    updated_at: datetime | None
    run_id: int | None
    repository_id: int | None
    head_repository_id: int | None
    head_branch: str
    head_sha: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        run = _nested(data, "workflow_run")
        return cls(
            id=_id(data, "artifact"),
            node_id=_text(data.get("node_id")),
            name=_text(data.get("name")),
            size_bytes=_number(data.get("size_in_bytes")),
            digest=_text(data.get("digest")),
            expired=bool(data.get("expired")),
            created_at=moment(data.get("created_at")),
            expires_at=moment(data.get("expires_at")),
            updated_at=moment(data.get("updated_at")),
            run_id=_number(run.get("id")),
            repository_id=_number(run.get("repository_id")),
            head_repository_id=_number(run.get("head_repository_id")),
            head_branch=_text(run.get("head_branch")),
            head_sha=_text(run.get("head_sha")),
        )


def moment(value: object) -> datetime | None:
    """An ISO 8601 time as an aware datetime; one without a zone is UTC; anything else is None."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _id(data: Json, noun: str) -> int:
    number = _number(data.get("id"))
    if number is None:
        raise UnexpectedAnswer(f"GitHub described a {noun} without an id: try again later.")
    return number


def _nested(data: Json, key: str) -> Json:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
