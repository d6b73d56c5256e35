"""Where a repository's newest commit stands; contract section 5 names the states."""

from __future__ import annotations

from django.db.models.functions import Least

from dashboard.models import Artifact, Repository, Snapshot, WorkflowRun

FINE = ("success", "neutral", "skipped")


def tell_head(repository: Repository) -> None:
    """Set the four head fields, not saved; ``latest`` is set already.

    The newest commit is the last in the order of the trend, not the one whose run began last: a re-run of an older
    commit does not make it HEAD. One that is known to have left the branch is none.
    """
    runs = WorkflowRun.objects.filter(repository=repository, is_trend=True)
    gone = Snapshot.objects.filter(repository=repository, reachable=False).values("sha")
    stood = runs.exclude(head_sha__in=gone).annotate(stood_at=Least("committed_at", "created_at"))
    newest = stood.order_by("-stood_at", "-created_at", "-started_at", "-github_id").first()
    if newest is None:
        repository.head_sha, repository.head_state, repository.head_run_url = "", "", ""
        repository.head_committed_at = None
        return
    repository.head_sha, repository.head_committed_at = newest.head_sha, newest.committed_at
    of_head = list(runs.filter(head_sha=newest.head_sha).order_by("-started_at", "-github_id"))
    repository.head_run_url = of_head[0].url
    repository.head_state = _state(repository, newest.head_sha, of_head)


def _state(repository: Repository, sha: str, runs: list[WorkflowRun]) -> str:
    point = Snapshot.objects.filter(repository=repository, sha=sha, evidence=Repository.Evidence.REPORT).first()
    running = any(run.status != "completed" for run in runs)
    if point is not None and (point.complete or not running):
        return "reported"
    if running:
        return "running"
    if Artifact.objects.filter(run__in=runs, state=Artifact.State.EXPIRED).exists():
        return "expired"
    return "failed_before_reports" if _failed(repository, runs) else "no_reports"


def _failed(repository: Repository, runs: list[WorkflowRun]) -> bool:
    """Whether a run failed from which reports were to be expected: of a workflow that brought some, if any did."""
    brought = Artifact.objects.filter(repository=repository, state__in=(Artifact.State.READ, Artifact.State.SAME))
    reporting = set(brought.values_list("run__workflow_path", flat=True))
    return any(run.conclusion not in FINE for run in runs if not reporting or run.workflow_path in reporting)
