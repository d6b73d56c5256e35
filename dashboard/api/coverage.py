"""GET …/coverage and …/coverage/files/{path}: folders with their totals, and one file line by line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router

from dashboard.api import detail_schemas
from dashboard.api.repositories import page_links
from dashboard.api.runs import REFUSALS, repository_id_of
from dashboard.queries.files import CoveredFile, file_lines
from dashboard.queries.folder_totals import FolderTotals, covered_commit, folder_page, one_file

router = Router(tags=["coverage"])

NO_FOLDER = "No file of the newest commit is at or below {path}."
NO_FILE = "No report of the newest commit names the file {path}."


@router.get(
    "/repos/{owner}/{name}/coverage",
    operation_id="get_coverage",
    response={200: detail_schemas.FolderPage, **REFUSALS},
    summary="A folder's coverage, the folders in it and the files in it",
)
def coverage(
    request: HttpRequest, owner: str, name: str, parameters: Query[detail_schemas.CoverageParameters]
) -> dict[str, Any]:
    repository_id = repository_id_of(request, owner, name)
    commit, path = covered_commit(repository_id), parameters.path or ""
    if commit is None or commit.manifest_id is None:
        if path:
            raise Http404(NO_FOLDER.format(path=path))
        totals = folder_fields(FolderTotals("", 0, None, None))
        nothing: dict[str, Any] = {"folders": [], "results": [], "count": 0, "next": None, "previous": None}
        return {"sha": None, "path": "", "totals": totals} | nothing
    found = folder_page(repository_id, commit.manifest_id, path, parameters.page, parameters.page_size)
    if found is not None:
        last = max(1, -(-found.count // parameters.page_size))
        return {
            "sha": commit.sha,
            "path": found.totals.path,
            "totals": folder_fields(found.totals),
            "folders": list(map(folder_fields, found.folders)),
            "count": found.count,
            "results": list(map(file_fields, found.files)),
            **page_links(request, parameters.page, last),
        }
    file = one_file(repository_id, commit.manifest_id, path)
    if file is None:
        raise Http404(NO_FOLDER.format(path=path))
    totals = folder_fields(FolderTotals(file.path, 1, file.valid, None if file.valid is None else file.covered))
    alone: dict[str, Any] = {"folders": [], "count": 1, "next": None, "previous": None}
    return {"sha": commit.sha, "path": file.path, "totals": totals, "results": [file_fields(file)]} | alone


@router.get(
    "/repos/{owner}/{name}/coverage/files/{path:path}",
    operation_id="get_covered_file",
    response={200: detail_schemas.FileWithLines, **REFUSALS},
    summary="One file: the state of each executable line",
)
def covered_file(request: HttpRequest, owner: str, name: str, path: str) -> dict[str, Any]:
    repository_id = repository_id_of(request, owner, name)
    commit = covered_commit(repository_id)
    found = file_lines(repository_id, commit.manifest_id if commit else None, path.replace("\x00", ""))
    if commit is None or found is None:
        raise Http404(NO_FILE.format(path=path))
    lines = [(line.number, line.state, line.hits) for line in found.lines]
    return file_fields(found.file) | {"sha": commit.sha, "lines": lines}


def folder_fields(folder: FolderTotals) -> dict[str, Any]:
    return asdict(folder) | {"percent": folder.percent}


def file_fields(file: CoveredFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "lines_valid": file.valid,
        "lines_covered": file.covered,
        "lines_partial": file.partial,
        "branches_valid": file.branches_valid,
        "branches_covered": file.branches_covered,
        "percent": file.percent,
        "resolved": file.resolved,
    }
