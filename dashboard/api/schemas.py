"""What the API answers and what it is asked, as the OpenAPI description tells it (contract section 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationInfo, field_validator

from dashboard.queries.listing import SORTS

SORT_KEYS: list[JsonValue] = [sign + name for name in SORTS for sign in ("", "-")]
LARGEST_PAGE = 200
LONGEST_TREND_DAYS = 36_500
HeadState = Literal["reported", "running", "failed_before_reports", "no_reports", "expired"]


class Parameters(Schema):
    """``description`` of each field completes the sentence "… makes no sense: use …"."""

    @field_validator("*", mode="before")
    @classmethod
    def empty_is_absent(cls, value: Any, info: ValidationInfo) -> Any:
        """A form sends every field; one left empty asks for nothing."""
        return cls.model_fields[str(info.field_name)].default if value == "" else value

    @field_validator("*", mode="after")
    @classmethod
    def has_no_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("holds a NUL character")
        return value


class RepositoryParameters(Parameters):
    org: str | None = Field(None, max_length=100, description="an organization's login, in any case")
    tag: str | None = Field(None, max_length=60, description="a tag, as it is written")
    q: str | None = Field(
        None, max_length=200, description="words that the full name holds, at most 200 characters"
    )
    status: Literal["active", "archived"] | None = Field(None, description="active or archived")
    sort: str = Field(
        "name", description="one of " + ", ".join(map(str, SORT_KEYS)), json_schema_extra={"enum": SORT_KEYS}
    )
    page: int = Field(1, ge=1, description="a whole number from 1 up")
    page_size: int = Field(50, ge=1, le=LARGEST_PAGE, description=f"a whole number from 1 to {LARGEST_PAGE}")

    @field_validator("sort")
    @classmethod
    def sort_is_known(cls, value: str) -> str:
        if value not in SORT_KEYS:
            raise ValueError("is not a known order")
        return value


class TrendParameters(Parameters):
    days: int = Field(
        90, ge=1, le=LONGEST_TREND_DAYS, description=f"a whole number from 1 to {LONGEST_TREND_DAYS:,}"
    )


class Answer(BaseModel):
    """Read from the values that queries return. Not ninja's own base, which asks for each attribute through Python:
    that was half of the time of a long trend."""

    model_config = ConfigDict(from_attributes=True)


class Refusal(Answer):
    """What was wrong, in one sentence."""

    detail: str


class SummedTests(Answer):
    total: int | None
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    executions: int | None = Field(description="standing legs, skipped ones too, retries not")
    from_logs: int = Field(description="known only from a job's log; not in total")


class SummedLines(Answer):
    lines_valid: int | None
    lines_covered: int | None
    percent: float | None = Field(description="unrounded; null when the valid lines are unknown or none")


class RepositoryCounts(Answer):
    total: int
    active: int
    archived: int
    reporting: int = Field(description="active repositories whose newest evidence is a report")


class WorkflowCounts(Answer):
    total: int | None
    reusable: int | None
    callers: int | None


class DependencyCounts(Answer):
    edges: int
    back_edges: int
    cycles: int = Field(description="sets of repositories that all depend on one another")
    missing: int


class Estate(Answer):
    """Sums over active repositories; null is unknown."""

    as_of: datetime | None = Field(description="when the newest artifact that counts was made")
    organizations: int
    repositories: RepositoryCounts
    tests: SummedTests
    coverage: SummedLines
    workflows: WorkflowCounts
    code_files: int | None
    dependencies: DependencyCounts


class CountedTests(Answer):
    total: int
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    executions: int | None
    from_logs: int = Field(description="total where it was counted in a job's log, else 0")
    carried: bool = Field(description="some of the figures, or all, are an earlier commit's")
    sha: str = Field(description="the commit that the figures are of; carried: the oldest that some are of")
    committed_at: datetime | None


class CoveredLines(Answer):
    lines_valid: int | None = Field(description="null where only the executed lines are known")
    lines_covered: int
    branches_valid: int | None
    branches_covered: int | None
    percent: float | None
    carried: bool
    sha: str = Field(description="as for tests")
    committed_at: datetime | None


class Point(Answer):
    sha: str
    committed_at: datetime | None
    tests: CountedTests | None
    coverage: CoveredLines | None


class Latest(Point):
    """The newest commit with evidence."""

    evidence: Literal["report", "log", "none"] = Field(
        description="log: counted in the jobs' logs, because no report was uploaded; in no total"
    )
    incomplete: list[str] = Field(description="legs that are missing on this commit")


class Head(Answer):
    sha: str | None
    committed_at: datetime | None
    state: HeadState
    run_url: str | None


class Repository(Answer):
    full_name: str
    organization: str
    status: Literal["active", "archived"]
    default_branch: str | None
    url: str | None
    head: Head
    latest: Latest | None


class RepositoryPage(Answer):
    count: int
    next: str | None
    previous: str | None
    results: list[Repository]


class Trend(Answer):
    """Oldest first, one for each commit with evidence of its own."""

    points: list[Point]
