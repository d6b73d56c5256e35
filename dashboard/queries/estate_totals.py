"""The estate in one line of figures: sums over active repositories that the reader may see (contract rule 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.models import Repository
from dashboard.models.figures import percent_of
from dashboard.queries.graph import declared_graph
from dashboard.queries.organization_sums import estate_sums
from dashboard.visibility import Reader

OF_TESTS = ("total", "passed", "failed", "errors", "skipped", "executions")


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
        return percent_of(self.lines_covered, self.lines_valid)


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
    """Four queries, whatever the size."""
    sums = estate_sums(reader)
    newest = (
        Repository.objects.visible_to(reader).active().filter(evidence_at__isnull=False).order_by("-evidence_at")
    )
    graph = declared_graph(reader)
    return EstateTotals(
        as_of=newest.values_list("evidence_at", flat=True).first(),
        organizations=sums["organizations"],
        repositories=RepositoryCounts(
            total=sums["repositories"],
            active=sums["active"],
            archived=sums["repositories"] - sums["active"],
            reporting=sums["reporting"],
        ),
        tests=SummedTests(
            **{name: sums[f"tests_{name}"] if sums["with_tests"] else None for name in OF_TESTS},
            from_logs=sums["tests_from_logs"],
        ),
        coverage=SummedLines(
            lines_valid=sums["lines_valid"] if sums["with_lines"] else None,
            lines_covered=sums["lines_covered"] if sums["with_lines"] else None,
        ),
        workflows=WorkflowCounts(),
        code_files=None,
        dependencies=DependencyCounts(
            edges=len(graph.edges),
            back_edges=len(graph.back_edges),
            cycles=len(graph.cycles),
            missing=len(graph.missing),
        ),
    )
