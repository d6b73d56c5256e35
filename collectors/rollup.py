"""What the lists show, brought up to date from snapshots: only what changed, and always from what is stored.

Every function recomputes rather than adds, so that running it twice, or after a crash, ends in the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count

from collectors.case_statistics import refresh_statistics
from collectors.conditions import condition_of, no_evidence_reason, silence_of
from collectors.heads import mark_left, tell_head
from dashboard.models import Artifact, Failure, Organization, Repository, RepositoryDay, Snapshot
from dashboard.models.figures import FIGURE_NAMES
from dashboard.nights import day_of, end_of
from dashboard.packing import Night, pack_nights
from dashboard.queries.standing import standing_reports

NIGHTS_KEPT = 60
FIRST_COMMITS_SEARCHED = 1_000
"""How many commits back the start of a failing streak is looked for; older streaks show that many as their age."""


def refresh_repository(repository: Repository, since: date | None = None) -> None:
    """Recompute a repository's days from ``since`` on (None: all), its current figures and its tests' statistics.

    The caller holds the repository's lock.
    """
    with transaction.atomic():
        mark_left(repository)
        _refresh_days(repository, since)
        _refresh_current(repository)
        refresh_statistics(repository)


def _refresh_days(repository: Repository, since: date | None) -> None:
    """One row for each day on which evidence was made, with the figures as they stood when the day ended."""
    made = Artifact.objects.filter(
        repository=repository, run__is_trend=True, state__in=(Artifact.State.READ, Artifact.State.SAME)
    )
    # Days are summed over the estate, and what logs tell is in no total (contract rule 9).
    reachable = Snapshot.objects.filter(repository=repository, evidence=Repository.Evidence.REPORT).reachable()
    # A day's figures are those of a complete commit, unless the repository has none (contract rule 6).
    complete = reachable.filter(complete=True)
    snapshots = list((complete if complete.exists() else reachable).oldest_first())
    # Evidence uploaded before its commit stood in the order (a clock ahead of GitHub's) still belongs to a day.
    days = {day_of(moment) for moment in made.values_list("created_at", flat=True)}
    days |= {day_of(snapshot.ordered_at) for snapshot in snapshots}
    wanted = sorted(day for day in days if since is None or day >= since)
    rows, position = [], -1
    for day in wanted:
        while position + 1 < len(snapshots) and snapshots[position + 1].ordered_at < end_of(day):
            position += 1
        if position >= 0:
            snapshot = snapshots[position]
            rows.append(RepositoryDay(repository=repository, day=day, snapshot=snapshot, **snapshot.figures()))
    stale = RepositoryDay.objects.filter(repository=repository)
    if since is not None:
        stale = stale.filter(day__gte=since)
    stale.exclude(day__in=[row.day for row in rows]).delete()
    RepositoryDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["repository", "day"],
        update_fields=["snapshot", *FIGURE_NAMES],
    )


def _refresh_current(repository: Repository) -> None:
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
    repository.nights = pack_nights(_nights(repository))
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
        .annotate(times=Count("id"))
        .order_by("-times", "message_id")
        .first()
    )
    lines = ((common[0] or common[1]).strip().splitlines() or [""]) if common else [""]
    return lines[0][:300]


def _nights(repository: Repository) -> list[Night]:
    rows = RepositoryDay.objects.filter(repository=repository).order_by("-day")[:NIGHTS_KEPT]
    nights = [Night(row.day, row.tests_total, row.failing, row.lines_covered, row.lines_valid) for row in rows]
    return nights[::-1]


ORGANIZATION_DAYS = """
WITH newest AS (
    SELECT d.day::date AS day, repository.private, held.*
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d(day)
    CROSS JOIN (SELECT id, private FROM repository WHERE organization_id = %(organization)s AND NOT archived)
        AS repository
    JOIN LATERAL (
        SELECT repository_day.day AS made_on, tests_total, tests_passed, tests_failed, tests_errors, tests_skipped,
            duration_ms, lines_valid, lines_covered
        FROM repository_day
        WHERE repository_day.repository_id = repository.id
          AND repository_day.day <= d.day AND repository_day.day >= d.day::date - %(carry)s::int
        ORDER BY repository_day.day DESC
        LIMIT 1
    ) AS held ON true
)
INSERT INTO organization_day (
    organization_id, day, public, reporting, fresh, broken, tests_total, tests_passed, tests_failed, tests_errors,
    tests_skipped, duration_ms, lines_valid, lines_covered
)
SELECT %(organization)s, newest.day, audience.public, count(*), count(*) FILTER (WHERE made_on = newest.day),
    count(*) FILTER (WHERE tests_failed + tests_errors > 0), coalesce(sum(tests_total), 0),
    coalesce(sum(tests_passed), 0), coalesce(sum(tests_failed), 0), coalesce(sum(tests_errors), 0),
    coalesce(sum(tests_skipped), 0), coalesce(sum(duration_ms), 0), coalesce(sum(lines_valid), 0),
    coalesce(sum(lines_covered) FILTER (WHERE lines_valid IS NOT NULL), 0)
FROM newest CROSS JOIN (VALUES (true), (false)) AS audience(public)
WHERE NOT (audience.public AND newest.private)
GROUP BY newest.day, audience.public
"""

ESTATE_DAYS = """
INSERT INTO estate_day (
    day, public, reporting, fresh, broken, tests_total, tests_passed, tests_failed, tests_errors, tests_skipped,
    duration_ms, lines_valid, lines_covered
)
SELECT day, public, sum(reporting), sum(fresh), sum(broken), sum(tests_total), sum(tests_passed), sum(tests_failed),
    sum(tests_errors), sum(tests_skipped), sum(duration_ms), sum(lines_valid), sum(lines_covered)
FROM organization_day
WHERE day >= %(first)s
GROUP BY day, public
"""

# One writer of day rows at a time: they are sums over repositories that different workers collect.
DAYS_LOCK = 0x436C6572


def refresh_days(organization: Organization, first: date, last: date) -> None:
    """Recompute the organization's and the estate's day rows from ``first`` to ``last`` (UTC dates).

    A day sums each active repository's newest day row that is not older than the carry-forward limit.
    """
    values: dict[str, int | date] = {
        "organization": organization.pk,
        "first": first,
        "last": last,
        "carry": settings.CARRY_FORWARD_DAYS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DAYS_LOCK])
        cursor.execute(
            "DELETE FROM organization_day WHERE organization_id = %(organization)s AND day >= %(first)s", values
        )
        cursor.execute(ORGANIZATION_DAYS, values)
        cursor.execute("DELETE FROM estate_day WHERE day >= %(first)s", values)
        cursor.execute(ESTATE_DAYS, values)


def refresh_all_days(today: date) -> None:
    """Bring every organization's days up to today, so that a quiet night has its row and carried figures age."""
    for organization in Organization.objects.all():
        last = organization.days.order_by("-day").values_list("day", flat=True).first()
        first = (
            min(last, today)
            if last
            else RepositoryDay.objects.filter(repository__organization=organization)
            .order_by("day")
            .values_list("day", flat=True)
            .first()
        )
        if first is not None:
            refresh_days(organization, first, today)
