"""The commits of a repository as points of a trend: one index range scan, whatever the repository's age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Subquery

from dashboard.models import Snapshot
from dashboard.models.figures import failing_of, percent_of
from dashboard.queries.prepared import prepared
from dashboard.wording import duration_ms

# More bars than pixels say nothing; the newest are drawn, and the page says that there are more.
MOST_POINTS = 730
DEFAULT_DAYS = 90
CHOICES: tuple[tuple[str, str], ...] = (
    ("7", "7 d"),
    ("30", "30 d"),
    ("90", "90 d"),
    ("365", "1 y"),
    ("all", "All"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of UTC days, both ends included; None is open. ``choice`` is the picker's value, "" for own dates."""

    first: date | None
    last: date | None
    choice: str

    @property
    def lower(self) -> datetime | None:
        return datetime.combine(self.first, time.min, UTC) if self.first else None

    @property
    def upper(self) -> datetime | None:
        return datetime.combine(self.last + timedelta(days=1), time.min, UTC) if self.last else None


def span_of(query: Mapping[str, str], today: date) -> Span:
    """The span that an address asks for (``days``, or ``from`` and ``to``); what makes no sense is passed over."""
    first, last = _day(query.get("from", "")), _day(query.get("to", ""))
    if first and last and first > last:
        first, last = last, first
    if first or last:
        return Span(first, last, "")
    choice = query.get("days", "")
    if choice == "all":
        return Span(None, None, choice)
    days = int(choice) if choice in dict(CHOICES) else DEFAULT_DAYS
    return Span(today - timedelta(days=days - 1), None, str(days))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class Point(NamedTuple):
    """One commit with evidence. None is unknown; the deltas are against the nearest earlier commit that knows.

    A tuple, since a year is hundreds of them, each made and compared on every page of the trend.
    """

    sha: str
    committed_at: datetime
    title: str
    tests: int | None
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    executions: int | None
    flaky: int | None
    duration_ms: int | None
    lines_valid: int | None
    lines_covered: int | None
    branches_valid: int | None
    branches_covered: int | None
    files: int | None
    evidence: str
    evidence_at: datetime
    complete: bool
    missing_legs: tuple[str, ...]
    tests_carried: bool
    coverage_carried: bool
    reachable: bool
    failing: int | None
    percent: float | None
    tests_delta: int | None
    failing_delta: int | None
    percent_delta: float | None

    @property
    def short(self) -> str:
        return self.sha[:8]

    @property
    def ran(self) -> int | None:
        """Tests that were not skipped."""
        return None if self.tests is None else self.tests - (self.skipped or 0)

    @property
    def pass_rate(self) -> float | None:
        return 100 * (self.passed or 0) / self.ran if self.ran else None

    @property
    def branch_percent(self) -> float | None:
        return percent_of(self.branches_covered, self.branches_valid)

    @property
    def only_executed_lines(self) -> bool:
        """Lines are known to have run, but not which others could have (a coverage.py data file alone)."""
        return self.lines_valid is None and self.lines_covered is not None

    @property
    def duration_parts(self) -> tuple[tuple[str, str], ...]:
        """The duration as numbers with their units, (("2", "m"), ("33", "s")), to be set in two sizes."""
        words = duration_ms(self.duration_ms).split()
        return tuple(zip(words[::2], words[1::2], strict=False))

    @property
    def mark(self) -> str:
        """The name of its mark: ``broke`` where the commit before it did not fail, then ``still-failing``."""
        if self.tests is None:
            return "no-evidence"
        if self.failing and not self.failed:
            return "error"
        if self.failing:
            return "broke" if self.failing_delta in (None, self.failing) else "still-failing"
        return "passing" if self.passed else "ran-nothing"


COLUMNS = (
    "sha",
    "committed_at",
    "title",
    "tests_total",
    "tests_passed",
    "tests_failed",
    "tests_errors",
    "tests_skipped",
    "tests_executions",
    "tests_flaky",
    "duration_ms",
    "lines_valid",
    "lines_covered",
    "branches_valid",
    "branches_covered",
    "files",
    "evidence",
    "evidence_at",
    "complete",
    "missing_legs",
    "tests_carried",
    "coverage_carried",
    "reachable",
    "ordered_at",
)
"""What a point is made of, in the order of its fields."""


def point_of(snapshot: Snapshot) -> Point:
    """The commit's row as a value, with nothing before it."""
    return points_of([tuple(getattr(snapshot, column) for column in COLUMNS)])[0]


