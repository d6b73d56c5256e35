"""What a commit's figures carry from earlier commits, group by group, and which files are stale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.queries.rows import Question, moment
from dashboard.queries.trend import Point

STALE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CarriedGroup:
    """A report group that an earlier commit stands in for. ``tests`` or ``lines`` None: it has none."""

    name: str
    sha: str
    at: datetime
    tests: int | None
    lines: int | None

    @property
    def short(self) -> str:
        return self.sha[:8]


@dataclass(frozen=True, slots=True)
class Carried:
    """``stale``: files of carried groups that have changed since, the first of ``stale_count``; in no figure."""

    groups: tuple[CarriedGroup, ...] = ()
    stale: tuple[str, ...] = ()
    stale_count: int = 0
    paths: frozenset[str] = frozenset()
    """Those of the paths asked about whose lines are carried."""

    @property
    def with_tests(self) -> tuple[CarriedGroup, ...]:
        return tuple(group for group in self.groups if group.tests is not None)

    @property
    def with_lines(self) -> tuple[CarriedGroup, ...]:
        return tuple(group for group in self.groups if group.lines is not None)


NOTHING = Carried()


CARRIED = """
    with carried as (
        select g.name, origin.sha, coalesce(origin.committed_at, origin.ordered_at) as at,
               g.tests_total as tests, g.lines_covered as lines, g.stale, m.file_ids
        from snapshot_group g
        join snapshot s on s.id = g.snapshot_id
        join snapshot origin on origin.id = g.carried_from_id
        left join coverage_manifest m on m.id = g.manifest_id
        where g.repository_id = %(repository)s and s.repository_id = %(repository)s and s.sha = %(sha)s
    ), stale as (
        select distinct unnest(stale) as id from carried
    )
    select name, sha, at, tests, lines,
           (select count(*) from stale) as stale_count,
           array(
               select path from source_file where id in (select id from stale) order by path limit %(shown)s
           ) as stale_paths,
           array(
               select path from source_file
               where repository_id = %(repository)s and path = any(%(paths)s)
                   and id in (select unnest(file_ids) from carried)
           ) as paths
    from carried order by name
"""


def carried_by(repository_id: int, point: Point | None, paths: Iterable[str] = ()) -> Question[Carried]:
    """What a point carries; nothing is asked where it carries nothing."""
    if point is None or not (point.tests_carried or point.coverage_carried):
        return Question("", {}, _carried)
    values = {"repository": repository_id, "sha": point.sha, "shown": STALE_SHOWN, "paths": list(paths)}
    return Question(CARRIED, values, _carried)


def _carried(rows: Sequence[Any]) -> Carried:
    if not rows:
        return NOTHING
    first = rows[0]
    return Carried(
        tuple(CarriedGroup(row.name, row.sha, moment(row.at), row.tests, row.lines) for row in rows),
        tuple(first.stale_paths),
        first.stale_count,
        frozenset(first.paths),
    )
