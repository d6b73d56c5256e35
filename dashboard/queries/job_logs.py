"""Where a figure of grade ``log`` comes from: run, job, and the tool whose summary was counted (rule 10)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from dashboard.models import JobLog
from dashboard.queries.readable import readable
from dashboard.queries.sources import Run, run_of, web_address

LONGEST_NAME = 300
MOST_LOGS = 200


@dataclass(frozen=True, slots=True)
class Log:
    """What one job's log told, before the jobs of a matrix are put together (None is unknown)."""

    id: int
    job: str
    url: str
    """The job's page on GitHub, which shows the log; "" where a browser may not open it."""
    run: Run
    tools: tuple[str, ...]
    tests: int | None
    failing: int | None
    lines_valid: int | None
    lines_covered: int | None
    error: str

    @property
    def tells(self) -> bool:
        return self.tests is not None or self.lines_valid is not None


def logs_of(repository_id: int, sha: str) -> tuple[Log, ...]:
    """The logs that stand for a commit: of each workflow file those of its newest run; one query."""
    rows = _rows(JobLog.objects.filter(repository=repository_id, run__head_sha=sha, run__is_trend=True))
    newest: dict[str, int] = {}
    for row in rows:
        newest.setdefault(row.run.workflow_path, row.run_id)
    return tuple(log for row in rows if newest[row.run.workflow_path] == row.run_id and (log := _log(row)).tells)


def logs_of_run(repository_id: int, github_id: int) -> tuple[Log, ...]:
    """Every log of a run that was read, those that told nothing too; one query."""
    return tuple(map(_log, _rows(JobLog.objects.filter(repository=repository_id, run__github_id=github_id))))


def _rows(logs: QuerySet[JobLog]) -> list[JobLog]:
    return list(
        logs.select_related("run").order_by("-run__created_at", "-run__github_id", "name", "github_id")[:MOST_LOGS]
    )


def _log(row: JobLog) -> Log:
    return Log(
        id=row.github_id,
        job=readable(row.name, LONGEST_NAME),
        url=web_address(row.url),
        run=run_of(row.run),
        tools=tuple(row.tools),
        tests=row.tests_total,
        failing=None if row.tests_total is None else (row.tests_failed or 0) + (row.tests_errors or 0),
        lines_valid=row.lines_valid,
        lines_covered=row.lines_covered,
        error=row.error,
    )
