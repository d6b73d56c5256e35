"""The further pages of a repository: failures, and the evidence of one commit."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from dashboard.queries.commit_changes import changes_of
from dashboard.queries.failures import dated, failures_of
from dashboard.queries.rows import ask_together
from dashboard.queries.sources import evidence_of
from dashboard.queries.trend import commit_with_earlier
from dashboard.views.repository import asked_of_commit, header_or_404, report_lines, show

FIGURES = ("tests", "coverage")
FAILURES_SHOWN = 8
"""Distinct messages whose tests a commit's page names."""
CHANGES_NAMED = 40
"""Tests and files of each kind of change that it names."""


@require_safe
def failures(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    latest = repository.latest
    found = None
    if latest and latest.failing:
        found = failures_of(repository.id, evidence_of(repository.id, latest.sha)).ask()
        found = dated(repository.id, latest.sha, found)
    return show(request, "failures.html", repository, tab="failures", failures=found, today=timezone.now().date())


@require_safe
def commit(request: HttpRequest, owner: str, name: str, sha: str) -> HttpResponse:
    """A commit's figures with everything that they were made of; for htmx only the part of one figure."""
    repository = header_or_404(request, owner, name)
    points = commit_with_earlier(repository.id, sha)
    if not points:
        raise Http404("This commit brought no evidence.")
    point = points[-1]
    figure = request.GET.get("figure", "tests")
    part = bool(request.headers.get("HX-Request"))
    evidence = evidence_of(repository.id, point.sha)
    asked = asked_of_commit(repository, point, evidence, FAILURES_SHOWN)
    if part:
        asked.pop("failures", None)
    else:
        asked["changes"] = changes_of(repository.id, points, 1, CHANGES_NAMED)
    found = ask_together(asked)
    context = found | {
        "tab": "commit",
        "point": point,
        "evidence": evidence,
        "changes": found.get("changes", {}).get(point.sha),
        "chosen": figure if figure in FIGURES else "tests",
        "report_lines": report_lines(repository, found.get("logs", ())),
    }
    template = "_provenance.html" if part else "commit.html"
    response = show(request, template, repository, **context)
    # One address, two answers: a browser that goes back must not show the part for the page.
    patch_vary_headers(response, ["HX-Request"])
    return response
