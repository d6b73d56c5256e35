"""Counts out of jobs' logs, for a repository that uploads no report (contract rule 12).

    newest commits without a report ─▶ unread runs ─▶ jobs ─▶ each log ─▶ locked-down child ─▶ job_log rows
                                                                                                    │
                                          a point of grade ``log`` on each commit (log_points) ◀────┘

A run's list of jobs and each of its logs is a request, made once for an attempt. A workflow whose last runs told
nothing is asked again after a week. No trouble with a log fails a repository.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from collectors.github.client import GitHubClient
from collectors.github.errors import ConnectionTrouble, GitHubError, RateLimited, ServerTrouble
from collectors.github.facts import JobFacts
from collectors.log_points import put_points
from collectors.logs.counts import LogCounts
from collectors.logs.lines import MOST_BYTES
from collectors.parsers.text import storable
from collectors.rollup import refresh_repository
from collectors.sandbox import SandboxError, run_safely
from dashboard.models import Artifact, JobLog, Repository, Snapshot, WorkflowRun

logger = logging.getLogger(__name__)

COMMITS = 5
"""The newest commits, whose runs are looked at: each night brings its own, the past is not worth its requests."""
RUNS_LOOKED_AT = 60
MOST_JOBS = 100
"""A run with more jobs is not read: one of them would stand for a part of it only."""
LOGS_AT_ONCE = 150
"""Logs asked for in one collection of a repository; further runs wait for the next."""
LARGEST_LOG = 64 * 1024 * 1024
TELLING = ("success", "failure")
"""Conclusions of runs and jobs whose tests came to an end."""
QUIET_AFTER, ASKED_AGAIN_AFTER = 3, timedelta(days=7)


def fall_back(repository: Repository, client: GitHubClient) -> bool:
    """Read the logs that may stand in for reports, and bring what they tell onto the repository's row.

    True when figures changed, which throwing a switch does too. Raises RateLimited. The caller holds the
    repository's lock.
    """
    asked = 0
    for run in unread_runs(repository):
        if asked >= LOGS_AT_ONCE:
            break
        try:
            asked += _read_run(repository, client, run)
        except RateLimited:
            raise
        except (ConnectionTrouble, ServerTrouble, SandboxError) as error:
            logger.info("logs of %s are left for the next time: %s", repository.full_name, error)
            break
    # Together: a point that no row was told of would wait for the next run.
    with transaction.atomic():
        changed = put_points(repository)
        if changed or asked:
            refresh_repository(repository)
    return changed


def unread_runs(repository: Repository) -> list[WorkflowRun]:
    """The runs whose jobs' logs are to be asked for, newest first; none where logs are not wanted or not needed."""
    if not repository.reads_logs or repository.github_id is None:
        return []
    trend = WorkflowRun.objects.filter(repository=repository, is_trend=True, left_branch=False)
    newest = list(trend.order_by("-created_at", "-github_id")[:RUNS_LOOKED_AT])
    shas = list(dict.fromkeys(run.head_sha for run in newest))[:COMMITS]
    standing: dict[tuple[str, str], WorkflowRun] = {}
    for run in newest:
        if run.head_sha in shas:
            standing.setdefault((run.head_sha, run.workflow_path), run)
    unread = [run for run in standing.values() if _ended(run) and run.logs_read_update != run.updated_at]
    return _needed(repository, unread) if unread else []


def _ended(run: WorkflowRun) -> bool:
    return run.status == "completed" and run.conclusion in TELLING


def _needed(repository: Repository, runs: Sequence[WorkflowRun]) -> list[WorkflowRun]:
    """Those that no report stands for, of workflows that may tell something, and with no artifact still to read."""
    reports = Snapshot.objects.filter(repository=repository, evidence=Repository.Evidence.REPORT).reachable()
    last = reports.aggregate(at=Max("ordered_at"))["at"]
    since = last + timedelta(days=settings.CARRY_FORWARD_DAYS) if last else None
    bare = [run for run in runs if since is None or min(run.committed_at or run.created_at, run.created_at) > since]
    if not bare:
        return []
    unread = Artifact.objects.filter(
        repository=repository, state__in=(Artifact.State.LISTED, Artifact.State.FAILED)
    )
    pending = set(unread.values_list("run__head_sha", flat=True))
    quiet = _quiet_workflows(repository)
    return [run for run in bare if run.head_sha not in pending and run.workflow_path not in quiet]


