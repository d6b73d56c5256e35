"""How each test stands, kept on its row so that a list of tests is one indexed read.

    commits of the trend up to the repository's newest ─▶ each report group's own results, oldest first
      ├─▶ the stored statistics were made of the first of them ─▶ walk only what came after
      └─▶ they were not (a backfill, a re-run, a force push)   ─▶ walk all of them

Whichever way, the same commits give the same statistics: they follow the order of the trend (contract rule 11), not
the order of reading. Only rows that are other than before are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from collectors.streaks import Commit, Streak, Walk, same_kind
from dashboard.models import Case, CaseGroup, Repository, Results, Roster, SnapshotGroup
from dashboard.packing import FLAKY_BIT, digest_of, unpack_durations, unsqueeze
from dashboard.queries.rows import named_rows

NEVER = b""

Held = Callable[[int], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Point:
    """A report group's own results on one commit; ``results`` None where they are kept no more."""

    name: str
    row: int
    results: int | None
    commit: int
    at: datetime


POINTS = """
    select g.name, g.id as row, g.results_id as results, s.id as commit, s.ordered_at as at
    from snapshot_group g join snapshot s on s.id = g.snapshot_id
    join snapshot newest on newest.id = %(latest)s
    where g.repository_id = %(repository)s and s.repository_id = %(repository)s and s.reachable
      and s.evidence = 'report' and g.carried_from_id is null and g.tests_total is not null
      and (s.ordered_at, s.run_started_at, s.id) <= (newest.ordered_at, newest.run_started_at, newest.id)
    order by g.name, s.ordered_at, s.run_started_at, s.id
"""


def refresh_statistics(repository: Repository) -> None:
    """Bring the tests' statistics up to the repository's ``latest``. The caller holds the repository's lock."""
    rows = named_rows(POINTS, {"repository": repository.pk, "latest": repository.latest_id})
    found = [Point(row.name, row.row, row.results, row.commit, row.at) for row in rows]
    points = {name: list(own) for name, own in groupby(found, key=attrgetter("name"))}
    standing = set(
        SnapshotGroup.objects.filter(repository=repository, snapshot=repository.latest_id).values_list(
            "name", flat=True
        )
    )
    told = {group.name: group for group in CaseGroup.objects.filter(repository=repository)}
    for name in points.keys() | told.keys():
        group = told.get(name) or CaseGroup(repository=repository, name=name, told=NEVER, commits=0)
        _refresh_group(group, points.get(name, []), ended=name not in standing)


def refresh_untold(most: int, held: Held) -> int:
    """Statistics of repositories that were collected before there were any; how many were filled.

    ``held`` takes a repository's lock.
    """
    untold = Repository.objects.filter(
        ~Exists(CaseGroup.objects.filter(repository=OuterRef("pk"))),
        evidence=Repository.Evidence.REPORT,
        tests_total__isnull=False,
    )
    chosen = list(untold.order_by("pk")[:most])
    for repository in chosen:
        with held(repository.pk), transaction.atomic():
            repository.refresh_from_db()
            refresh_statistics(repository)
    return len(chosen)


def _refresh_group(group: CaseGroup, points: list[Point], *, ended: bool) -> None:
    marks = _marks(points)
    mark = digest_of(marks[-1], b"ended") if ended else marks[-1]
    if bytes(group.told) == mark:
        return
    # A group that had ended and goes on is walked anew: its tests were told to be gone.
    done = marks.index(bytes(group.told)) if bytes(group.told) in marks else 0
    if done and points[done - 1].results is None:
        done = 0
    walk, stood_at = _walked(group.repository_id, points, done)
    newest = walk.before
    if newest is not None and ended:
        walk.end(newest.id, newest.at)
    elif newest is not None:
        walk.tell_durations(newest)
    if not done:
        _settle_others(group, walk.streaks, points)
    _write(group.repository_id, walk.streaks)
    if newest is not None and not ended:
        _write_durations(group.repository_id, newest, stood_at)
    _remember_told(group, points, mark)


def _walked(repository_id: int, points: Sequence[Point], done: int) -> tuple[Walk, Commit | None]:
    """A walk over all commits but the first ``done``, which are told, and the commit that it began at."""
    walk = Walk()
    if done:
        [before] = _commits([points[done - 1]])
        walk = Walk(lambda wanted: _stored(repository_id, wanted), before)
    stood_at = walk.before
    for commit in _commits([point for point in points[done:] if point.results is not None]):
        walk.step(commit)
    return walk, stood_at


def _remember_told(group: CaseGroup, points: Sequence[Point], mark: bytes) -> None:
    if not points:
        CaseGroup.objects.filter(pk=group.pk).delete()
        return
    group.told, group.commits = mark, len(points)
    group.first_at, group.last_at = points[0].at, points[-1].at
    group.save()


def _marks(points: Sequence[Point]) -> list[bytes]:
    """A name for each beginning of the row of commits, the empty one first."""
    marks = [digest_of(b"")]
    for point in points:
        marks.append(digest_of(marks[-1], f"{point.row} {point.at.timestamp()}".encode()))
    return marks


