"""The runs of a repository with everything that they uploaded: what was read, what was not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.models import Artifact, Report, WorkflowRun
from dashboard.queries.sources import Run, artifact_address, run_of
from dashboard.queries.standing import content_id

PAGE = 25
# A run may upload one artifact per leg of a large matrix, and an artifact may hold a report per package.
MOST_ARTIFACTS = 400
MOST_REPORTS = 1_000
MOST_MEMBERS = 12


@dataclass(frozen=True, slots=True)
class ReadMember:
    """One report as it was read: its own counts, or the sentence that refuses it."""

    member: str
    format: str
    kind: str
    error: str
    warnings: tuple[str, ...]
    tests: int | None
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    files: int | None
    lines_valid: int | None
    lines_covered: int | None

    @property
    def percent(self) -> float | None:
        return 100 * (self.lines_covered or 0) / self.lines_valid if self.lines_valid else None

    @property
    def failing(self) -> int | None:
        return None if self.tests is None else (self.failed or 0) + (self.errors or 0)


@dataclass(frozen=True, slots=True)
class Upload:
    """One artifact. ``sha256`` is of the bytes that were read; before that, what GitHub announced."""

    name: str
    url: str
    size: int
    sha256: str
    announced: bool
    """The digest is GitHub's word: the bytes were not read here."""
    state: str
    word: str
    reason: str
    created_at: datetime
    expires_at: datetime | None
    read_at: datetime | None
    reports: tuple[ReadMember, ...]
    more_reports: int
    passed_over: tuple[str, ...]
    more_passed_over: int

    @property
    def is_trouble(self) -> bool:
        return self.state in (Artifact.State.REJECTED, Artifact.State.EXPIRED, Artifact.State.FAILED)


@dataclass(frozen=True, slots=True)
class RunWithUploads:
    """A run and its artifacts, newest first."""

    run: Run
    uploads: tuple[Upload, ...]


@dataclass(frozen=True, slots=True)
class Runs:
    """One page of runs, newest first."""

    runs: tuple[RunWithUploads, ...]
    count: int
    page: int
    cut: bool
    """Runs here have more artifacts than one page lists."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))


def runs_of(repository_id: int, page: int = 1, sha: str = "") -> Runs:
    """A page of runs, of one commit where ``sha`` is given; four queries."""
    found = WorkflowRun.objects.filter(repository_id=repository_id)
    if sha:
        found = found.filter(head_sha=sha)
    count = found.count()
    rows = list(found.order_by("-started_at", "-id")[(page - 1) * PAGE : page * PAGE])
    artifacts = list(
        Artifact.objects.filter(repository_id=repository_id, run__in=[row.pk for row in rows]).order_by(
            "-created_at", "-github_id"
        )[: MOST_ARTIFACTS + 1]
    )
    reports = _reports_by_content(repository_id, artifacts[:MOST_ARTIFACTS])
    uploads: dict[int, list[Artifact]] = {}
    for artifact in artifacts[:MOST_ARTIFACTS]:
        uploads.setdefault(artifact.run_id, []).append(artifact)
    runs = []
    for row in rows:
        run = run_of(row)
        listed = (upload_of(a, run.url, reports.get(content_id(a), [])) for a in uploads.get(row.pk, []))
        runs.append(RunWithUploads(run, tuple(listed)))
    return Runs(tuple(runs), count, page, len(artifacts) > MOST_ARTIFACTS)


def _reports_by_content(repository_id: int, artifacts: list[Artifact]) -> dict[int, list[Report]]:
    wanted = {content_id(artifact) for artifact in artifacts}
    found: dict[int, list[Report]] = {}
    reports = Report.objects.filter(repository_id=repository_id, artifact_id__in=wanted).order_by("artifact", "id")
    for report in reports[:MOST_REPORTS]:
        found.setdefault(report.artifact_id, []).append(report)
    return found


def upload_of(artifact: Artifact, run_url: str, reports: list[Report]) -> Upload:
    """An artifact and its reports as values; long lists are cut and counted."""
    return Upload(
        name=artifact.name,
        url=artifact_address(run_url, artifact.github_id),
        size=artifact.size,
        sha256=artifact.sha256 or artifact.digest,
        announced=not artifact.sha256,
        state=artifact.state,
        word=artifact.get_state_display(),
        reason=artifact.reason,
        created_at=artifact.created_at,
        expires_at=artifact.expires_at,
        read_at=artifact.read_at,
        reports=tuple(map(_member, reports[:MOST_MEMBERS])),
        more_reports=max(0, len(reports) - MOST_MEMBERS),
        passed_over=tuple(artifact.passed_over[:MOST_MEMBERS]),
        more_passed_over=max(0, len(artifact.passed_over) - MOST_MEMBERS),
    )


def _member(report: Report) -> ReadMember:
    return ReadMember(
        member=report.member,
        format=report.format,
        kind=report.kind,
        error=report.error,
        warnings=tuple(report.warnings),
        tests=report.tests_total,
        passed=report.tests_passed,
        failed=report.tests_failed,
        errors=report.tests_errors,
        skipped=report.tests_skipped,
        files=report.files,
        lines_valid=report.lines_valid,
        lines_covered=report.lines_covered,
    )
