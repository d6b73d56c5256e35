"""Artifacts as the pages show them: what was read, what was passed over and why, and what the reading cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from dashboard.models import Artifact, Report
from dashboard.queries.readable import readable, readable_path
from dashboard.queries.reports import Detail, ReadMember, Sums, member_of, sums_of
from dashboard.queries.sources import artifact_address
from dashboard.queries.standing import content_id
from dashboard.wording import duration_parts

State = Artifact.State

LONGEST_NAME = 300
NOT_LOOKED_INTO = "not looked into"
WORDS: dict[str, str] = {
    State.LISTED: "waiting to be read",
    State.READ: "read",
    State.SAME: "same bytes as one already read",
    State.PASSED_OVER: "holds no report",
    State.REJECTED: "refused",
    State.EXPIRED: "expired",
    State.SUPERSEDED: "replaced",
    State.FAILED: "not read yet",
}
"""A state in a word or a few, beside the sentence that says why."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading an artifact took in the process that did it; None is unknown."""

    cpu_ms: int | None
    wall_ms: int | None
    peak_bytes: int | None
    output_bytes: int | None

    @property
    def wall_parts(self) -> list[str]:
        """The time as numbers and units by turns, to be set in two sizes."""
        return duration_parts(None if self.wall_ms is None else self.wall_ms / 1_000)


@dataclass(frozen=True, slots=True)
class Other:
    """Another artifact, as far as a link to it needs."""

    github_id: int
    name: str
    run_id: int
    run_number: int | None
    run_attempt: int
    sha: str
    created_at: datetime
    read_at: datetime | None

    @property
    def short(self) -> str:
        return self.sha[:8]


def other_of(artifact: Artifact) -> Other:
    """``artifact`` with its run selected."""
    run = artifact.run
    return Other(
        github_id=artifact.github_id,
        name=readable_path(artifact.name, LONGEST_NAME),
        run_id=run.github_id,
        run_number=run.run_number,
        run_attempt=run.run_attempt,
        sha=run.head_sha,
        created_at=artifact.created_at,
        read_at=artifact.read_at,
    )


@dataclass(frozen=True, slots=True)
class Upload:
    """One artifact. ``sha256`` is of the bytes that were read; before that, what GitHub announced."""

    github_id: int
    name: str
    url: str
    size: int
    sha256: str
    digest: str
    """As GitHub announced it; "" where it announced none."""
    announced: bool
    """The digest is GitHub's word: the bytes were not read here."""
    state: str
    word: str
    reason: str
    looked_into: bool
    created_at: datetime
    expires_at: datetime | None
    has_expired: bool
    read_at: datetime | None
    same_as: Other | None
    """The artifact with the same bytes that was read in place of this one."""
    replaced_by: Other | None
    """The upload of the same name that stands in its place: it counts in no figure itself."""
    superseded: bool
    """A newer upload of its own run replaced it, an earlier attempt's as a rule."""
    reports: tuple[ReadMember, ...]
    sums: Sums
    passed_over: tuple[str, ...]
    passed_over_count: int
    warnings: tuple[str, ...]
    cost: Cost | None

    @property
    def more_reports(self) -> int:
        return self.sums.reports - len(self.reports)

    @property
    def more_passed_over(self) -> int:
        return self.passed_over_count - len(self.passed_over)

    @property
    def why(self) -> str:
        """The reason where its heading has already said that it was not looked into."""
        told = self.reason.removeprefix(f"{NOT_LOOKED_INTO.capitalize()}: ")
        return told[:1].upper() + told[1:]

    @property
    def group(self) -> str:
        """The report group that its name tells; "" where nothing was read."""
        return self.reports[0].group if self.reports else ""

    @property
    def stands(self) -> bool:
        """As far as its own state goes, it counts for its commit."""
        return self.state in Artifact.STANDING and not self.superseded and self.replaced_by is None

    @property
    def is_trouble(self) -> bool:
        return self.state in (State.REJECTED, State.EXPIRED, State.FAILED)

    @property
    def mark(self) -> str:
        if self.state in MARKS:
            return MARKS[self.state]
        if self.sums.failed:
            return "broke"
        return "error" if self.sums.errors or self.sums.refused else "passing"


