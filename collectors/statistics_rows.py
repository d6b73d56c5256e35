"""The rows of ``test_statistics``: streaks in and out, many at a time."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from collectors import arrays
from collectors.streaks import Streak
from dashboard.packing import FLAKY_BIT, duration_code, milliseconds_of

STORED = """
    select case_id, outcome, flaky, since_id, since_at, first_seen_at, last_seen_at, duration_ms
    from test_statistics where repository_id = %(repository)s and case_id = any(%(ids)s::bigint[])
"""


def stored_streaks(repository_id: int, wanted: list[int]) -> dict[int, Streak]:
    """The streaks that an earlier walk left on these tests; a test that was on no commit has none."""
    with connection.cursor() as cursor:
        cursor.execute(STORED, {"repository": repository_id, "ids": arrays.numbers(wanted)})
        return {
            case: Streak(
                code=outcome | (FLAKY_BIT if flaky else 0),
                since=since,
                since_at=since_at,
                first_at=first_at,
                last_at=last_at,
                duration=duration_code(None if milliseconds is None else milliseconds / 1000),
            )
            for case, outcome, flaky, since, since_at, first_at, last_at, milliseconds in cursor.fetchall()
        }


WRITE = """
    insert into test_statistics as s (case_id, repository_id, outcome, flaky, since_id, since_at, first_seen_at,
        last_seen_at, duration_ms)
    select id, %(repository)s, outcome, flaky, since_id, since_at, first_at, last_at, duration
    from unnest(%(ids)s::bigint[], %(outcomes)s::smallint[], %(flaky)s::boolean[], %(since)s::bigint[],
        %(since_at)s::timestamptz[], %(first)s::timestamptz[], %(last)s::timestamptz[], %(durations)s::bigint[])
        as n(id, outcome, flaky, since_id, since_at, first_at, last_at, duration)
    on conflict (case_id) do update set outcome = excluded.outcome, flaky = excluded.flaky,
        since_id = excluded.since_id, since_at = excluded.since_at, first_seen_at = excluded.first_seen_at,
        last_seen_at = excluded.last_seen_at, duration_ms = excluded.duration_ms
    where (s.outcome, s.flaky, s.since_id, s.since_at, s.first_seen_at, s.last_seen_at, s.duration_ms)
        is distinct from (excluded.outcome, excluded.flaky, excluded.since_id, excluded.since_at,
            excluded.first_seen_at, excluded.last_seen_at, excluded.duration_ms)
"""


def write_streaks(repository_id: int, streaks: Mapping[int, Streak]) -> None:
    """Insert what is new, update what is other than before, and touch nothing else."""
    if not streaks:
        return
    found = streaks.values()
    values: dict[str, int | str] = {
        "repository": repository_id,
        "ids": arrays.numbers(streaks),
        "outcomes": arrays.numbers(streak.outcome for streak in found),
        "flaky": arrays.flags(streak.flaky for streak in found),
        "since": arrays.numbers(streak.since for streak in found),
        "since_at": arrays.moments(streak.since_at for streak in found),
        "first": arrays.moments(streak.first_at for streak in found),
        "last": arrays.moments(streak.last_at for streak in found),
        "durations": arrays.numbers(milliseconds_of(streak.duration) for streak in found),
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


DURATIONS = """
    update test_statistics s set duration_ms = n.duration
    from unnest(%(ids)s::bigint[], %(durations)s::bigint[]) as n(id, duration) where s.case_id = n.id
"""


def write_durations(codes: Mapping[int, int]) -> None:
    """Durations of tests that are stored already, as codes by test."""
    if codes:
        values = {"ids": arrays.numbers(codes), "durations": arrays.numbers(map(milliseconds_of, codes.values()))}
        with connection.cursor() as cursor:
            cursor.execute(DURATIONS, values)
