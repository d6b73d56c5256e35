"""What the API answers of tests, of the coverage of folders and files and of two commits, and what it is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field
from pydantic import JsonValue, field_validator

from dashboard.api.schemas import LARGEST_PAGE, Answer, Parameters
from dashboard.queries.case_list import OUTCOMES, SORTS, VIEWS

Outcome = Literal["passed", "failed", "error", "skipped"]
TEST_SORTS: list[JsonValue] = list(SORTS)
COMMIT = r"^[0-9A-Fa-f]{7,64}$"


class Paged(Parameters):
    page: int = Field(1, ge=1, le=100_000, description="a whole number from 1 up")
    page_size: int = Field(50, ge=1, le=LARGEST_PAGE, description=f"a whole number from 1 to {LARGEST_PAGE}")


class TestsParameters(Paged):
    outcome: Literal["passed", "failed", "error", "skipped", "failing", "flaky"] | None = Field(
        None, description="one of " + ", ".join(OUTCOMES)
    )
    q: str | None = Field(
        None, max_length=200, description="words that class, suite or name hold, at most 200 characters"
    )
    group: str | None = Field(None, max_length=200, description="a report group, as it is written")
    view: Literal["failing", "slowest", "new", "removed", "skipped", "all"] = Field(
        "all", description="one of " + ", ".join(VIEWS)
    )
    sort: str | None = Field(
        None, description="one of " + ", ".join(SORTS), json_schema_extra={"enum": [*TEST_SORTS, None]}
    )

    @field_validator("sort")
    @classmethod
    def sort_is_known(cls, value: str | None) -> str | None:
        if value is not None and value not in SORTS:
            raise ValueError("is not a known order")
        return value


class HistoryParameters(Paged):
    days: int = Field(365, ge=1, le=365, description="a whole number from 1 to 365")


class CoverageParameters(Paged):
    path: str | None = Field(None, max_length=1_000, description="a folder or a file, as its reports name it")


class CompareParameters(Parameters):
    base: str | None = Field(None, pattern=COMMIT, description="a commit's SHA, or its first 7 characters or more")
    head: str | None = Field(None, pattern=COMMIT, description="a commit's SHA, or its first 7 characters or more")


class Test(Answer):
    id: int
    group: str
    class_: str = Field(alias="class")
    name: str
    outcome: Outcome = Field(description="over all legs; of a removed test on its last commit")
    flaky: bool
    duration_seconds: float | None = Field(description="the longest of its legs, to within 4.2 %")


class TestPage(Answer):
    count: int
    next: str | None
    previous: str | None
    results: list[Test]


class Leg(Answer):
    artifact: str
    artifact_id: int = Field(description="GitHub's")
    run_id: int = Field(description="GitHub's")
    member: str
    outcome: Outcome
    flaky: bool
    duration_seconds: float | None


class TestOnCommit(Answer):
    sha: str
    committed_at: datetime | None
    outcome: Outcome
    flaky: bool
    duration_seconds: float | None
    legs: list[Leg] = Field(description="each report that has it; empty where they are kept no more")


class SuspectCommits(Answer):
    """A failing test was broken by a commit after ``good``, up to ``bad``."""

    good: str | None = Field(description="the last commit that it passed on; null: none in this range")
    bad: str | None = Field(description="the first commit of its present failures; null: before this range")


class FailureText(Answer):
    message: str
    commits: int
    first_sha: str
    first_seen_at: datetime
    last_sha: str
    last_seen_at: datetime


class TestHistory(Answer):
    """Newest first, one for each commit that has the test."""

    test: Test | None = Field(description="null: it is on no commit of the trend")
    first_seen_at: datetime | None
    last_seen_at: datetime | None = Field(description="null while it is there")
    failing_since: datetime | None
    suspects: SuspectCommits | None = Field(description="null unless it fails")
    messages: list[FailureText] = Field(description="its distinct failure texts, the ten that were seen last")
    count: int
    next: str | None
    previous: str | None
    results: list[TestOnCommit]


class Lines(Answer):
    lines_valid: int | None = Field(description="null where only the executed lines are known")
    lines_covered: int | None
    percent: float | None


class FolderLines(Lines):
    path: str = Field(description="with its last slash; empty at the top")
    files: int


class FileLines(Lines):
    path: str
    lines_partial: int | None
    branches_valid: int | None
    branches_covered: int | None
    resolved: bool = Field(description="found in the repository's tree")


class FolderPage(Answer):
    """A folder's totals, the folders in it, and in ``results`` the files in it; of a file, itself."""

    sha: str | None = Field(description="the commit; null: no commit tells of coverage")
    path: str
    totals: FolderLines
    folders: list[FolderLines] = Field(description="the first 1,000 by name")
    count: int
    next: str | None
    previous: str | None
    results: list[FileLines]


LineState = Annotated[
    tuple[int, Literal["covered", "partial", "missed"], int | None],
    Field(description="number, state, hits (null: not counted)"),
]


class FileWithLines(FileLines):
    sha: str
    lines: list[LineState] = Field(description="executable lines, the first 20,000")


class TestOnBoth(Answer):
    id: int
    group: str
    class_: str = Field(alias="class")
    name: str
    base: Outcome | None = Field(description="null: not there")
    head: Outcome | None


class ComparedTests(Answer):
    """The first 500 of each; ``counts`` counts all."""

    added: list[TestOnBoth]
    removed: list[TestOnBoth]
    changed: list[TestOnBoth] = Field(description="those that ended otherwise")
    counts: dict[str, int]


class ComparedFile(Answer):
    path: str
    base: Lines | None = Field(description="null: not there")
    head: Lines | None


class ComparedLines(Answer):
    """The first 500 files of each; ``counts`` counts all. Changed: not the same lines, or not the same hits."""

    base: Lines | None
    head: Lines | None
    percent_change: float | None = Field(description="percentage points, unrounded")
    added: list[ComparedFile]
    removed: list[ComparedFile]
    changed: list[ComparedFile]
    counts: dict[str, int]


class ComparedCommit(Answer):
    sha: str
    committed_at: datetime | None
    tests: int | None
    failing: int | None


class Comparison(Answer):
    base: ComparedCommit
    head: ComparedCommit
    tests: ComparedTests
    coverage: ComparedLines
