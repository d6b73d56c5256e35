"""The estate in one line of figures: sums over active repositories that the reader may see (contract rule 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, Sum

from dashboard.models import Repository
from dashboard.queries.graph import declared_graph
from dashboard.visibility import Reader

ACTIVE = Q(archived=False)
REPORTED = ACTIVE & Q(evidence=Repository.Evidence.REPORT)
LOGGED = ACTIVE & Q(evidence=Repository.Evidence.LOG)
# A repository whose valid lines are unknown would weigh on one side of the fraction only (rule 5).
MEASURED = REPORTED & Q(lines_valid__isnull=False)

SUMS = {
    "organizations": Count("organization", distinct=True),
    "total": Count("pk"),
    "active": Count("pk", filter=ACTIVE),
    "reporting": Count("pk", filter=REPORTED),
    "as_of": Max("evidence_at", filter=ACTIVE),
    "tests": Sum("tests_total", filter=REPORTED),
    "passed": Sum("tests_passed", filter=REPORTED),
    "failed": Sum("tests_failed", filter=REPORTED),
    "errors": Sum("tests_errors", filter=REPORTED),
    "skipped": Sum("tests_skipped", filter=REPORTED),
    "executions": Sum("tests_executions", filter=REPORTED),
    "from_logs": Sum("tests_total", filter=LOGGED, default=0),
    "valid": Sum("lines_valid", filter=MEASURED),
    "covered": Sum("lines_covered", filter=MEASURED),
}


@dataclass(frozen=True, slots=True)
class RepositoryCounts:
    """``reporting``: active ones whose newest evidence is a report."""

    total: int
    active: int
    archived: int
    reporting: int


@dataclass(frozen=True, slots=True)
class SummedTests:
    """None throughout while no active repository has a report of tests; ``from_logs`` stands beside the total."""

    total: int | None
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    executions: int | None
    from_logs: int


@dataclass(frozen=True, slots=True)
class SummedLines:
    """Weighted by lines, over the repositories whose valid lines are known."""

    lines_valid: int | None
    lines_covered: int | None

    @property
    def percent(self) -> float | None:
        return 100 * (self.lines_covered or 0) / self.lines_valid if self.lines_valid else None


@dataclass(frozen=True, slots=True)
class WorkflowCounts:
    """Not collected yet, so unknown."""

    total: int | None = None
    reusable: int | None = None
    callers: int | None = None


@dataclass(frozen=True, slots=True)
class DependencyCounts:
    edges: int
    back_edges: int
    cycles: int
    missing: int


@dataclass(frozen=True, slots=True)
class EstateTotals:
    """``as_of`` is when the newest artifact that counts was made."""

    as_of: datetime | None
    organizations: int
    repositories: RepositoryCounts
    tests: SummedTests
    coverage: SummedLines
    workflows: WorkflowCounts
    code_files: int | None
    dependencies: DependencyCounts


def estate_totals(reader: Reader) -> EstateTotals:
    """Three queries, whatever the size."""
    found = Repository.objects.visible_to(reader).aggregate(**SUMS)
    graph = declared_graph(reader)
    return EstateTotals(
        as_of=found["as_of"],
        organizations=found["organizations"],
        repositories=RepositoryCounts(
            total=found["total"],
            active=found["active"],
            archived=found["total"] - found["active"],
            reporting=found["reporting"],
        ),
        tests=SummedTests(
            total=found["tests"],
            **{name: found[name] for name in ("passed", "failed", "errors", "skipped", "executions", "from_logs")},
        ),
        coverage=SummedLines(lines_valid=found["valid"], lines_covered=found["covered"]),
        workflows=WorkflowCounts(),
        code_files=None,
        dependencies=DependencyCounts(
            edges=len(graph.edges),
            back_edges=len(graph.back_edges),
            cycles=len(graph.cycles),
            missing=len(graph.missing),
        ),
    )
