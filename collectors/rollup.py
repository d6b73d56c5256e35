"""What the lists show, brought up to date from snapshots: only what changed, and always from what is stored.

Every function recomputes rather than adds, so that running it twice, or after a crash, ends in the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from collectors.case_statistics import refresh_statistics
from collectors.conditions import condition_of, no_evidence_reason, silence_of
from collectors.heads import mark_left, tell_head
from dashboard.models import Artifact, Failure, Repository, RepositoryDay, Snapshot
from dashboard.models.figures import FIGURE_NAMES
from dashboard.nights import day_of, end_of
from dashboard.packing import Night, pack_nights
from dashboard.queries.standing import standing_reports

NIGHTS_KEPT = 60
FIRST_COMMITS_SEARCHED = 1_000
"""How many commits back the start of a failing streak is looked for; older streaks show that many as their age."""


def refresh_repository(repository: Repository) -> None:
    """Recompute a repository's days, its current figures and its tests' statistics.

    The caller holds the repository's lock, and sums the days up when it is done (``sum_up``).
    """
    with transaction.atomic():
        mark_left(repository)
        days = _refresh_days(repository)
        _refresh_current(repository, days)
        refresh_statistics(repository)


def _refresh_days(repository: Repository) -> list[RepositoryDay]:
    """One row for each day on which evidence was made, with the figures as they stood when the day ended.

    Only rows that change are written; the oldest day that did is noted, for what is summed up from it.
    """
    days = _days_of(repository)
    stored = {row.day: row for row in RepositoryDay.objects.filter(repository=repository)}
    changed = [row for row in days if row.day not in stored or _told(row) != _told(stored[row.day])]
    gone = stored.keys() - {row.day for row in days}
    if gone:
        RepositoryDay.objects.filter(repository=repository, day__in=gone).delete()
    if changed:
        RepositoryDay.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["repository", "day"],
            update_fields=["snapshot", *FIGURE_NAMES],
        )
    due = [*gone, *(row.day for row in changed)]
    if due:
        # Stored by the same transaction, so that whoever dies after it leaves it to be seen.
        repository.days_due = min([*due, *([repository.days_due] if repository.days_due else [])])
    return days


def _told(row: RepositoryDay) -> tuple[Any, ...]:
    return (row.snapshot_id, *(getattr(row, name) for name in FIGURE_NAMES))


def _days_of(repository: Repository) -> list[RepositoryDay]:
    """The rows as they should be, oldest first."""
    made = Artifact.objects.filter(
        repository=repository, run__is_trend=True, state__in=(Artifact.State.READ, Artifact.State.SAME)
    )
    # Days are summed over the estate, and what logs tell is in no total (contract rule 9).
    reachable = Snapshot.objects.filter(repository=repository, evidence=Repository.Evidence.REPORT).reachable()
    snapshots = list(reachable.oldest_first())
    # A day's figures are those of a complete commit, unless the repository has none (contract rule 6).
    snapshots = [snapshot for snapshot in snapshots if snapshot.complete] or snapshots
    # Evidence uploaded before its commit stood in the order (a clock ahead of GitHub's) still belongs to a day.
    days = {day_of(moment) for moment in made.values_list("created_at", flat=True)}
    days |= {day_of(snapshot.ordered_at) for snapshot in snapshots}
    rows, position = [], -1
    for day in sorted(days):
        while position + 1 < len(snapshots) and snapshots[position + 1].ordered_at < end_of(day):
            position += 1
        if position >= 0:
            snapshot = snapshots[position]
            rows.append(RepositoryDay(repository=repository, day=day, snapshot=snapshot, **snapshot.figures()))
    return rows


def _refresh_current(repository: Repository, days: Sequence[RepositoryDay]) -> None:
    points = _of_one_grade(
        list(Snapshot.objects.filter(repository=repository).reachable().newest_first()[:FIRST_COMMITS_SEARCHED])
    )
    latest, previous = _latest(points)
    if latest is None:
        for name in FIGURE_NAMES:
            setattr(repository, name, None)
        repository.evidence = Repository.Evidence.NONE
        repository.evidence_at = None
    else:
        for name, value in latest.figures().items():
            setattr(repository, name, value)
        repository.evidence = Repository.Evidence(latest.evidence)
        repository.evidence_at = latest.evidence_at
    repository.latest = latest
    repository.tests_delta = _difference(latest, previous, "tests_total")
    repository.failing_delta = _difference(latest, previous, "failing")
    repository.percent_delta = _difference(latest, previous, "percent")
    repository.failing_since = _failing_since(points)
    repository.failure_headline = _failure_headline(repository, latest)
    repository.silent_since, silence = silence_of(repository)
    repository.condition = condition_of(repository)
    repository.reason = silence or no_evidence_reason(repository)
    repository.nights = pack_nights(_nights(days))
    tell_head(repository)
    repository.save(update_fields=CURRENT_FIELDS)


def _of_one_grade(points: list[Snapshot]) -> list[Snapshot]:
    """The reports' points; those told by logs only where no report stands, fresh or carried (contract rule 12).

    Newest first, as given; the grades are never held against one another.
    """
    reports = [point for point in points if point.evidence == Repository.Evidence.REPORT]
    limit = timedelta(days=settings.CARRY_FORWARD_DAYS)
    if not points or (reports and points[0].ordered_at - reports[0].ordered_at <= limit):
        return reports
    return [point for point in points if point.evidence == Repository.Evidence.LOG]


def _latest(points: Sequence[Snapshot]) -> tuple[Snapshot | None, Snapshot | None]:
    """The commit whose figures stand, and the one before it that did: complete ones, newest first.

    An incomplete commit stands only where nothing complete is within the carry-forward limit (contract rule 6).
    """
    if not points:
        return None, None
    oldest = points[0].ordered_at - timedelta(days=settings.CARRY_FORWARD_DAYS)
    complete = [point for point in points if point.complete]
    standing = complete if complete and complete[0].ordered_at >= oldest else points
    return standing[0], standing[1] if len(standing) > 1 else None


CURRENT_FIELDS = [
    *FIGURE_NAMES,
    "latest",
    "evidence",
    "evidence_at",
    "tests_delta",
    "failing_delta",
    "percent_delta",
    "failing_since",
    "failure_headline",
    "silent_since",
    "condition",
    "reason",
    "nights",
    "head_sha",
    "head_committed_at",
    "head_state",
    "head_run_url",
    "days_due",
]


def _difference(latest: Snapshot | None, previous: Snapshot | None, name: str) -> Any:
    """What changed between the two newest points; None unless both know the figure."""
    now, before = getattr(latest, name, None), getattr(previous, name, None)
    return None if now is None or before is None else now - before


def _failing_since(points: Sequence[Snapshot]) -> datetime | None:
    """When the oldest commit of the unbroken failing streak stood; commits without tests do not break it."""
    since = None
    for point in points:
        if point.failing is None:
            continue
        if not point.failing:
            break
        since = point.ordered_at
    return since


def _failure_headline(repository: Repository, latest: Snapshot | None) -> str:
    """The first line of the message that most failing tests of the newest commit share."""
    if latest is None or not latest.failing:
        return ""
    reports = [report.pk for report in standing_reports(repository.pk, latest.sha)]
    common = (
        Failure.objects.filter(repository=repository, report_id__in=reports)
        .values_list("message__message", "message__details")
        .annotate(times=Count("case_id"))
        .order_by("-times", "message_id")
        .first()
    )
    lines = ((common[0] or common[1]).strip().splitlines() or [""]) if common else [""]
    return lines[0][:300]


def _nights(days: Sequence[RepositoryDay]) -> list[Night]:
    return [
        Night(row.day, row.tests_total, row.failing, row.lines_covered, row.lines_valid)
        for row in days[-NIGHTS_KEPT:]
    ]
