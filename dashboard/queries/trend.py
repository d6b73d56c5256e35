"""The commits of a repository as points of a trend: one index range scan, whatever the repository's age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet, Subquery

from dashboard.models import Snapshot
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


@dataclass(frozen=True, slots=True)
class Point:
    """One commit with evidence. None is unknown; the deltas are against the nearest earlier commit that knows."""

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
    tests_delta: int | None = None
    failing_delta: int | None = None
    percent_delta: float | None = None

    @property
    def short(self) -> str:
        return self.sha[:8]

    @property
    def failing(self) -> int | None:
        return None if self.tests is None else (self.failed or 0) + (self.errors or 0)

    @property
    def ran(self) -> int | None:
        """Tests that were not skipped."""
        return None if self.tests is None else self.tests - (self.skipped or 0)

    @property
    def pass_rate(self) -> float | None:
        return 100 * (self.passed or 0) / self.ran if self.ran else None

    @property
    def percent(self) -> float | None:
        return 100 * (self.lines_covered or 0) / self.lines_valid if self.lines_valid else None

    @property
    def branch_percent(self) -> float | None:
        return 100 * (self.branches_covered or 0) / self.branches_valid if self.branches_valid else None

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


def point_of(snapshot: Snapshot) -> Point:
    """The commit's row as a value."""
    return Point(
        sha=snapshot.sha,
        committed_at=snapshot.committed_at or snapshot.ordered_at,
        title=snapshot.title,
        tests=snapshot.tests_total,
        passed=snapshot.tests_passed,
        failed=snapshot.tests_failed,
        errors=snapshot.tests_errors,
        skipped=snapshot.tests_skipped,
        executions=snapshot.tests_executions,
        flaky=snapshot.tests_flaky,
        duration_ms=snapshot.duration_ms,
        lines_valid=snapshot.lines_valid,
        lines_covered=snapshot.lines_covered,
        branches_valid=snapshot.branches_valid,
        branches_covered=snapshot.branches_covered,
        files=snapshot.files,
        evidence=snapshot.evidence,
        evidence_at=snapshot.evidence_at,
        complete=snapshot.complete,
        missing_legs=tuple(snapshot.missing_legs),
        tests_carried=snapshot.tests_carried,
        coverage_carried=snapshot.coverage_carried,
        reachable=snapshot.reachable,
    )


@dataclass(frozen=True, slots=True)
class Trend:
    """Points oldest first. ``cut`` says that the span holds more than are here."""

    span: Span
    points: tuple[Point, ...]
    cut: bool

    @property
    def newest_first(self) -> tuple[Point, ...]:
        return self.points[::-1]

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
    rows = _commits(most + 1, repository_id=repository_id, lower=span.lower, upper=span.upper)
    lower = span.lower
    points = [
        point
        for row, point in zip(rows[::-1], with_deltas(map(point_of, rows[::-1])), strict=True)
        if lower is None or row.ordered_at >= lower
    ]
    return Trend(span=span, points=tuple(points[-most:]), cut=len(points) > most)


@prepared
def _commits(
    most: int, *, repository_id: int, lower: datetime | None, upper: datetime | None
) -> QuerySet[Snapshot]:
    commits = Snapshot.objects.filter(repository_id=repository_id)
    inside = Q()
    if lower:
        before = commits.filter(ordered_at__lt=lower).newest_first().values("pk")[:1]
        inside = Q(ordered_at__gte=lower) | Q(pk=Subquery(before))
    if upper:
        inside &= Q(ordered_at__lt=upper)
    return commits.filter(inside).newest_first()[:most]


def with_deltas(points: Iterable[Point]) -> list[Point]:
    """The same points, oldest first, each with what changed since the nearest earlier one that knows the figure.

    What reports tell and what logs tell are never held against each other.
    """
    known_by: dict[str, dict[str, float]] = {}
    measured = []
    for point in points:
        known = known_by.setdefault(point.evidence, {})
        figures = {"tests": point.tests, "failing": point.failing, "percent": point.percent}
        deltas = {
            f"{name}_delta": None if value is None or name not in known else value - known[name]
            for name, value in figures.items()
        }
        measured.append(replace(point, **deltas))  # type: ignore[arg-type]  # counts stay int, the percent a float
        if point.reachable:
            known.update({name: value for name, value in figures.items() if value is not None})
    return measured


def commit_with_earlier(repository_id: int, sha: str) -> list[Point]:
    """A commit's point with its deltas, after up to eleven earlier ones, oldest first; nothing if unknown.

    ``sha`` is whole or its first characters.
    """
    rows = _up_to(repository_id=repository_id, sha=sha.lower())
    points = with_deltas(map(point_of, rows[::-1]))
    place = next((place for place, point in enumerate(points) if point.sha.startswith(sha.lower())), -1)
    return points[: place + 1]


@prepared
def _up_to(*, repository_id: int, sha: str) -> QuerySet[Snapshot]:
    commits = Snapshot.objects.filter(repository_id=repository_id)
    chosen = commits.filter(sha__startswith=sha).values("ordered_at")[:1]
    return commits.filter(ordered_at__lte=Subquery(chosen)).newest_first()[:12]
