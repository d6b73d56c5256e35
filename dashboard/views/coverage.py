"""A repository's coverage: its folders, its files, a map of both, and the lines of one file."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.queries.carried import carried_by
from dashboard.queries.components import components_of, groups_of
from dashboard.queries.contexts import contexts_by_line, with_tests
from dashboard.queries.coverage_map import map_of
from dashboard.queries.coverage_trend import trend_below
from dashboard.queries.files import ORDERS, CoveredFile, file_lines, files_of
from dashboard.queries.folders import Tree, crumbs_of, tree_of
from dashboard.queries.repository import RepositoryHeader
from dashboard.queries.rows import Question, ask_together
from dashboard.queries.source_notes import source_note
from dashboard.queries.sources import evidence_of, sources_naming
from dashboard.queries.trend import Point
from dashboard.queries.unresolved import unresolved_of
from dashboard.views.repository import header_or_404, show
from dashboard.views.runs import number_in, page_number

# Of the tests that reach one line: a line that runs on import is reached by all of them.
TESTS_SHOWN = 200
TREES_KEPT = 100


@require_safe
def coverage(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    if "path" in request.GET:
        return covered_file(request, repository, request.GET["path"])
    sha = repository.latest.sha if repository.latest else ""
    text, within = _typed(request, "q"), _folder(_typed(request, "in"))
    view = request.GET.get("view", "")
    # An order is an order of files, whatever else the address says.
    view = view if view in _VIEWED else "files" if "sort" in request.GET else "tree"
    context: dict[str, Any] = {
        "tab": "coverage",
        "view": view,
        "text": text,
        "within": within,
        "crumbs": crumbs_of(within),
        "evidence": evidence_of(repository.id, sha),
    }
    context |= _VIEWED[view](request, repository, text, within)
    asked = {name: value for name, value in context.items() if isinstance(value, Question)}
    if context["unknown"]:
        asked["source_note"] = source_note(repository.id, sha)
    context |= ask_together(asked)
    return show(request, "coverage.html", repository, **context)


def _tree(request: HttpRequest, repository: RepositoryHeader, text: str, within: str) -> dict[str, Any]:
    tree = _tree_of(repository.latest, repository.id, repository.manifest_id, text, within)
    paths = [row.file.path for row in tree.rows if row.file]
    return _counted(tree.top.files, tree.top.unresolved, tree.top.unknown) | {
        "tree": tree,
        "trend": trend_below(repository.id, within, tree.top.files) if within else None,
        "carried": carried_by(repository.id, repository.latest, paths),
    }


@lru_cache(TREES_KEPT)
def _tree_of(commit: Point | None, repository_id: int, manifest_id: int | None, text: str, within: str) -> Tree:
    """Folders are summed over all files of a commit, and stay the same as long as the commit does."""
    return tree_of(repository_id, manifest_id, text, within)


def _files(request: HttpRequest, repository: RepositoryHeader, text: str, within: str) -> dict[str, Any]:
    order = request.GET.get("sort", "percent")
    page = page_number(request)
    files = files_of(repository.id, repository.manifest_id, text, order, page, within=within).ask()
    return _counted(files.count, files.unresolved, files.unknown) | {
        "order": order if order in ORDERS else "percent",
        "files": files,
        "carried": carried_by(repository.id, repository.latest, [file.path for file in files.files]),
    }


def _map(request: HttpRequest, repository: RepositoryHeader, text: str, within: str) -> dict[str, Any]:
    drawn = map_of(repository.id, repository.manifest_id, text, within)
    return _counted(drawn.top.files, drawn.top.unresolved, drawn.top.unknown) | {"map": drawn}


def _components(request: HttpRequest, repository: RepositoryHeader, text: str, within: str) -> dict[str, Any]:
    found = components_of(repository.id, repository.manifest_id)
    sha = repository.latest.sha if repository.latest else ""
    return _counted(found.files, 0, 0) | {
        "components": found,
        "groups": groups_of(repository.id, sha),
        "may_change": request.user.has_perm("dashboard.add_component"),
    }


def _unresolved(request: HttpRequest, repository: RepositoryHeader, text: str, within: str) -> dict[str, Any]:
    report = number_in(request, "report")
    found = unresolved_of(repository.id, repository.manifest_id, page_number(request), report)
    files = repository.latest.files if repository.latest else 0
    return _counted(files or 0, 0, 0) | {"unresolved_paths": found}


_VIEWED = {
    "tree": _tree,
    "files": _files,
    "map": _map,
    "components": _components,
    "unresolved": _unresolved,
}


def _counted(count: int, unresolved: int, unknown: int) -> dict[str, Any]:
    told = unresolved < count  # where none was found a note says so once
    return {"count": count, "unresolved": unresolved, "unknown": unknown, "tells_reported": told}


def _typed(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "")[:400].replace("\x00", "")


def _folder(path: str) -> str:
    return path if not path or path.endswith("/") else path + "/"


def covered_file(request: HttpRequest, repository: RepositoryHeader, path: str) -> HttpResponse:
    """One file's lines. Its path is a parameter: reports hold paths (``../x``, ``C:\\x``) that no address can."""
    found = file_lines(repository.id, repository.manifest_id, path.replace("\x00", ""), page_number(request))
    if found is None or repository.latest is None:
        raise Http404("No report of the newest commit names this file.")
    evidence = evidence_of(repository.id, repository.latest.sha)
    asked: dict[str, Question[Any]] = {"sources": sources_naming(repository.id, evidence, found.file.path)}
    if found.executed_only:
        asked["source_note"] = source_note(repository.id, repository.latest.sha)
    reports = [source.report_id for source in evidence.sources if source.kind == "coverage"]
    contexts = contexts_by_line(repository.id, reports, found.file.path)
    line = request.GET.get("line", "")
    reached = contexts.get(int(line), ()) if line.isascii() and line.isdigit() and len(line) < 9 else None
    context = {
        "known": with_tests(found, contexts),
        "source_address": _source_address(repository, found.file),
        "on_github": repository.address.file(repository.latest.sha, found.file.path) if found.file.resolved else "",
        "trend": trend_below(repository.id, found.file.path, found.files),
        "told_tests": bool(contexts),
        "asked_line": line,
        "reached": None if reached is None else reached[:TESTS_SHOWN],
        "more_tests": max(0, len(reached or ()) - TESTS_SHOWN),
        **ask_together(asked),
    }
    return show(request, "file.html", repository, tab="coverage", **context)


def _source_address(repository: RepositoryHeader, file: CoveredFile) -> str:
    """Where the reader's own browser may fetch the source; "" where only GitHub's pages show it."""
    if repository.private or not file.resolved or repository.latest is None:
        return ""
    return repository.address.raw(repository.latest.sha, file.path)
