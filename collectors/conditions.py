"""What a repository's row says of it: failing, silent, without evidence, and why."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from dashboard.models import Artifact, JobLog, Repository, Snapshot, WorkflowRun

Condition = Repository.Condition


def silence_of(repository: Repository) -> tuple[datetime | None, str]:
    """Since when runs end without a report although the repository reported before, and the sentence for it.

    That logs stand in for the reports does not make it less silent.
    """
    reported_at = repository.evidence_at
    if repository.evidence == Repository.Evidence.LOG:
        reports = Snapshot.objects.filter(repository=repository, evidence=Repository.Evidence.REPORT).reachable()
        reported_at = reports.aggregate(newest=Max("evidence_at"))["newest"]
    if reported_at is None:
        return None, ""
    later = WorkflowRun.objects.filter(
        repository=repository,
        is_trend=True,
        status="completed",
        started_at__gt=reported_at,
        workflow_path__in=WorkflowRun.objects.filter(
            repository=repository, is_trend=True, artifacts__state__in=(Artifact.State.READ, Artifact.State.SAME)
        ).values("workflow_path"),
    ).order_by("started_at")
    first = later.first()
    if first is None:
        return None, ""
    refused = Artifact.objects.filter(run__in=later).exclude(reason="").order_by("-created_at").first()
    outcome = "green" if first.conclusion == "success" else (first.conclusion or "over").replace("_", " ")
    return first.started_at, refused.reason if refused else f"The run is {outcome}, no report was uploaded."


def condition_of(repository: Repository) -> str:
    if repository.latest is None:
        return Condition.NO_EVIDENCE
    if repository.failing:
        return Condition.FAILING
    if repository.tests_total == 0:
        return Condition.RAN_NOTHING
    if repository.silent_since is not None:
        return Condition.SILENT
    return Condition.PASSING


def no_evidence_reason(repository: Repository) -> str:
    """Why a repository has no evidence, as far as what was seen of it tells."""
    if repository.latest is not None:
        return ""
    of_trend = Artifact.objects.filter(repository=repository, run__is_trend=True)
    refused = of_trend.exclude(reason="").order_by("-created_at").first()
    if refused is not None:
        return refused.reason
    runs = WorkflowRun.objects.filter(repository=repository, is_trend=True)
    if runs.exists():
        asked = JobLog.objects.filter(repository=repository).exists()
        return f"Its workflows run and upload no report{', and their logs tell no count' if asked else ''}."
    return "No workflow has run on its default branch." if repository.collected_through else ""