def _commits(points: Sequence[Point]) -> Iterable[Commit]:
    """Results in order, a few in memory at a time, and each roster loaded once while it lasts."""
    roster: Roster | None = None
    for at in range(0, len(points), 20):
        some = points[at : at + 20]
        stored = Results.objects.in_bulk([point.results for point in some])
        for point in some:
            assert point.results is not None
            results = stored[point.results]
            if roster is None or roster.pk != results.roster_id:
                roster = Roster.objects.get(pk=results.roster_id)
            yield _commit(point, results, roster)


def _commit(point: Point, results: Results, roster: Roster) -> Commit:
    packed = results.durations
    return Commit(
        point.commit,
        point.at,
        roster.pk,
        roster.case_ids,
        unsqueeze(results.outcomes),
        lambda: [None if seconds is None else round(1000 * seconds) for seconds in unpack_durations(packed)],
    )


def _stored(repository_id: int, wanted: list[int]) -> dict[int, Streak]:
    """The streaks that an earlier walk left on these rows; a test that was on no commit has none."""
    rows = Case.objects.filter(repository_id=repository_id, pk__in=wanted, outcome__isnull=False)
    return {
        row.pk: Streak(
            code=(row.outcome or 0) | (FLAKY_BIT if row.flaky else 0),
            since=row.since_id or 0,
            since_at=row.since_at,
            first_at=row.first_seen_at,
            last_at=row.last_seen_at,
            duration_ms=row.duration_ms,
        )
        for row in rows.only(
            "outcome", "flaky", "since", "since_at", "first_seen_at", "last_seen_at", "duration_ms"
        )
        if row.since_at is not None and row.first_seen_at is not None
    }


WRITE = """
    update test_case c set outcome = n.outcome, flaky = n.flaky, since_id = n.since_id, since_at = n.since_at,
        first_seen_at = n.first_at, last_seen_at = n.last_at,
        duration_ms = case when n.last_at is null then coalesce(c.duration_ms, n.duration) else n.duration end
    from unnest(%(ids)s::bigint[], %(outcomes)s::smallint[], %(flaky)s::boolean[], %(since)s::bigint[],
        %(since_at)s::timestamptz[], %(first)s::timestamptz[], %(last)s::timestamptz[], %(durations)s::bigint[])
        as n(id, outcome, flaky, since_id, since_at, first_at, last_at, duration)
    where c.id = n.id and c.repository_id = %(repository)s
      and (c.outcome, c.flaky, c.since_id, c.since_at, c.first_seen_at, c.last_seen_at)
          is distinct from (n.outcome, n.flaky, n.since_id, n.since_at, n.first_at, n.last_at)
"""


def _write(repository_id: int, streaks: dict[int, Streak]) -> None:
    if not streaks:
        return
    found = streaks.values()
    values: dict[str, Any] = {
        "repository": repository_id,
        "ids": list(streaks),
        "outcomes": [streak.outcome for streak in found],
        "flaky": [streak.flaky for streak in found],
        "since": [streak.since for streak in found],
        "since_at": [streak.since_at for streak in found],
        "first": [streak.first_at for streak in found],
        "last": [streak.last_at for streak in found],
        "durations": [streak.duration_ms for streak in found],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


def _settle_others(group: CaseGroup, streaks: dict[int, Streak], points: Sequence[Point]) -> None:
    """After a walk over all commits: what is stored of tests that it did not meet, or not from their start.

    Where old results are kept no more, what was told of them while they were there still stands.
    """
    kept = [point.commit for point in points if point.results is not None]
    if len(kept) == len(points):
        others = Case.objects.filter(repository_id=group.repository_id, group=group.name, outcome__isnull=False)
        others.exclude(pk__in=list(streaks)).update(
            outcome=None, flaky=False, since=None, since_at=None, last_seen_at=None, duration_ms=None
        )
        return
    for case, old in _stored(group.repository_id, list(streaks)).items():
        streak = streaks[case]
        streak.first_at = min(streak.first_at, old.first_at)
        if streak.since == kept[0] and same_kind(old, streak) and old.since_at < streak.since_at:
            streak.since, streak.since_at = old.since, old.since_at


DURATIONS = """
    update test_case c set duration_ms = n.duration
    from unnest(%(ids)s::bigint[], %(durations)s::bigint[]) as n(id, duration)
    where c.id = n.id and c.repository_id = %(repository)s and c.duration_ms is distinct from n.duration
      and (c.duration_ms is null or n.duration is null
           or greatest(c.duration_ms, n.duration) > 1.25 * least(c.duration_ms, n.duration) + 50)
"""
"""Durations waver every night; a row is written only when its test has become another kind of slow."""


def _write_durations(repository_id: int, newest: Commit, before: Commit | None) -> None:
    """``before``: the commit that the stored durations were last held against."""
    durations = newest.durations_ms()
    places: Iterable[int] = range(len(durations))
    if before is not None and before.roster == newest.roster:
        old = before.durations_ms()
        places = [place for place, now in enumerate(durations) if now != old[place]]
    chosen = list(places)
    if chosen:
        values: dict[str, Any] = {
            "repository": repository_id,
            "ids": [newest.case_ids[place] for place in chosen],
            "durations": [durations[place] for place in chosen],
        }
        with connection.cursor() as cursor:
            cursor.execute(DURATIONS, values)
