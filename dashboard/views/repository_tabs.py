"""The further pages of a repository: failures, coverage, a file, and the evidence of one commit."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from dashboard.queries.carried import carried_by
from dashboard.queries.contexts import contexts_by_line, with_tests
from dashboard.queries.failures import dated, failures_of
from dashboard.queries.files import ORDERS, file_lines, files_of
from dashboard.queries.repository import RepositoryHeader
from dashboard.queries.source_notes import source_note
from dashboard.queries.sources import evidence_of, sources_naming
from dashboard.queries.trend import commit_with_previous
from dashboard.views.repository import header_or_404, show
from dashboard.views.runs import page_number

FIGURES = ("tests", "coverage")
# Of the tests that reach one line: a line that runs on import is reached by all of them.
TESTS_SHOWN = 200


@require_safe
def failures(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    latest = repository.latest
    found = None
    if latest and latest.failing:
        found = failures_of(repository.id, evidence_of(repository.id, latest.sha))
        found = dated(repository.id, latest.sha, found)
    return show(request, "failures.html", repository, tab="failures", failures=found)


@require_safe
def coverage(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    if "path" in request.GET:
        return covered_file(request, repository, request.GET["path"])
    text, order = request.GET.get("q", "")[:200].replace("\x00", ""), request.GET.get("sort", "percent")
    sha = repository.latest.sha if repository.latest else ""
    files = files_of(repository.id, repository.manifest_id, text, order, page_number(request))
    context = {
        "tab": "coverage",
        "text": text,
        "order": order if order in ORDERS else "percent",
        "files": files,
        "carried": carried_by(repository.id, repository.latest, [file.path for file in files.files]),
        "evidence": evidence_of(repository.id, sha),
        "source_note": source_note(repository.id, sha) if files.unknown else "",
    }
    return show(request, "coverage.html", repository, **context)


def covered_file(request: HttpRequest, repository: RepositoryHeader, path: str) -> HttpResponse:
    """One file's lines. Its path is a parameter: reports hold paths (``../x``, ``C:\\x``) that no address can."""
    found = file_lines(repository.id, repository.manifest_id, path.replace("\x00", ""))
    if found is None or repository.latest is None:
        raise Http404("No report of the newest commit names this file.")
    evidence = evidence_of(repository.id, repository.latest.sha)
    sources = sources_naming(repository.id, evidence, found.file.path)
    reports = [source.report_id for source in evidence.sources if source.kind == "coverage"]
    contexts = contexts_by_line(repository.id, reports, found.file.path)
    line = request.GET.get("line", "")
    reached = contexts.get(int(line), ()) if line.isascii() and line.isdigit() and len(line) < 9 else None
    context = {
        "known": with_tests(found, contexts),
        "sources": sources,
        "told_tests": bool(contexts),
        "asked_line": line,
        "reached": None if reached is None else reached[:TESTS_SHOWN],
        "more_tests": max(0, len(reached or ()) - TESTS_SHOWN),
        "source_note": source_note(repository.id, repository.latest.sha) if found.executed_only else "",
    }
    return show(request, "file.html", repository, tab="coverage", **context)


@require_safe
def commit(request: HttpRequest, owner: str, name: str, sha: str) -> HttpResponse:
    """A commit's figures with everything that they were made of; for htmx only the part of one figure."""
    repository = header_or_404(request, owner, name)
    point = commit_with_previous(repository.id, sha)
    if point is None:
        raise Http404("This commit brought no evidence.")
    figure = request.GET.get("figure", "tests")
    context = {
        "tab": "commit",
        "point": point,
        "evidence": evidence_of(repository.id, point.sha),
        "chosen": figure if figure in FIGURES else "tests",
    }
    template = "_provenance.html" if request.headers.get("HX-Request") else "commit.html"
    response = show(request, template, repository, **context)
    # One address, two answers: a browser that goes back must not show the part for the page.
    patch_vary_headers(response, ["HX-Request"])
    return response