def _quiet_workflows(repository: Repository) -> set[str]:
    """Workflows whose last runs told nothing, as linters' do, and were read not long ago."""
    read = WorkflowRun.objects.filter(repository=repository, logs_read_attempt__isnull=False)
    since = timezone.now() - ASKED_AGAIN_AFTER
    told = Q(tests_passed__isnull=False) | Q(lines_valid__isnull=False)
    telling = set(JobLog.objects.filter(told, repository=repository).values_list("run", flat=True))
    last: dict[str, list[WorkflowRun]] = {}
    for run in read.order_by("-created_at")[:RUNS_LOOKED_AT]:
        last.setdefault(run.workflow_path, []).append(run)
    return {
        path
        for path, runs in last.items()
        if len(runs) >= QUIET_AFTER
        and not any(run.pk in telling for run in runs[:QUIET_AFTER])
        and runs[0].created_at > since
    }


def _read_run(repository: Repository, client: GitHubClient, run: WorkflowRun) -> int:
    """Read the logs of a run's newest attempt that were not read yet; how many were asked for."""
    assert repository.github_id is not None
    try:
        jobs = client.jobs(repository.github_id, run.github_id)
    except (RateLimited, ConnectionTrouble, ServerTrouble):
        raise
    except GitHubError as error:
        logger.info("run %s of %s has no jobs to read: %s", run.github_id, repository.full_name, error.sentence)
        jobs = []
    attempt = max((job.run_attempt for job in jobs), default=run.run_attempt)
    ended = [job for job in jobs if job.conclusion in TELLING]
    ended = ended if len(ended) <= MOST_JOBS else []
    known = _forget_earlier_attempts(run, attempt, [job.id for job in ended])
    unread = [job for job in ended if job.id not in known]
    for job in unread:
        # One by one: what a limit or a crash leaves is all that is asked for the next time.
        _read_log(repository, client, run, job).save()
    _note_read(run, attempt, run.updated_at)
    return len(unread)


def _forget_earlier_attempts(run: WorkflowRun, attempt: int, job_ids: list[int]) -> set[int]:
    """Forget the logs of jobs that are no longer the run's; the ids of those that are and were read."""
    with transaction.atomic():
        if run.logs_read_attempt not in (None, attempt):
            # Half an attempt is no count: until all of it is read, the run tells nothing.
            _note_read(run, None, None)
        logs = JobLog.objects.filter(run=run)
        logs.exclude(github_id__in=job_ids).delete()
        return set(logs.values_list("github_id", flat=True))


def _note_read(run: WorkflowRun, attempt: int | None, update: datetime | None) -> None:
    run.logs_read_attempt, run.logs_read_update = attempt, update
    run.save(update_fields=["logs_read_attempt", "logs_read_update"])


def _read_log(repository: Repository, client: GitHubClient, run: WorkflowRun, job: JobFacts) -> JobLog:
    assert repository.github_id is not None
    told, error = LogCounts(), ""
    with tempfile.TemporaryFile() as file:
        try:
            size = client.job_log(repository.github_id, job.id, to=file, max_bytes=LARGEST_LOG).size
        except (RateLimited, ConnectionTrouble, ServerTrouble):
            raise
        except GitHubError as trouble:
            error = trouble.sentence
        else:
            file.seek(max(0, size - MOST_BYTES - 1))
            values, why, _ = run_safely("log", file.read())
            told, error = (values[0], "") if values and why is None else (told, f"The log was not read: {why}")
    return _row(repository, run, job, told, error)


def _row(repository: Repository, run: WorkflowRun, job: JobFacts, told: LogCounts, error: str) -> JobLog:
    row = JobLog(
        repository=repository,
        run=run,
        github_id=job.id,
        name=storable(job.name[:400]),
        url=storable(job.url[:400]),
        tools=list(told.tools),
        error=error[:1_000],
        read_at=timezone.now(),
    )
    if told.tests is not None:
        tests = told.tests
        row.tests_passed, row.tests_failed = tests.passed, tests.failed
        row.tests_errors, row.tests_skipped = tests.errors, tests.skipped
        row.duration_ms = None if tests.seconds is None else round(tests.seconds * 1000)
    if told.lines is not None:
        row.lines_valid, row.lines_covered = told.lines.valid, told.lines.covered
    return row


def with_unread_logs(repositories: Sequence[Repository]) -> set[int]:
    """Of some repositories those with logs to read although nothing ran, or to forget: they were switched off."""
    LOG, REPORT = Repository.Evidence.LOG, Repository.Evidence.REPORT  # noqa: N806
    return {
        repository.pk
        for repository in repositories
        if (repository.evidence == LOG and not repository.reads_logs)
        or (repository.evidence != REPORT and unread_runs(repository))
    }
