"""The runs of a repository, one run with its artifacts, and one artifact with all that was read of it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard.queries.artifact import artifact_page
from dashboard.queries.job_logs import logs_of_run
from dashboard.queries.repository import RepositoryHeader
from dashboard.queries.runs import run_page, runs_of
from dashboard.views.repository import header_or_404, show

LONGEST_NUMBER = 18
"""Digits that a number in an address may have and still be an id of the database."""


def number_in(request: HttpRequest, key: str) -> int | None:
    """The whole number above zero that the address gives for the key, if it does."""
    text = request.GET.get(key, "")
    return int(text) or None if text.isdecimal() and text.isascii() and len(text) <= LONGEST_NUMBER else None


def page_number(request: HttpRequest) -> int:
    return min(number_in(request, "page") or 1, 100_000)


@require_safe
def runs(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    sha = request.GET.get("commit", "").lower()
    apart = "pull-requests" in request.GET
    found = runs_of(repository.id, page_number(request), sha if sha.isalnum() else "", pull_requests=apart)
    context = {"tab": "runs", "runs": found, "sha": sha, "apart": apart}
    return show(request, "runs.html", repository, **context, **_json(repository, "runs"))


@require_safe
def run(request: HttpRequest, owner: str, name: str, github_id: int) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    found = run_page(repository.id, github_id, page_number(request))
    if found is None:
        raise Http404("This run is not known.")
    # One that uploaded something is told by that.
    logs = () if found.count else logs_of_run(repository.id, github_id).ask()
    context = {"tab": "run", "found": found, "run": found.run, "logs": logs}
    return show(request, "run.html", repository, **context, **_admin(request, repository))


@require_safe
def artifact(request: HttpRequest, owner: str, name: str, github_id: int) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    report_id = number_in(request, "report")
    found = artifact_page(repository.id, github_id, page_number(request), report_id)
    if found is None:
        raise Http404("This artifact is not known.")
    context = {"tab": "artifact", "found": found, "run": found.run, "upload": found.upload, "chosen": report_id}
    context["unresolved"] = found.unresolved
    context |= _json(repository, f"artifacts/{github_id}")
    return show(request, "artifact.html", repository, **context, **_admin(request, repository))


def _json(repository: RepositoryHeader, part: str) -> dict[str, str]:
    """Where the same is said in JSON."""
    return {"json_address": f"/api/v1/repos/{repository.full_name}/{part}"}


def _admin(request: HttpRequest, repository: RepositoryHeader) -> dict[str, str]:
    """Where a reader who may change the repository's patterns does so; "" for others."""
    user = getattr(request, "user", None)
    may = bool(user and user.is_active and user.is_staff and user.has_perm("dashboard.change_repository"))
    return {"patterns_address": reverse("admin:dashboard_repository_change", args=[repository.id]) if may else ""}
