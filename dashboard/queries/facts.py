"""A repository's facts as the API tells them: its HEAD, its newest commit with evidence, and earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypedDict

from django.db.models import QuerySet

from dashboard.models import Repository, Snapshot, SnapshotGroup
from dashboard.models.figures import percent_of
from dashboard.queries.prepared import prepared
from dashboard.queries.repository import find_id
from dashboard.visibility import Reader

MOST_POINTS = 2_000
"""About 900 KB of JSON; a longer trend gives its newest points."""


class Commit(NamedTuple):
    """``committed_at`` is None where GitHub did not tell it."""

    sha: str
    committed_at: datetime | None


class PointRow(NamedTuple):
    """What a point says of a snapshot, by the snapshot's own names."""

    pk: int
    sha: str
    committed_at: datetime | None
    evidence: str
    tests_total: int | None
    tests_passed: int | None
    tests_failed: int | None
    tests_errors: int | None
    tests_skipped: int | None
    tests_executions: int | None
    tests_carried: bool
    lines_covered: int | None
    lines_valid: int | None
    branches_covered: int | None
    branches_valid: int | None
    coverage_carried: bool

    @property
    def percent(self) -> float | None:
        return percent_of(self.lines_covered, self.lines_valid)


class CountedTests(TypedDict):
    """Tests by outcome; ``executions`` counts standing legs, ``from_logs`` those known only from a job's log."""

    total: int
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    executions: int | None
    from_logs: int
    carried: bool
    sha: str
    committed_at: datetime | None


class CoveredLines(TypedDict):
    """``lines_valid`` is None where only the executed lines are known; then so is ``percent``."""

    lines_valid: int | None
    lines_covered: int
    branches_valid: int | None
    branches_covered: int | None
    percent: float | None
    carried: bool
    sha: str
    committed_at: datetime | None


class Point(TypedDict):
    """A commit with evidence; ``tests`` or ``coverage`` is None where it has none of that kind.

    Mappings, since a trend is thousands of them and is sent as they are.
    """

    sha: str
    committed_at: datetime | None
    tests: CountedTests | None
    coverage: CoveredLines | None


class LatestPoint(Point):
    """The newest one."""

    evidence: str
    incomplete: list[str]
    """The legs that are missing; empty for a complete commit (contract rule 6)."""


Origins = Mapping[tuple[int, str], Commit]
"""By snapshot and kind (tests, coverage): the oldest commit that carried figures come from."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest commit of the default branch; all but ``state`` None before it was ever seen."""

    sha: str | None
    committed_at: datetime | None
    state: str
    run_url: str | None


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    full_name: str
    organization: str
    status: str
    default_branch: str | None
    url: str | None
    head: Head
    latest: LatestPoint | None


def repository_facts(reader: Reader, owner: str, name: str) -> RepositoryFacts | None:
    """None when there is no such repository or the reader may not see it: nobody can tell which.

    One query, two where figures are carried.
    """
    rows = _repositories(reader, full_name=f"{owner}/{name}")
    return facts_of(rows[0], origins_of([rows[0].latest])) if rows else None


@prepared
def _repositories(reader: Reader, *, full_name: str) -> QuerySet[Repository]:
    rows = Repository.objects.visible_to(reader).called(full_name)
    return rows.select_related("organization", "latest").defer("nights", "description")[:1]


def trend_points(reader: Reader, owner: str, name: str, since: timedelta, now: datetime) -> list[Point] | None:
    """The commits with evidence of their own since then, oldest first; None as above. Three queries at most."""
    repository_id = find_id(reader, owner, name)
    if repository_id is None:
        return None
    points = list(map(PointRow._make, _commits(repository_id=repository_id, since=now - since)))[::-1]
    origins = origins_of(points)
    return [point_of(snapshot, origins) for snapshot in points]


@prepared
def _commits(*, repository_id: int, since: datetime) -> QuerySet[Snapshot, Any]:
    commits = Snapshot.objects.filter(repository=repository_id, ordered_at__gte=since).newest_first()
    return commits.values_list(*PointRow._fields)[:MOST_POINTS]


def origins_of(snapshots: Iterable[Snapshot | PointRow | None]) -> Origins:
    """Where the carried figures of some snapshots come from. One query, none where nothing is carried."""
    carrying = [row.pk for row in snapshots if row and (row.tests_carried or row.coverage_carried)]
    if not carrying:
        return {}
    groups = SnapshotGroup.objects.filter(snapshot__in=carrying).exclude(carried_from=None)
    rows = groups.order_by("carried_from__ordered_at", "carried_from").values_list(
        "snapshot", "tests_total", "lines_covered", "carried_from__sha", "carried_from__committed_at"
    )
    origins: dict[tuple[int, str], Commit] = {}
    for snapshot, tests, covered, sha, committed_at in rows:
        if tests is not None:
            origins.setdefault((snapshot, "tests"), Commit(sha, committed_at))
        if covered is not None:
            origins.setdefault((snapshot, "coverage"), Commit(sha, committed_at))
    return origins


def facts_of(row: Repository, origins: Origins) -> RepositoryFacts:
    """``row`` comes with its organization and its latest snapshot, ``origins`` tells of that."""
    return RepositoryFacts(
        full_name=row.full_name,
        organization=row.organization.login,
        status="archived" if row.archived else "active",
        default_branch=row.default_branch or None,
        url=row.url or None,
        head=Head(
            sha=row.head_sha or None,
            committed_at=row.head_committed_at,
            state=row.head_state or "no_reports",
            run_url=row.head_run_url or None,
        ),
        latest=latest_point(row.latest, origins) if row.latest else None,
    )


def latest_point(snapshot: Snapshot, origins: Origins) -> LatestPoint:
    return {
        **point_of(snapshot, origins),
        "evidence": snapshot.evidence,
        "incomplete": [] if snapshot.complete else snapshot.missing_legs,
    }


def point_of(snapshot: Snapshot | PointRow, origins: Origins) -> Point:
    """Its figures are of an earlier commit where they are carried, the oldest that some of them are of."""
    own = Commit(snapshot.sha, snapshot.committed_at)
    return {
        "sha": snapshot.sha,
        "committed_at": snapshot.committed_at,
        "tests": _tests(snapshot, origins.get((snapshot.pk, "tests"), own)),
        "coverage": _coverage(snapshot, origins.get((snapshot.pk, "coverage"), own)),
    }


def _tests(snapshot: Snapshot | PointRow, origin: Commit) -> CountedTests | None:
    if snapshot.tests_total is None:
        return None
    return {
        "total": snapshot.tests_total,
        "passed": snapshot.tests_passed,
        "failed": snapshot.tests_failed,
        "errors": snapshot.tests_errors,
        "skipped": snapshot.tests_skipped,
        "executions": snapshot.tests_executions,
        "from_logs": snapshot.tests_total if snapshot.evidence == Repository.Evidence.LOG else 0,
        "carried": snapshot.tests_carried,
        "sha": origin.sha,
        "committed_at": origin.committed_at,
    }


def _coverage(snapshot: Snapshot | PointRow, origin: Commit) -> CoveredLines | None:
    if snapshot.lines_covered is None:
        return None
    return {
        "lines_valid": snapshot.lines_valid,
        "lines_covered": snapshot.lines_covered,
        "branches_valid": snapshot.branches_valid,
        "branches_covered": snapshot.branches_covered,
        "percent": snapshot.percent,
        "carried": snapshot.coverage_carried,
        "sha": origin.sha,
        "committed_at": origin.committed_at,
    }
