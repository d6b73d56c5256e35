"""GET …/runs, …/runs/{id} and …/artifacts/{id}: what was read, what was passed over, and what it cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router

from dashboard.api import run_schemas, schemas
from dashboard.api.repositories import NOT_FOUND, page_links, plain_name
from dashboard.queries.artifact import artifact_page
from dashboard.queries.reports import ReadMember
from dashboard.queries.repository import find_id
from dashboard.queries.runs import run_page, runs_of
from dashboard.queries.sources import Run
from dashboard.queries.uploads import Upload
from dashboard.visibility import reader_of

router = Router(tags=["runs"])

# Artifacts of each run in a list of up to 200; the run's own address has all.
MOST_OF_A_RUN = 10
REFUSALS: dict[int, Any] = {400: schemas.Refusal, 404: schemas.Refusal}


@router.get(
    "/repos/{owner}/{name}/runs",
    operation_id="list_runs",
    response={200: run_schemas.RunPage, **REFUSALS},
    summary="Its runs, newest first, with their artifacts",
)
def runs(
    request: HttpRequest, owner: str, name: str, parameters: Query[run_schemas.RunsParameters]
) -> dict[str, Any]:
    sha = (parameters.commit or "").lower()
    repository_id = repository_id_of(request, owner, name)
    found = runs_of(repository_id, parameters.page, sha, parameters.page_size, MOST_OF_A_RUN)
    results = [
        run_fields(entry.run)
        | {"artifact_count": entry.count, "artifacts": list(map(upload_fields, entry.uploads))}
        for entry in found.runs
    ]
    return {"count": found.count, "results": results, **page_links(request, found.page, found.pages)}


@router.get(
    "/repos/{owner}/{name}/runs/{int:run_id}",
    operation_id="get_run",
    response={200: run_schemas.WholeRun, **REFUSALS},
    summary="A run: its artifacts with the reports in them",
)
def run(
    request: HttpRequest, owner: str, name: str, run_id: int, parameters: Query[run_schemas.PageParameters]
) -> dict[str, Any]:
    found = run_page(repository_id_of(request, owner, name), run_id, parameters.page)
    if found is None:
        raise Http404(f"There is no run {run_id} here; ids are GitHub's.")
    uploads = (*found.looked_into, *found.left_alone, *found.superseded)
    return (
        run_fields(found.run)
        | {"artifact_count": found.count, "why_not": found.why_not or None}
        | {"artifacts": [whole_upload_fields(upload) for upload in uploads]}
        | page_links(request, found.page, found.pages)
    )


@router.get(
    "/repos/{owner}/{name}/artifacts/{int:artifact_id}",
    operation_id="get_artifact",
    response={200: run_schemas.WholeArtifact, **REFUSALS},
    summary="An artifact: every report in it, and what was passed over",
)
def artifact(
    request: HttpRequest, owner: str, name: str, artifact_id: int, parameters: Query[run_schemas.PageParameters]
) -> dict[str, Any]:
    found = artifact_page(repository_id_of(request, owner, name), artifact_id, parameters.page)
    if found is None:
        raise Http404(f"There is no artifact {artifact_id} here; ids are GitHub's.")
    return (
        whole_upload_fields(found.upload)
        | {"run": run_fields(found.run) | {"artifact_count": found.artifacts}, "counts": found.stands}
        | page_links(request, found.page, found.pages)
    )


def repository_id_of(request: HttpRequest, owner: str, name: str) -> int:
    found = find_id(reader_of(request), *plain_name(owner, name))
    if found is None:
        raise Http404(NOT_FOUND.format(owner=owner, name=name))
    return found


def run_fields(run: Run) -> dict[str, Any]:
    names = ("number", "attempt", "name", "title", "workflow", "event", "branch", "sha", "status", "started_at")
    known = {name: getattr(run, name) for name in (*names, "counts")}
    return known | {"id": run.github_id, "conclusion": run.conclusion or None, "url": run.url or None}


def upload_fields(upload: Upload) -> dict[str, Any]:
    names = ("name", "state", "looked_into", "size", "created_at", "expires_at", "read_at", "passed_over_count")
    return {name: getattr(upload, name) for name in names} | {
        "id": upload.github_id,
        "reason": upload.reason or None,
        "sha256": None if upload.announced else upload.sha256,
        "digest": upload.digest or None,
        "same_as": upload.same_as.github_id if upload.same_as else None,
        "replaced_by": upload.replaced_by.github_id if upload.replaced_by else None,
        "report_count": upload.sums.reports,
        "tests": upload.sums.tests,
        "failing": upload.sums.failing,
        "sandbox": asdict(upload.cost) if upload.cost else None,
    }


def whole_upload_fields(upload: Upload) -> dict[str, Any]:
    return upload_fields(upload) | {
        "reports": list(map(report_fields, upload.reports)),
        "passed_over": upload.passed_over,
        "warnings": upload.warnings,
    }


def report_fields(report: ReadMember) -> dict[str, Any]:
    tests = coverage = None
    if report.tests is not None:
        tests = {name: getattr(report, name) for name in ("passed", "failed", "errors", "skipped")}
        seconds = None if report.duration_ms is None else report.duration_ms / 1_000
        tests |= {"total": report.tests, "duration_seconds": seconds}
    elif report.kind == "coverage" and not report.error:
        names = ("files", "lines_valid", "lines_covered", "branches_valid", "branches_covered", "percent")
        coverage = {name: getattr(report, name) for name in names}
    names = ("member", "format", "kind", "group", "size", "warnings")
    return {name: getattr(report, name) for name in names} | {
        "error": report.error or None,
        "meaning": report.meaning or None,
        "tests": tests,
        "coverage": coverage,
    }
