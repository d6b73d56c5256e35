"""The points of grade ``log``: what stored logs tell of commits that no report stands for (contract rule 12).

Computed from what is stored, so that doing it twice ends in the same points. A report takes the place of its
commit's point, and removes those that it is carried to; older points stay in the trend, marked as what they are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Min

from collectors.logs.counts import Counts, Lines, LogCounts
from collectors.logs.together import CommitCounts, together
from dashboard.models import JobLog, Repository, Snapshot, WorkflowRun
from dashboard.models.figures import FIGURE_NAMES

REPORT, LOG = Repository.Evidence.REPORT, Repository.Evidence.LOG


def put_points(repository: Repository) -> bool:
    """Bring the repository's points of grade ``log`` up to date; True when any changed."""
    points = Snapshot.objects.filter(repository=repository)
    before = {row.sha: row for row in points.filter(evidence=LOG)}
    runs = _standing_runs(repository) if repository.reads_logs else {}
    if not before and not runs:
        return False
    reports = points.filter(evidence=REPORT)
    reported = set(reports.values_list("sha", flat=True))
    moments = sorted(reports.reachable().values_list("ordered_at", flat=True))
    kept, changed = set(), False
    for sha, of_commit in runs.items():
        values = _values(repository, sha, of_commit)
        if values is None or sha in reported or _carried_to(values["ordered_at"], moments):
            continue
        kept.add(sha)
        if sha not in before or any(getattr(before[sha], name) != value for name, value in values.items()):
            Snapshot.objects.update_or_create(repository=repository, sha=sha, defaults=values)
            changed = True
    gone = [row.pk for sha, row in before.items() if sha not in kept]
    if gone:
        Repository.objects.filter(pk=repository.pk, latest__in=gone).update(latest=None)
        Snapshot.objects.filter(pk__in=gone).delete()
    return changed or bool(gone)


def _carried_to(moment: datetime, reports: Sequence[datetime]) -> bool:
    """Whether a report of an earlier commit is near enough to stand in."""
    oldest = moment - timedelta(days=settings.CARRY_FORWARD_DAYS)
    return bisect_right(reports, moment) > bisect_left(reports, oldest)


def _standing_runs(repository: Repository) -> dict[str, list[WorkflowRun]]:
    """By commit the newest run of each workflow file whose jobs' logs were read (rule 2)."""
    read = WorkflowRun.objects.filter(repository=repository, is_trend=True, logs_read_attempt__isnull=False)
    standing: dict[str, dict[str, WorkflowRun]] = defaultdict(dict)
    for run in read.order_by("-created_at", "-github_id").prefetch_related("job_logs"):
        standing[run.head_sha].setdefault(run.workflow_path, run)
    return {sha: list(runs.values()) for sha, runs in standing.items()}


def _values(repository: Repository, sha: str, runs: Sequence[WorkflowRun]) -> dict[str, Any] | None:
    """What the commit's point says; None where its logs tell nothing, or not all of them could be read."""
    logs = {run: list(run.job_logs.all()) for run in runs}
    told = together(
        (run.workflow_path, log.name, _counts(log))
        for run, rows in logs.items()
        if not any(log.error for log in rows)
        for log in rows
    )
    if told.tests is None and told.lines is None:
        return None
    telling = [run for run, rows in logs.items() if any(log.tools or log.lines_valid for log in rows)]
    newest = max(telling, key=lambda run: run.updated_at)
    of_commit = WorkflowRun.objects.filter(repository=repository, head_sha=sha, is_trend=True)
    first_start = of_commit.aggregate(first=Min("created_at"))["first"]
    committed_at = newest.committed_at
    return {
        "committed_at": committed_at,
        "ordered_at": min(committed_at, first_start) if committed_at else first_start,
        "run_started_at": first_start,
        "run_id": newest.pk,
        "title": newest.title,
        "evidence": LOG,
        "evidence_at": newest.updated_at,
        "complete": True,
        "missing_legs": [],
        "settled": True,
        **_figures(told),
    }


def _figures(told: CommitCounts) -> dict[str, int | None]:
    figures: dict[str, int | None] = dict.fromkeys(FIGURE_NAMES)
    if told.tests is not None:
        tests = told.tests
        figures |= {
            "tests_total": tests.total,
            "tests_passed": tests.passed,
            "tests_failed": tests.failed,
            "tests_errors": tests.errors,
            "tests_skipped": tests.skipped,
            "tests_executions": told.executions,
            "duration_ms": None if tests.seconds is None else round(tests.seconds * 1000),
        }
    if told.lines is not None:
        figures |= {"lines_valid": told.lines.valid, "lines_covered": told.lines.covered}
    return figures


def _counts(log: JobLog) -> LogCounts:
    tests = lines = None
    if log.tests_passed is not None:
        seconds = None if log.duration_ms is None else log.duration_ms / 1000
        tests = Counts(
            log.tests_passed, log.tests_failed or 0, log.tests_errors or 0, log.tests_skipped or 0, seconds
        )
    if log.lines_valid is not None:
        lines = Lines(log.lines_valid, log.lines_covered or 0)
    return LogCounts(tests, lines, log.tools)
