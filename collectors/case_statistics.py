"""How each test stands, kept in a row of its own so that a list of tests is one indexed read.

    commits of the trend up to the repository's newest ─▶ each report group's own results, oldest first
      ├─▶ the stored statistics were made of the first of them ─▶ walk only what came after
      └─▶ they were not (a backfill, a re-run, a force push)   ─▶ walk all of them

Whichever way, the same commits give the same statistics: they follow the order of the trend (contract rule 11), not
the order of reading. Only rows that are other than before are written (``statistics_rows``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import Exists, OuterRef

from collectors.statistics_rows import stored_streaks, write_durations, write_streaks
from collectors.streaks import NEAR, Commit, Streak, Walk, same_kind
from dashboard.models import CaseGroup, CaseStatistics, Repository, Results, Roster, SnapshotGroup
from dashboard.packing import digest_of, unpack_durations
from dashboard.packing.squeezing import unsqueeze
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
    walk = _walked(group.repository_id, points, done)
    newest = walk.before
    if newest is not None and ended:
        walk.end(newest.id, newest.at)
        group.roster_id, group.durations = None, b""
    if not done and group.pk is not None:  # of a group that is told for the first time there are none
        _settle_others(group, walk.streaks, points)
    if newest is not None and not ended:
        _keep_durations(group, walk.streaks, newest, anew=not done)
    write_streaks(group.repository_id, walk.streaks)
    _remember_told(group, points, mark)


def _walked(repository_id: int, points: Sequence[Point], done: int) -> Walk:
    """A walk over all commits but the first ``done``, which are told."""
    commits = _commits([point for point in points[max(done - 1, 0) :] if point.results is not None])
    walk = Walk(lambda wanted: stored_streaks(repository_id, wanted), next(commits)) if done else Walk()
    for commit in commits:
        walk.step(commit)
    return walk


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


def _commits(points: Sequence[Point]) -> Iterator[Commit]:
    """Results in order, a few in memory at a time, and each roster loaded once while it lasts."""
    roster: Roster | None = None
    for at in range(0, len(points), 20):
        some = points[at : at + 20]
        stored = Results.objects.in_bulk([point.results for point in some])
        for point in some:
            assert point.results is not None
            results = stored[point.results]
            if roster is None or roster.pk != results.roster_id:
                roster = Roster.objects.select_related("base").get(pk=results.roster_id)
            yield _commit(point, results, roster)


def _commit(point: Point, results: Results, roster: Roster) -> Commit:
    packed = results.durations
    codes = unsqueeze(results.outcomes)
    return Commit(
        point.commit, point.at, roster.pk, roster.case_ids, codes, lambda: unpack_durations(packed, roster.usual)
    )


def _settle_others(group: CaseGroup, streaks: dict[int, Streak], points: Sequence[Point]) -> None:
    """After a walk over all commits: what is stored of tests that it did not meet, or not from their start.

    Where old results are kept no more, what was told of them while they were there still stands.
    """
    kept = [point.commit for point in points if point.results is not None]
    if len(kept) == len(points):
        # By the repository of the tests: statistics alone have no index that would find all of one.
        others = CaseStatistics.objects.filter(case__repository_id=group.repository_id, case__group=group.name)
        others.exclude(pk__any=list(streaks)).delete()
        return
    for case, old in stored_streaks(group.repository_id, list(streaks)).items():
        streak = streaks[case]
        streak.first_at = min(streak.first_at, old.first_at)
        if streak.since == kept[0] and same_kind(old, streak) and old.since_at < streak.since_at:
            streak.since, streak.since_at = old.since, old.since_at


def _keep_durations(group: CaseGroup, streaks: dict[int, Streak], newest: Commit, *, anew: bool) -> None:
    """Give tests the durations that are to be stored of them, in ``streaks`` or where they stand.

    Durations waver every night; a row is written only when its test has become another kind of slow. What is stored
    is remembered with the group, so that on a quiet night bytes are compared with bytes.
    """
    now = newest.durations()
    stored = None if anew else _stored_durations(group, newest)
    kept, moved = bytearray(now), list(range(len(now)))
    if stored is not None:
        moved = [place for place, pair in enumerate(zip(stored, now, strict=True)) if pair[0] not in NEAR[pair[1]]]
        kept[:] = stored
        for place in moved:
            kept[place] = now[place]
    ids = newest.case_ids
    for case, code in zip(ids, kept, strict=True) if streaks else ():
        if case in streaks:
            streaks[case].duration = code
    write_durations({ids[place]: kept[place] for place in moved if ids[place] not in streaks})
    group.roster_id, group.durations = newest.roster, bytes(kept)


def _stored_durations(group: CaseGroup, newest: Commit) -> bytes | None:
    """Codes of what is stored of each of the commit's tests, of new ones what they took; None: not known."""
    if group.roster_id == newest.roster:
        return bytes(group.durations)
    before = Roster.objects.select_related("base").filter(pk=group.roster_id).first() if group.roster_id else None
    if before is None:
        return None
    known = dict(zip(before.case_ids, bytes(group.durations), strict=True))
    pairs = zip(newest.case_ids, newest.durations(), strict=True)
    return bytes(known.get(case, code) for case, code in pairs)