def points_of(rows: Iterable[tuple[Any, ...]]) -> list[Point]:
    """``COLUMNS`` of commits, oldest first, as points, each with what changed since the nearest that knows it.

    What reports tell and what logs tell are never held against each other.
    """
    known_by: dict[str, tuple[Any, ...]] = {}
    points = []
    for row in rows:
        sha, committed_at, title, *figures, missing_legs, tests_carried, coverage_carried, reachable, at = row
        tests, _, failed, errors, _, _, _, _, valid, covered, _, _, _, evidence, _, _ = figures
        failing = failing_of(tests, failed, errors)
        percent = percent_of(covered, valid)
        before = known_by.get(evidence, (None, None, None))
        now = tests, failing, percent
        facts = sha, committed_at or at, title, *figures, tuple(missing_legs), tests_carried, coverage_carried
        points.append(Point._make((*facts, reachable, failing, percent, *map(_delta, before, now))))
        if reachable:
            known_by[evidence] = tuple(map(_newest, before, now))
    return points


def _delta(before: Any, now: Any) -> Any:
    return None if before is None or now is None else now - before


def _newest(before: Any, now: Any) -> Any:
    return before if now is None else now


@dataclass(frozen=True, slots=True)
class Trend:
    """Points oldest first. ``cut`` says that the span holds more than are here."""

    span: Span
    points: tuple[Point, ...]
    cut: bool

    @property
    def alike(self) -> tuple[Point, ...]:
        """The points of the newest one's grade: what reports and what logs tell is not held against each other."""
        return tuple(point for point in self.points if point.evidence == self.points[-1].evidence)

    @property
    def with_tests(self) -> tuple[Point, ...]:
        return tuple(point for point in self.alike if point.tests is not None)

    @property
    def with_coverage(self) -> tuple[Point, ...]:
        return tuple(point for point in self.alike if point.percent is not None)

    @property
    def days(self) -> int:
        """From the first to the last point of the newest one's grade, at least 1."""
        if not self.points:
            return 0
        return max(1, (self.alike[-1].committed_at - self.alike[0].committed_at).days)

    @property
    def from_logs(self) -> bool:
        """Whether any point was counted in logs."""
        return any(point.evidence == "log" for point in self.points)


def trend(repository_id: int, span: Span, most: int = MOST_POINTS) -> Trend:
    """The commits with evidence of a span, oldest first, in the order of contract rule 11.

    One commit before the span is read too, so that the first point has its deltas.
    """
    rows = _commits(most + 1, repository_id=repository_id, lower=span.lower, upper=span.upper)[::-1]
    points = points_of(rows)
    if rows and span.lower and rows[0][-1] < span.lower:
        del points[0]
    return Trend(span=span, points=tuple(points[-most:]), cut=len(points) > most)


@prepared
def _commits(
    most: int, *, repository_id: int, lower: datetime | None, upper: datetime | None
) -> QuerySet[Snapshot, tuple[Any, ...]]:
    commits = Snapshot.objects.filter(repository_id=repository_id)
    inside = Q()
    if lower:
        before = commits.filter(ordered_at__lt=lower).newest_first().values("pk")[:1]
        inside = Q(ordered_at__gte=lower) | Q(pk=Subquery(before))
    if upper:
        inside &= Q(ordered_at__lt=upper)
    return commits.filter(inside).newest_first().values_list(*COLUMNS)[:most]


def commit_with_earlier(repository_id: int, sha: str) -> list[Point]:
    """A commit's point with its deltas, after up to eleven earlier ones, oldest first; nothing if unknown.

    ``sha`` is whole or its first characters.
    """
    sha = sha.lower()
    rows = _up_to(True, repository_id=repository_id, sha=sha) or _up_to(False, repository_id=repository_id, sha=sha)
    points = points_of(rows[::-1])
    place = next((place for place, point in enumerate(points) if point.sha.startswith(sha)), -1)
    return points[: place + 1]


@prepared
def _up_to(is_whole: bool, *, repository_id: int, sha: str) -> QuerySet[Snapshot, tuple[Any, ...]]:
    commits = Snapshot.objects.filter(repository_id=repository_id)
    called = commits.filter(sha=sha) if is_whole else commits.filter(sha__startswith=sha)
    chosen = called.values("ordered_at")[:1]
    return commits.filter(ordered_at__lte=Subquery(chosen)).newest_first().values_list(*COLUMNS)[:12]
