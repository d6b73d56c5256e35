"""Where a figure comes from: run, artifact, SHA-256 digest, report member (contract rule 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import Coalesce, JSONObject

from dashboard.models import Artifact, Report, WorkflowRun
from dashboard.queries.prepared import prepared
from dashboard.queries.readable import readable, readable_path
from dashboard.queries.rows import Question
from dashboard.queries.standing import newest_of_each_name, uploads_of

GITHUB, RAW = "https://github.com/", "https://raw.githubusercontent.com/"
LONGEST_TITLE = 300
LONGEST_MEMBER = 300


@dataclass(frozen=True, slots=True)
class Address:
    """A page on GitHub that the reader may open; "" where there is none."""

    repository: str

    def commit(self, sha: str) -> str:
        return f"{self.repository}/commit/{sha}" if self.repository else ""

    def compare(self, base: str, head: str) -> str:
        """The commits after ``base`` up to ``head``."""
        return f"{self.repository}/compare/{base}...{head}" if self.repository else ""

    def file(self, sha: str, path: str) -> str:
        return f"{self.repository}/blob/{sha}/{quote(path)}" if self.repository else ""

    def line(self, sha: str, path: str, number: int) -> str:
        return f"{self.file(sha, path)}#L{number}" if self.repository else ""

    def raw(self, sha: str, path: str) -> str:
        """The file's text, for a browser to fetch; "" elsewhere than on github.com, which alone lets others in."""
        known = self.repository.startswith(GITHUB)
        return f"{RAW}{self.repository[len(GITHUB) :]}/{sha}/{quote(path)}" if known else ""


def web_address(url: str) -> str:
    """The address if a browser may open it, else "": what another server sent never becomes a script."""
    return url.rstrip("/") if urlsplit(url).scheme in ("https", "http") else ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a workflow as the pages name it."""

    github_id: int
    title: str
    name: str
    number: int | None
    attempt: int
    workflow: str
    event: str
    branch: str
    sha: str
    status: str
    conclusion: str
    started_at: datetime
    url: str
    counts: bool
    """Whether its evidence moves the trend (rule 1)."""

    @property
    def short(self) -> str:
        return self.sha[:8]


RUN_COLUMNS = (
    *("github_id", "title", "workflow_name", "workflow_path", "run_number", "run_attempt", "event"),
    *("head_branch", "head_sha", "status", "conclusion", "started_at", "url", "is_trend"),
)
"""What ``run_of`` reads."""


def run_of(run: WorkflowRun) -> Run:
    return Run(
        github_id=run.github_id,
        title=readable(run.title, LONGEST_TITLE),
        name=readable(run.workflow_name or run.workflow_path, LONGEST_TITLE),
        number=run.run_number,
        attempt=run.run_attempt,
        workflow=run.workflow_path,
        event=run.event,
        branch=readable(run.head_branch, LONGEST_TITLE),
        sha=run.head_sha,
        status=run.status,
        conclusion=run.conclusion,
        started_at=run.started_at,
        url=web_address(run.url),
        counts=run.is_trend,
    )


@dataclass(frozen=True, slots=True)
class Source:
    """One report behind a figure, with its own counts before any merging (None is unknown)."""

    report_id: int
    kind: str
    format: str
    member: str
    group: str
    artifact: str
    artifact_id: int
    """GitHub's id, as in the artifact's address."""
    artifact_url: str
    sha256: str
    created_at: datetime
    same_bytes: bool
    """The digest was met before: the report was read then, from an artifact with the same bytes."""
    run: Run
    warnings: tuple[str, ...]
    error: str
    tests: int | None
    failing: int | None
    lines_valid: int | None
    lines_covered: int | None

    @property
    def name(self) -> str:
        return self.member or self.artifact


def source_of(report: Any, artifact: Artifact, run: Run) -> Source:
    """``report`` has ``REPORT_COLUMNS``."""
    failing = (report.tests_failed or 0) + (report.tests_errors or 0)
    return Source(
        report_id=report.id,
        kind=report.kind,
        format=report.format,
        member=readable_path(report.member, LONGEST_MEMBER),
        group=report.group,
        artifact=readable_path(artifact.name, LONGEST_MEMBER),
        artifact_id=artifact.github_id,
        artifact_url=artifact_address(run.url, artifact.github_id),
        sha256=artifact.sha256 or artifact.digest,
        created_at=artifact.created_at,
        same_bytes=artifact.same_as_id is not None,
        run=run,
        warnings=tuple(report.warnings),
        error=report.error,
        tests=report.tests_total,
        failing=None if report.tests_total is None else failing,
        lines_valid=report.lines_valid,
        lines_covered=report.lines_covered,
    )


def artifact_address(run_url: str, github_id: int) -> str:
    return f"{run_url}/artifacts/{github_id}" if run_url else ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All reports that stand for one commit (contract rule 2), those that were refused among them."""

    sources: tuple[Source, ...]

    @property
    def tests(self) -> tuple[Source, ...]:
        return tuple(source for source in self.sources if source.kind == "tests" and not source.error)

    @property
    def coverage(self) -> tuple[Source, ...]:
        return tuple(source for source in self.sources if source.kind == "coverage" and not source.error)

    @property
    def refused(self) -> tuple[Source, ...]:
        return tuple(source for source in self.sources if source.error)

    @property
    def run_by_report(self) -> dict[int, Run]:
        return {source.report_id: source.run for source in self.sources}


REPORT_COLUMNS = (
    *("id", "kind", "format", "member", "group", "warnings", "error"),
    *("tests_total", "tests_failed", "tests_errors", "lines_valid", "lines_covered"),
)

UPLOAD_COLUMNS = ("github_id", "name", "sha256", "digest", "created_at", "same_as", "run")


def evidence_of(repository_id: int, sha: str) -> Evidence:
    """The reports behind a commit's figures; one query."""
    if not sha:
        return Evidence(())
    uploads = _uploads_with_reports(repository_id=repository_id, sha=sha)
    return Evidence(
        tuple(
            source_of(SimpleNamespace(**report), artifact, run_of(artifact.run))
            for artifact in newest_of_each_name(uploads)
            for report in getattr(artifact, "found", ())
        )
    )


@prepared
def _uploads_with_reports(*, repository_id: int, sha: str) -> QuerySet[Artifact]:
    reports = Report.objects.filter(artifact=Coalesce(OuterRef("same_as"), OuterRef("pk"))).order_by("id")
    columns = JSONObject(**{name: name for name in REPORT_COLUMNS})
    found = uploads_of(repository_id, sha).annotate(found=ArraySubquery(reports.values(json=columns)))
    return found.only(*UPLOAD_COLUMNS, *(f"run__{column}" for column in RUN_COLUMNS))


NAMING = """
    select r.id from report r join coverage_manifest m on m.id = r.manifest_id
    where r.id = any(%(reports)s) and m.repository_id = %(repository)s and m.file_ids && array(
        select id from source_file where repository_id = %(repository)s and path = %(path)s
    )
"""


def sources_naming(repository_id: int, evidence: Evidence, path: str) -> Question[tuple[Source, ...]]:
    """Of a commit's coverage reports those that name the file."""
    reports = [source.report_id for source in evidence.coverage]
    values = {"reports": reports, "repository": repository_id, "path": path}

    def naming(rows: Sequence[Any]) -> tuple[Source, ...]:
        ids = {row.id for row in rows}
        return tuple(source for source in evidence.coverage if source.report_id in ids)

    return Question(NAMING if reports else "", values, naming)
