"""A repository's first page, and what all pages of a repository share."""

from __future__ import annotations

from collections.abc import Container, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import json_script
from django.views.decorators.http import require_safe

from dashboard.charts.outliers import outliers
from dashboard.charts.still import still
from dashboard.charts.trend import trend_figure
from dashboard.queries.advice import workflow_lines
from dashboard.queries.carried import carried_by
from dashboard.queries.commit_changes import CommitChanges, changes_of
from dashboard.queries.failures import failures_of
from dashboard.queries.files import Files, files_of
from dashboard.queries.job_logs import Log, logs_of
from dashboard.queries.marks import Mark, marks_by_commit, marks_of
from dashboard.queries.repository import RepositoryHeader, find_header
from dashboard.queries.rows import Question, Remembered, ask_together
from dashboard.queries.sources import Evidence, evidence_of
from dashboard.queries.trend import CHOICES, Point, span_of, trend
from dashboard.views.drawn import drawn_page
from dashboard.visibility import reader_of
from dashboard.wording import ago

HEADLINE_FAILURES = 4
LEAST_COVERED = 8
FIRST_COMMITS = 30
CHANGES_NAMED = 3
TRENDS_KEPT = 100


class ShownCommit(NamedTuple):
    """A commit of the trend as the table below has it, with what stands beside it and what changed by name."""

    point: Point
    outlier: bool
    marks: tuple[Mark, ...]
    changed: CommitChanges | None


def header_or_404(request: HttpRequest, owner: str, name: str, neighbours: bool = False) -> RepositoryHeader:
    header = find_header(reader_of(request), owner, name, neighbours)
    if header is None:
        raise Http404("There is no such repository here.")
    return header


def show(request: HttpRequest, template: str, repository: RepositoryHeader, **values: Hashable) -> HttpResponse:
    """The page, with what all pages of a repository know: itself, and where the same is said in JSON.

    Nothing on it is told by the clock, so that it is drawn once while it says the same.
    """
    known: dict[str, Hashable] = {
        "repository": repository,
        "json_address": f"/api/v1/repos/{repository.full_name}",
    }
    return drawn_page(request, f"repository/{template}", known | values)


def asked_of_commit(
    repository: RepositoryHeader, point: Point, evidence: Evidence, failures: int
) -> dict[str, Question[Any]]:
    """What pages about a commit ask, where it has any: what it carries, ``failures`` messages, its jobs' logs."""
    asked: dict[str, Question[Any]] = {"carried": carried_by(repository.id, point)}
    if point.failing:
        asked["failures"] = failures_of(repository.id, evidence, failures)
    if point.evidence == "log":
        asked["logs"] = logs_of(repository.id, point.sha)
    return asked


def report_lines(repository: RepositoryHeader, logs: Sequence[Log]) -> str:
    """The lines of a workflow that would bring a report of what the logs tell."""
    return workflow_lines(repository.language, dict.fromkeys(tool for log in logs for tool in log.tools))


@require_safe
def overview(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    repository = header_or_404(request, owner, name, neighbours=True)
    latest = repository.latest
    context: dict[str, Any] = {"tab": "overview"}
    if latest:
        now = timezone.now()
        told = trend(repository.id, span_of(request.GET, now.date()))
        evidence = evidence_of(repository.id, latest.sha)
        asked: dict[str, Question[Any]] = {
            "marks": marks_of(repository.id, repository.organization_id, told.points),
            "changes": changes_of(repository.id, told.points, FIRST_COMMITS, CHANGES_NAMED),
            "files": _least_covered(repository, latest),
        }
        found = ask_together(asked | asked_of_commit(repository, latest, evidence, HEADLINE_FAILURES))
        marks, changes = found["marks"], found.pop("changes")
        by_date, without = request.GET.get("by") == "date", "without" in request.GET.getlist("outliers")
        figures = _drawing_of(told.points, marks, by_date, without)
        shown = told.points if "all" in request.GET.getlist("rows") else told.points[-FIRST_COMMITS:]
        # The same commit out of the trend knows what changed with it.
        drawn = told.points[-1] if told.points else latest
        context |= found | figures
        context |= {
            "point": drawn if drawn.sha == latest.sha else latest,
            "trend": told,
            "by_date": by_date,
            "choices": CHOICES,
            "marks": marks[::-1],
            "without_outliers": without,
            "commits": _rows(shown, figures["outliers"], marks, changes),
            "evidence": evidence,
            "seen_ago": ago(repository.seen_at, now),
            "report_lines": report_lines(repository, found.get("logs", ())),
        }
    return show(request, "overview.html", repository, **context)


def _rows(
    points: Sequence[Point], apart: Container[str], marks: Sequence[Mark], changes: Mapping[str, CommitChanges]
) -> tuple[ShownCommit, ...]:
    """Newest first."""
    marked = marks_by_commit(marks)
    return tuple(
        ShownCommit(point, point.sha in apart, tuple(marked.get(point.sha, ())), changes.get(point.sha))
        for point in reversed(points)
    )


FILES: Remembered[Files] = Remembered(TRENDS_KEPT)


def _least_covered(repository: RepositoryHeader, latest: Point) -> Question[Files]:
    """All files of a commit are put in order for a few of them, which stay the same as long as the commit does."""
    asked = files_of(repository.id, repository.manifest_id, size=LEAST_COVERED)
    return FILES.question((repository.id, repository.manifest_id, latest), asked)


@lru_cache(TRENDS_KEPT)
def _drawing_of(points: tuple[Point, ...], marks: tuple[Mark, ...], by_date: bool, without: bool) -> dict[str, Any]:
    """The same commits make the same trend, until there is another one; ``without`` those that stand out."""
    apart = outliers(points)
    shown = [point for point in points if point.sha not in apart] if without else points
    figure = trend_figure(shown, by_date, marks)
    return {"outliers": apart, "figure": json_script(figure), "still": still(figure)}
