"""The reports that were found in artifacts, each with its own counts before any merging."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from dashboard.models import Artifact, Report
from dashboard.models.figures import percent_of
from dashboard.queries.prepared import prepared_by_keys
from dashboard.queries.readable import readable, readable_path
from dashboard.queries.standing import content_id


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of an artifact is shown: a list names a few members, the artifact's own page all that are kept."""

    members: int
    passed_over: int
    warnings: int
    sentence: int
    """Characters of a warning or an error."""
    name: int
    """Characters of a name or a path."""


LISTED = Detail(members=1, passed_over=0, warnings=0, sentence=300, name=120)
OF_A_RUN = Detail(members=8, passed_over=8, warnings=2, sentence=400, name=140)
WHOLE = Detail(members=100, passed_over=200, warnings=5, sentence=1_000, name=300)


@dataclass(frozen=True, slots=True)
class ReadMember:
    """One report as it was read: its own counts, or the sentence that refuses it."""

    report_id: int
    member: str
    format: str
    kind: str
    group: str
    size: int
    error: str
    warnings: tuple[str, ...]
    more_warnings: int
    meaning: str
    """What the figures mean, where that is not what their names say."""
    tests: int | None
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    duration_ms: int | None
    files: int | None
    lines_valid: int | None
    lines_covered: int | None
    branches_valid: int | None
    branches_covered: int | None

    @property
    def percent(self) -> float | None:
        return percent_of(self.lines_covered, self.lines_valid)

    @property
    def failing(self) -> int | None:
        return None if self.tests is None else (self.failed or 0) + (self.errors or 0)


@dataclass(frozen=True, slots=True)
class Sums:
    """All reports of an artifact together, before any merging; None where none of them tells."""

    reports: int = 0
    refused: int = 0
    tests: int | None = None
    passed: int | None = None
    failed: int | None = None
    errors: int | None = None
    skipped: int | None = None
    duration_ms: int | None = None
    lines_valid: int | None = None
    lines_covered: int | None = None

    @property
    def failing(self) -> int | None:
        return None if self.tests is None else (self.failed or 0) + (self.errors or 0)

    @property
    def read(self) -> int:
        return self.reports - self.refused


SUMMED = ("tests_total", "tests_passed", "tests_failed", "tests_errors", "tests_skipped", "duration_ms")
COVERED = ("lines_valid", "lines_covered")


def reports_by_content(
    repository_id: int, artifacts: Iterable[Artifact], detail: Detail, first: int | None = None, page: int = 1
) -> dict[int, list[Report]]:
    """A page of each artifact's reports, trouble first, each with the sums over all of its artifact; one query.

    ``first`` is the report that is to stand before all others.
    """
    contents = list({content_id(artifact) for artifact in artifacts})
    found: dict[int, list[Report]] = {}
    for report in _reports(detail, page, repository_id=repository_id, contents=contents, first=first):
        found.setdefault(report.artifact_id, []).append(report)
    return found


@prepared_by_keys
def _reports(
    detail: Detail, page: int, *, repository_id: int, contents: list[int], first: int | None
) -> QuerySet[Any]:
    of_all: Any = partial(Window, partition_by=F("artifact_id"))
    sums: dict[str, Any] = {
        "all_reports": of_all(Count("pk")),
        "all_refused": of_all(Count("pk", filter=~Q(error=""))),
    }
    sums |= {f"all_{name}": of_all(Sum(name)) for name in SUMMED}
    exact = Q(lines_valid__isnull=False)
    sums |= {f"all_{name}": of_all(Sum(name, filter=exact)) for name in COVERED}
    rank = Case(
        When(pk=first or 0, then=Value(0)),
        When(~Q(error=""), then=Value(1)),
        When(Q(tests_failed__gt=0) | Q(tests_errors__gt=0), then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = Report.objects.filter(repository_id=repository_id, artifact__any=contents).annotate(
        place=of_all(RowNumber(), order_by=[rank.asc(), F("pk").asc()]), **sums
    )
    rows = rows.annotate(first_warnings=F("warnings")[: detail.warnings or 1], all_warnings=F("warnings__len"))
    wanted = rows.filter(place__gt=(page - 1) * detail.members, place__lte=page * detail.members)
    return wanted.defer("warnings").order_by("artifact_id", "place")


def sums_of(reports: Sequence[Any]) -> Sums:
    if not reports:
        return Sums()
    told = reports[0]
    return Sums(
        reports=told.all_reports,
        refused=told.all_refused,
        tests=told.all_tests_total,
        passed=told.all_tests_passed,
        failed=told.all_tests_failed,
        errors=told.all_tests_errors,
        skipped=told.all_tests_skipped,
        duration_ms=told.all_duration_ms,
        lines_valid=told.all_lines_valid,
        lines_covered=told.all_lines_covered,
    )


def member_of(report: Any, detail: Detail) -> ReadMember:
    """A report as a value; its sentences and their number are cut to ``detail``."""
    return ReadMember(
        report_id=report.pk,
        member=readable_path(report.member, detail.name),
        format=report.format,
        kind=report.kind,
        group=report.group,
        size=report.size,
        error=readable(report.error, detail.sentence),
        warnings=tuple(readable(warning, detail.sentence) for warning in report.first_warnings[: detail.warnings]),
        more_warnings=max(0, report.all_warnings - detail.warnings),
        meaning=readable(report.meaning, detail.sentence),
        tests=report.tests_total,
        passed=report.tests_passed,
        failed=report.tests_failed,
        errors=report.tests_errors,
        skipped=report.tests_skipped,
        duration_ms=report.duration_ms,
        files=report.files,
        lines_valid=report.lines_valid,
        lines_covered=report.lines_covered,
        branches_valid=report.branches_valid,
        branches_covered=report.branches_covered,
    )
