"""What the API answers of runs and artifacts, and what it is asked."""

from __future__ import annotations

from datetime import datetime

from ninja import Field

from dashboard.api.schemas import LARGEST_PAGE, Answer, Parameters

SHA = r"^[0-9A-Fa-f]{7,64}$"


class RunsParameters(Parameters):
    commit: str | None = Field(None, pattern=SHA, description="a whole commit SHA")
    page: int = Field(1, ge=1, description="a whole number from 1 up")
    page_size: int = Field(25, ge=1, le=LARGEST_PAGE, description=f"a whole number from 1 to {LARGEST_PAGE}")


class PageParameters(Parameters):
    page: int = Field(1, ge=1, description="a whole number from 1 up")


class ReportedTests(Answer):
    total: int
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    duration_seconds: float | None


class ReportedLines(Answer):
    files: int | None
    lines_valid: int | None = Field(description="null where only the executed lines are known")
    lines_covered: int | None
    branches_valid: int | None
    branches_covered: int | None
    percent: float | None


class Report(Answer):
    """One report as it was read: its own counts before any merging, or why it was refused."""

    member: str = Field(description="name inside the zip; empty for a single file")
    format: str
    kind: str
    group: str
    size: int
    error: str | None
    warnings: list[str]
    meaning: str | None = Field(description="what the figures mean, where that is not what their names say")
    tests: ReportedTests | None
    coverage: ReportedLines | None


class Sandbox(Answer):
    """What reading the artifact used."""

    cpu_ms: int | None
    wall_ms: int | None
    peak_bytes: int | None
    output_bytes: int | None


class Artifact(Answer):
    id: int = Field(description="GitHub's")
    name: str
    state: str
    looked_into: bool = Field(description="false: its name or a pattern left it out, and it was not downloaded")
    reason: str | None
    size: int
    sha256: str | None = Field(description="of the bytes that were read; null where they were not")
    digest: str | None = Field(description="SHA-256 as GitHub announced it")
    created_at: datetime
    expires_at: datetime | None
    read_at: datetime | None
    same_as: int | None = Field(description="the artifact with the same bytes that was read in its place")
    replaced_by: int | None = Field(description="the newer upload that stands in its place, as far as it is known")
    report_count: int
    tests: int | None
    failing: int | None
    passed_over_count: int
    sandbox: Sandbox | None = Field(description="null where nothing was read or measured")


class ArtifactWithReports(Artifact):
    reports: list[Report]
    passed_over: list[str] = Field(description="names of members that are no report, the first of them")
    warnings: list[str]


class Run(Answer):
    id: int = Field(description="GitHub's")
    number: int | None
    attempt: int
    name: str
    title: str
    workflow: str
    event: str
    branch: str
    sha: str
    status: str
    conclusion: str | None
    started_at: datetime
    url: str | None
    counts: bool = Field(description="whether its evidence moves the trend")
    artifact_count: int


class RunWithArtifacts(Run):
    artifacts: list[Artifact] = Field(description="the newest of them")


class RunPage(Answer):
    count: int
    next: str | None
    previous: str | None
    results: list[RunWithArtifacts]


class WholeRun(Run):
    why_not: str | None = Field(description="why it does not count")
    artifacts: list[ArtifactWithReports] = Field(description="one page of them, each with its first reports")
    next: str | None
    previous: str | None


class WholeArtifact(ArtifactWithReports):
    run: Run
    counts: bool = Field(description="its commit's figures are put together from its reports, among others")
    next: str | None = Field(description="further reports")
    previous: str | None
