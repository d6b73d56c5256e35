"""Where a figure of grade ``log`` comes from: run, job, and the tool whose summary was counted (rule 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.models import JobLog, WorkflowRun
from dashboard.queries.readable import readable
from dashboard.queries.rows import Question, moment
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


RUN_COLUMNS = (
    *("github_id", "title", "workflow_name", "workflow_path", "run_number", "run_attempt", "event", "head_branch"),
    *("head_sha", "status", "conclusion", "started_at", "url", "is_trend"),
)
"""The columns that a run is named by."""
LOG_COLUMNS = (
    *("github_id", "name", "url", "tools", "tests_passed", "tests_failed", "tests_errors", "tests_skipped"),
    *("lines_valid", "lines_covered", "error"),
)
LOGS = f"""
    select l.run_id, {", ".join(f"l.{column}" for column in LOG_COLUMNS)},
           {", ".join(f"run.{column} as run_{column}" for column in RUN_COLUMNS)}
    from job_log l join workflow_run run on run.id = l.run_id
    where l.repository_id = %(repository)s and run.repository_id = %(repository)s and {{wanted}}
    order by run.created_at desc, run.github_id desc, l.name, l.github_id
    limit {MOST_LOGS}
"""  # noqa: S608 - constants of ours
OF_A_COMMIT = LOGS.format(wanted="run.head_sha = %(sha)s and run.is_trend")
OF_A_RUN = LOGS.format(wanted="run.github_id = %(run)s")


def logs_of(repository_id: int, sha: str) -> Question[tuple[Log, ...]]:
    """The logs that stand for a commit: of each workflow file those of its newest run."""
    return Question(OF_A_COMMIT, {"repository": repository_id, "sha": sha}, _standing)


def logs_of_run(repository_id: int, github_id: int) -> Question[tuple[Log, ...]]:
    """Every log of a run that was read, those that told nothing too."""
    values = {"repository": repository_id, "run": github_id}
    return Question(OF_A_RUN, values, lambda rows: tuple(map(_log, rows)))


def _standing(rows: Sequence[Any]) -> tuple[Log, ...]:
    newest: dict[str, int] = {}
    for row in rows:
        newest.setdefault(row.run_workflow_path, row.run_id)
    return tuple(log for row in rows if newest[row.run_workflow_path] == row.run_id and (log := _log(row)).tells)


def _log(found: Any) -> Log:
    row = JobLog(**{column: getattr(found, column) for column in LOG_COLUMNS})
    run = WorkflowRun(**{column: getattr(found, f"run_{column}") for column in RUN_COLUMNS})
    run.started_at = moment(run.started_at)
    return Log(
        id=row.github_id,
        job=readable(row.name, LONGEST_NAME),
        url=web_address(row.url),
        run=run_of(run),
        tools=tuple(row.tools),
        tests=row.tests_total,
        failing=None if row.tests_total is None else (row.tests_failed or 0) + (row.tests_errors or 0),
        lines_valid=row.lines_valid,
        lines_covered=row.lines_covered,
        error=row.error,
    )