COST_COLUMNS = ("cpu_ms", "wall_ms", "peak_bytes", "output_bytes")

MARKS: dict[str, str] = {
    State.REJECTED: "error",
    State.EXPIRED: "silent",
    State.FAILED: "silent",
    State.LISTED: "running",
    State.PASSED_OVER: "no-evidence",
    State.SUPERSEDED: "archived",
}


def with_what_is_shown(artifacts: QuerySet[Artifact], detail: Detail) -> QuerySet[Any]:
    """The artifacts with the one that was read for them, and of their long lists no more than is shown."""
    names, warnings = detail.passed_over or 1, detail.warnings or 1
    return (
        artifacts.annotate(
            first_passed_over=F("passed_over")[:names],
            kept_passed_over=F("passed_over__len"),
            first_warnings=F("warnings")[:warnings],
            same_passed_over=F("same_as__passed_over")[:names],
            same_kept_passed_over=F("same_as__passed_over__len"),
            same_warnings=F("same_as__warnings")[:warnings],
        )
        .select_related("same_as__run")
        .defer("passed_over", "warnings", "same_as__passed_over", "same_as__warnings")
    )


def uploads_of(
    artifacts: Sequence[Artifact],
    run_urls: Mapping[int, str],
    reports: Mapping[int, list[Report]],
    standing: Mapping[str, Artifact],
    detail: Detail,
) -> list[Upload]:
    """The artifacts as values. ``run_urls`` by run, ``reports`` by content, ``standing`` by name."""
    return [
        _upload(artifact, run_urls[artifact.run_id], reports.get(content_id(artifact), []), standing, detail)
        for artifact in artifacts
    ]


def _upload(
    artifact: Any, run_url: str, reports: list[Report], standing: Mapping[str, Artifact], detail: Detail
) -> Upload:
    same = artifact.same_as
    content = same or artifact
    named = (artifact.same_passed_over if same else artifact.first_passed_over) or []
    kept = artifact.same_kept_passed_over if same else artifact.kept_passed_over
    told = (artifact.same_warnings if same else artifact.first_warnings) or []
    looked_into = artifact.read_at is not None or artifact.state != State.PASSED_OVER
    stands = standing.get(artifact.name)
    replaced = stands if stands and stands.pk != artifact.pk and artifact.created_at <= stands.created_at else None
    return Upload(
        github_id=artifact.github_id,
        name=readable_path(artifact.name, detail.name),
        url=artifact_address(run_url, artifact.github_id),
        size=artifact.size,
        sha256=artifact.sha256 or artifact.digest,
        digest=artifact.digest,
        announced=not artifact.sha256,
        state=artifact.state,
        word=WORDS[artifact.state] if looked_into else NOT_LOOKED_INTO,
        reason=readable(artifact.reason, detail.sentence),
        looked_into=looked_into,
        created_at=artifact.created_at,
        expires_at=artifact.expires_at,
        has_expired=artifact.expires_at is not None and artifact.expires_at <= timezone.now(),
        read_at=artifact.read_at,
        same_as=other_of(same) if same else None,
        replaced_by=other_of(replaced) if replaced else None,
        superseded=artifact.state == State.SUPERSEDED or bool(replaced and replaced.run_id == artifact.run_id),
        reports=tuple(member_of(report, detail) for report in reports),
        sums=sums_of(reports),
        passed_over=tuple(readable_path(name, detail.name) for name in named[: detail.passed_over]),
        # What was read before all were counted has only the names that were kept.
        passed_over_count=max(content.passed_over_count or 0, kept or 0),
        warnings=tuple(readable(warning, detail.sentence) for warning in told[: detail.warnings]),
        cost=None if same else cost_of(artifact),
    )


def cost_of(artifact: Artifact) -> Cost | None:
    """What its reading took; None where nothing was measured."""
    figures = [getattr(artifact, name) for name in COST_COLUMNS]
    return None if figures == [None] * 4 else Cost(*figures)
