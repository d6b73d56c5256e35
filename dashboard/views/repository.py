"""The pages of one repository: overview, failures, coverage, a file, runs, and the evidence of one commit."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.charts.trend import trend_figure
from dashboard.queries.failures import dated, failures_of
from dashboard.queries.files import ORDERS, file_lines, files_of
from dashboard.queries.repository import RepositoryHeader, find_header
from dashboard.queries.runs import runs_of
from dashboard.queries.sources import evidence_of
from dashboard.queries.trend import CHOICES, commit_with_previous, span_of, trend
from dashboard.visibility import reader_of

HEADLINE_FAILURES = 4
LEAST_COVERED = 8
FIRST_COMMITS = 30
FIGURES = ("tests", "coverage")


def header_or_404(request: HttpRequest, owner: str, name: str, neighbours: bool = False) -> RepositoryHeader:
    header = find_header(reader_of(request), owner, name, neighbours)
    if header is None:
        raise Http404("There is no such repository here.")
    return header


def page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return min(int(text), 100_000) if text.isdecimal() and int(text) > 0 else 1


@require_safe
def overview(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name, neighbours=True)
    latest = repository.latest
    context: dict[str, Any] = {"repository": repository, "tab": "overview"}
    if latest:
        told = trend(repository.id, span_of(request.GET, timezone.now().date()))
        by_date = request.GET.get("by") == "date"
        evidence = evidence_of(repository.id, latest.sha)
        context |= {
            "trend": told,
            "by_date": by_date,
            "choices": CHOICES,
            "figure": trend_figure(told.points, by_date),
            "commits": told.newest_first
            if "all" in request.GET.getlist("rows")
            else told.newest_first[:FIRST_COMMITS],
            "evidence": evidence,
            "failures": failures_of(repository.id, evidence, HEADLINE_FAILURES) if latest.failing else None,
            "files": files_of(repository.id, repository.manifest_id, size=LEAST_COVERED),
        }
    return render(request, "repository/overview.html", context)


@require_safe
def failures(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    latest = repository.latest
    found = None
    if latest and latest.failing:
        found = failures_of(repository.id, evidence_of(repository.id, latest.sha))
        found = dated(repository.id, latest.sha, found)
    return render(
        request, "repository/failures.html", {"repository": repository, "tab": "failures", "failures": found}
    )


@require_safe
def coverage(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    if "path" in request.GET:
        return covered_file(request, repository, request.GET["path"])
    text, order = request.GET.get("q", "")[:200].replace("\x00", ""), request.GET.get("sort", "percent")
    context = {
        "repository": repository,
        "tab": "coverage",
        "text": text,
        "order": order if order in ORDERS else "percent",
        "files": files_of(repository.id, repository.manifest_id, text, order, page_number(request)),
        "evidence": evidence_of(repository.id, repository.latest.sha if repository.latest else ""),
    }
    return render(request, "repository/coverage.html", context)


def covered_file(request: HttpRequest, repository: RepositoryHeader, path: str) -> HttpResponse:
    """One file's lines. Its path is a parameter: reports hold paths (``../x``, ``C:\\x``) that no address can."""
    found = file_lines(repository.id, repository.manifest_id, path.replace("\x00", ""))
    if found is None or repository.latest is None:
        raise Http404("No report of the newest commit names this file.")
    return render(request, "repository/file.html", {"repository": repository, "tab": "coverage", "known": found})


@require_safe
def runs(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    sha = request.GET.get("commit", "").lower()
    found = runs_of(repository.id, page_number(request), sha if sha.isalnum() else "")
    return render(
        request, "repository/runs.html", {"repository": repository, "tab": "runs", "runs": found, "sha": sha}
    )


@require_safe
def commit(request: HttpRequest, owner: str, name: str, sha: str) -> HttpResponse:
    """A commit's figures with everything that they were made of; for htmx only the part of one figure."""
    repository = header_or_404(request, owner, name)
    point = commit_with_previous(repository.id, sha)
    if point is None:
        raise Http404("This commit brought no evidence.")
    figure = request.GET.get("figure", "tests")
    context = {
        "repository": repository,
        "tab": "commit",
        "point": point,
        "evidence": evidence_of(repository.id, point.sha),
        "chosen": figure if figure in FIGURES else "tests",
    }
    template = "repository/_provenance.html" if request.headers.get("HX-Request") else "repository/commit.html"
    return render(request, template, context)
