"""The days of organizations and of the estate, summed up from the days of their repositories.

    rollup notes on a repository the oldest day that changed ─▶ sum_up() takes the notes and sums up from there

The sums are over every repository: they are made now and then while a night runs, and for good when it ends.
Recomputed rather than added to, so that doing it twice, or after a crash, ends in the same figures.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from collectors.organization_sums import add_up
from dashboard.models import Organization
from dashboard.nights import day_of

FORGET_DAYS = "DELETE FROM organization_day WHERE organization_id = %(organization)s AND day >= %(first)s"

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

DUE_DAYS = """
WITH due AS (
    SELECT id, organization_id, days_due FROM repository WHERE days_due IS NOT NULL
    ORDER BY id FOR UPDATE SKIP LOCKED
), noted AS (
    UPDATE repository SET days_due = NULL FROM due WHERE repository.id = due.id
)
SELECT organization_id, min(days_due) FROM due GROUP BY organization_id
"""
"""What was noted is taken; what a worker is about to note again is left for the next time."""

# One writer of day rows at a time: they are sums over repositories that different workers collect.
DAYS_LOCK = 0x436C6572
REST = 2.0
REST_FOR_EACH = 20.0
"""While a night runs, days are summed up every so many seconds, and rest for so many times what it took: the sums
are over all repositories, and would otherwise cost more than the repositories."""

_rested_at = 0.0


def sum_up_in_passing() -> None:
    """``sum_up`` for pages that are looked at while a night runs, unless that was done a moment ago.

    Whoever ends the night does it for good.
    """
    global _rested_at
    began = time.monotonic()
    if began >= _rested_at:
        sum_up(day_of(timezone.now()), wait=False)
        ended = time.monotonic()
        _rested_at = ended + max(REST, REST_FOR_EACH * (ended - began))


def sum_up(today: date, *, wait: bool = True, all_up_to_today: bool = False) -> None:
    """Recompute the days of organizations and of the estate from the oldest day that a repository's changed.

    A day sums each active repository's newest day row that is not older than the carry-forward limit. With
    ``all_up_to_today`` a quiet night has its row too, and carried figures age. Without ``wait`` nothing is done
    while another process sums up.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DAYS_LOCK])
        else:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [DAYS_LOCK])
            if cursor.fetchone() == (False,):
                return
        cursor.execute(DUE_DAYS)
        due: dict[int, date] = dict(cursor.fetchall())
        add_up()
        sum_up_from(dict(_firsts(due, today, all_up_to_today)), today)


def _firsts(due: Mapping[int, date], today: date, all_up_to_today: bool) -> Iterator[tuple[int, date]]:
    """(organization, the day from which its days are to be summed up); no day after its last one is left out."""
    organizations = Organization.objects.annotate(last_day=Max("days__day"))
    if not all_up_to_today:
        organizations = organizations.filter(pk__in=due)
    for pk, last in organizations.values_list("pk", "last_day"):
        known = [due[pk]] if pk in due else []
        if last is not None:
            known.append(last if all_up_to_today else last + timedelta(days=1))
        if known:
            yield pk, min([*known, today])


def sum_up_from(firsts: Mapping[int, date], last: date) -> None:
    """Recompute the days of some organizations, of each from a day of its own on, and then the estate's.

    The caller holds a transaction that nobody else sums up in.
    """
    if not firsts:
        return
    values: dict[str, int | date] = {"last": last, "carry": settings.CARRY_FORWARD_DAYS}
    with connection.cursor() as cursor:
        for organization_id, first in firsts.items():
            values |= {"organization": organization_id, "first": first}
            cursor.execute(FORGET_DAYS, values)
            cursor.execute(ORGANIZATION_DAYS, values)
        cursor.execute("DELETE FROM estate_day WHERE day >= %s", [min(firsts.values())])
        cursor.execute(ESTATE_DAYS, {"first": min(firsts.values())})
