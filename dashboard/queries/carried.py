"""What a commit's figures carry from earlier commits, group by group, and which files are stale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dashboard.models import SnapshotGroup, SourceFile
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


def carried_by(repository_id: int, point: Point | None, paths: Iterable[str] = ()) -> Carried:
    """What a point carries; no query where it carries nothing, else three at most."""
    if point is None or not (point.tests_carried or point.coverage_carried):
        return NOTHING
    rows = (
        SnapshotGroup.objects.filter(repository_id=repository_id, snapshot__sha=point.sha)
        .exclude(carried_from=None)
        .select_related("carried_from", "manifest")
        .order_by("name")
    )
    groups, files, stale = [], set[int](), set[int]()
    for row in rows:
        origin = row.carried_from
        assert origin is not None
        at = origin.committed_at or origin.ordered_at
        groups.append(CarriedGroup(row.name, origin.sha, at, row.tests_total, row.lines_covered))
        files.update(row.manifest.file_ids if row.manifest else ())
        stale.update(row.stale)
    return Carried(tuple(groups), _first(stale), len(stale), _named(files, list(paths)))


def _first(stale: set[int]) -> tuple[str, ...]:
    if not stale:
        return ()
    return tuple(
        SourceFile.objects.filter(pk__in=stale).order_by("path").values_list("path", flat=True)[:STALE_SHOWN]
    )


def _named(files: set[int], paths: list[str]) -> frozenset[str]:
    if not files or not paths:
        return frozenset()
    found = SourceFile.objects.filter(pk__in=files, path__in=paths)
    return frozenset(found.values_list("path", flat=True))
