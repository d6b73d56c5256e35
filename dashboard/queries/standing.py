"""Which artifacts of a commit count: the newest upload of each workflow file and name (contract rule 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from dashboard.models import Artifact, Report, WorkflowRun
from dashboard.queries.prepared import prepared


def standing_artifacts(repository_id: int, sha: str) -> list[Artifact]:
    """The artifacts that stand for a commit, with their runs, newest first.

    Only runs that count for the trend (rule 1), and only artifacts that have said all they can say: one that is
    still to be read, or expired before it was read, does not push aside what is known.
    """
    return newest_of_each_name(uploads_of(repository_id, sha))


def uploads_of(repository_id: int, sha: str) -> QuerySet[Artifact]:
    """All uploads of a commit that may stand for it, with their runs, newest first."""
    return (
        Artifact.objects.filter(
            repository_id=repository_id,
            run__repository_id=repository_id,  # by which its runs of a commit are found
            run__head_sha=sha,
            run__is_trend=True,
            state__in=Artifact.STANDING,
        )
        .select_related("run")
        .order_by("-created_at", "-run__started_at", "-github_id")
    )


def newest_of_each_name(uploads: Iterable[Artifact]) -> list[Artifact]:
    """Of uploads, newest first, those that stand: one for each workflow file and name."""
    newest: dict[tuple[str, str], Artifact] = {}
    for artifact in uploads:
        newest.setdefault((artifact.run.workflow_path, artifact.name), artifact)
    return list(newest.values())


def standing_by_name(repository_id: int, run: WorkflowRun, names: Iterable[str]) -> dict[str, Artifact]:
    """Of these names, the uploads by the run's workflow file that stand for its commit, with their runs."""
    newest = _newest_by_name(
        repository_id=repository_id, sha=run.head_sha, workflow=run.workflow_path, names=list(set(names))
    )
    return {artifact.name: artifact for artifact in newest}


@prepared
def _newest_by_name(*, repository_id: int, sha: str, workflow: str, names: list[str]) -> QuerySet[Artifact]:
    return (
        Artifact.objects.filter(
            repository_id=repository_id,
            run__repository_id=repository_id,  # by which its runs of a commit are found
            run__head_sha=sha,
            run__workflow_path=workflow,
            run__is_trend=True,
            state__in=Artifact.STANDING,
            name__any=names,
        )
        .select_related("run")
        .defer("passed_over", "warnings")
        .order_by("name", "-created_at", "-run__started_at", "-github_id")
        .distinct("name")
    )


def content_id(artifact: Artifact) -> int:
    """The artifact whose reports speak for this one: its own, or those of the one with the same bytes."""
    return artifact.same_as_id or artifact.id


def standing_reports(repository_id: int, sha: str) -> list[Report]:
    """The readable reports of a commit's standing artifacts, in the order of artifacts and members."""
    return reports_of(standing_artifacts(repository_id, sha))


def reports_of(artifacts: Sequence[Artifact]) -> list[Report]:
    """The readable reports of some artifacts, in the order of artifacts and members."""
    reports = Report.objects.filter(artifact_id__in=[content_id(artifact) for artifact in artifacts], error="")
    by_artifact: dict[int, list[Report]] = {}
    for report in reports.order_by("id"):
        by_artifact.setdefault(report.artifact_id, []).append(report)
    return [report for artifact in artifacts for report in by_artifact.get(content_id(artifact), [])]
