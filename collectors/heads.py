"""Where a repository's newest commit stands; contract section 5 names the states."""

from __future__ import annotations

from django.db.models.functions import Least

from dashboard.models import Artifact, Repository, Snapshot, WorkflowRun

FINE = ("success", "neutral", "skipped")


def tell_head(repository: Repository) -> None:
    """Set the four head fields, not saved; ``latest`` is set already.

    HEAD is what GitHub told last, which may have no run, unless something newer ran since. Where GitHub told
    nothing it is the newest commit with a run.
    """
    newest = newest_run(repository)
    told_at = repository.branch_told_at
    sha, committed_at = repository.branch_head, repository.branch_head_at
    if newest is not None and (not sha or told_at is None or newest.created_at > told_at):
        sha, committed_at = newest.head_sha, newest.committed_at
    of_head = WorkflowRun.objects.filter(repository=repository, is_trend=True, head_sha=sha)
    runs = list(of_head.order_by("-started_at", "-github_id")) if sha else []
    repository.head_sha, repository.head_committed_at = sha, committed_at
    repository.head_run_url = runs[0].url if runs else ""
    repository.head_state = _state(repository, sha, runs) if sha else ""


def newest_run(repository: Repository) -> WorkflowRun | None:
    """A run of the newest commit with one that is on the default branch.

    The newest is the last in the order of the trend, not the one whose run began last: a re-run of an older commit
    does not make it HEAD.
    """
    runs = WorkflowRun.objects.filter(repository=repository, is_trend=True, left_branch=False)
    stood = runs.annotate(stood_at=Least("committed_at", "created_at"))
    return stood.order_by("-stood_at", "-created_at", "-started_at", "-github_id").first()


def mark_left(repository: Repository) -> None:
    """Mark the points of commits that left the branch, and take the mark off those that came back."""
    left = WorkflowRun.objects.filter(repository=repository, is_trend=True, left_branch=True).values("head_sha")
    points = Snapshot.objects.filter(repository=repository)
    points.filter(sha__in=left, reachable=True).update(reachable=False)
    points.filter(reachable=False).exclude(sha__in=left).update(reachable=True)


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
    brought = Artifact.objects.filter(
        repository=repository, run__is_trend=True, state__in=(Artifact.State.READ, Artifact.State.SAME)
    )
    reporting = set(brought.values_list("run__workflow_path", flat=True))
    return any(run.conclusion not in FINE for run in runs if not reporting or run.workflow_path in reporting)
