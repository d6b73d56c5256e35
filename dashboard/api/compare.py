"""GET …/compare: what changed from one commit to another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router
from ninja.errors import ValidationError

from dashboard.api import detail_schemas
from dashboard.api.runs import REFUSALS, repository_id_of
from dashboard.queries.compare import (
    Changes,
    ComparedCommit,
    ComparedFile,
    ComparedTest,
    FileFigures,
    NoSuchCommitError,
    compare,
)

router = Router(tags=["commits"])


@router.get(
    "/repos/{owner}/{name}/compare",
    operation_id="compare_commits",
    response={200: detail_schemas.Comparison, **REFUSALS},
    by_alias=True,
    summary="Two commits: tests that came, went or ended otherwise, and the coverage of files",
)
def comparison(
    request: HttpRequest, owner: str, name: str, parameters: Query[detail_schemas.CompareParameters]
) -> dict[str, Any]:
    repository_id = repository_id_of(request, owner, name)
    if parameters.base is None or parameters.head is None:
        missing = [key for key in ("base", "head") if getattr(parameters, key) is None]
        raise ValidationError([{"loc": ("query", key)} for key in missing])
    try:
        found = compare(repository_id, parameters.base, parameters.head)
    except NoSuchCommitError as error:
        raise Http404(str(error)) from error
    base, head = (_lines(commit) for commit in (found.base, found.head))
    percents = found.base.percent, found.head.percent
    moved = None if percents[0] is None or percents[1] is None else percents[1] - percents[0]
    return {
        "base": _commit(found.base),
        "head": _commit(found.head),
        "tests": _parts(found.tests, _test),
        "coverage": {"base": base, "head": head, "percent_change": moved} | _parts(found.files, _file),
    }


def _parts(changes: Changes[Any], told: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    parts = {name: [told(each) for each in getattr(changes, name)] for name in ("added", "removed", "changed")}
    return parts | {"counts": dict(changes.counts)}


def _commit(commit: ComparedCommit) -> dict[str, Any]:
    return {name: getattr(commit, name) for name in ("sha", "committed_at", "tests", "failing")}


def _lines(figures: ComparedCommit | FileFigures | None) -> dict[str, Any] | None:
    if figures is None or figures.lines_covered is None:
        return None
    return {name: getattr(figures, name) for name in ("lines_valid", "lines_covered", "percent")}


def _test(test: ComparedTest) -> dict[str, Any]:
    names = ("id", "group", "name", "base", "head")
    return {name: getattr(test, name) for name in names} | {"class": test.classname}


def _file(file: ComparedFile) -> dict[str, Any]:
    return {"path": file.path, "base": _lines(file.base), "head": _lines(file.head)}
