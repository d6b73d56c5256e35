"""What stands at the head of every page of a repository: who it is, how it stands, what it stood on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from dashboard.models import Collection, EstateDay, Repository, Snapshot
from dashboard.models.figures import percent_of
from dashboard.queries.advice import workflow_lines
from dashboard.queries.full_names import FullNamed
from dashboard.queries.prepared import prepared
from dashboard.queries.sources import RUN_COLUMNS, Address, Run, run_of, web_address
from dashboard.queries.standing_on import FailingBelow, failing_below, failing_below_of
from dashboard.queries.trend import COLUMNS, Point, point_of
from dashboard.visibility import Reader

# Neighbours listed beside the trend; a library that all stand on has more, and the page says how many.
MOST_NEIGHBOURS = 8
# A night longer ago than this is no measure of what is new.
NIGHTS_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Neighbour(FullNamed):
    """A repository that this one stands on, or that stands on it."""

    full_name: str
    condition: str
    tests: int | None
    percent: float | None
    evidence: str


@dataclass(frozen=True, slots=True)
class RedCommit:
    """The newest commit with a failing test."""

    sha: str
    at: datetime
    failing: int

    @property
    def short(self) -> str:
        return self.sha[:8]


@dataclass(frozen=True, slots=True)
class Head:
    """Where the default branch stands; ``state`` as the contract's ``head.state``, "" unknown."""

    sha: str
    committed_at: datetime | None
    state: str
    run_url: str

    @property
    def short(self) -> str:
        return self.sha[:8]


@dataclass(frozen=True, slots=True)
class Dropped:
    """Detail that is kept no more: of commits that stood before ``before``, taken away last at ``at``.

    ``days``: how long it is kept now, 0 for ever.
    """

    before: datetime
    at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class RepositoryHeader:
    """The repository as its pages show it. ``latest`` None: no commit brought evidence."""

    id: int
    organization_id: int
    owner: str
    name: str
    full_name: str
    organization: str
    description: str
    language: str
    tags: tuple[str, ...]
    private: bool
    archived: bool
    enabled: bool
    url: str
    branch: str
    condition: str
    broke: bool
    """Failing, and the first failing commit is new since the night before."""
    evidence: str
    reason: str
    seen_at: datetime | None
    failing_since: datetime | None
    failing_days: int | None
    silent_since: datetime | None
    error: str
    error_at: datetime | None
    lost_at: datetime | None
    collected_at: datetime | None
    head: Head | None
    """None where HEAD is not known, or is the commit that the figures are of."""
    latest: Point | None
    latest_at: datetime | None
    """The place of ``latest`` in the trend."""
    latest_run: Run | None
    manifest_id: int | None
    dropped: Dropped | None
    last_red: RedCommit | None
    stands_on: tuple[Neighbour, ...]
    stands_under: tuple[Neighbour, ...]
    failing_below: tuple[FailingBelow, ...]

    @property
    def address(self) -> Address:
        return Address(self.url)

    @property
    def failing_neighbours(self) -> int:
        """How many of those that it names, as far as they are shown, fail or ran no tests."""
        return sum(other.condition in ("failing", "ran-nothing") for other in self.stands_on)

    @property
    def workflow_lines(self) -> str:
        """What its workflow lacks when it brings no evidence, in YAML."""
        return workflow_lines(self.language)

    @property
    def mark(self) -> str:
        """The state of its row by precedence (archived comes last)."""
        if self.condition == Repository.Condition.FAILING:
            return "broke" if self.broke else "still-failing"
        if self.condition == Repository.Condition.NO_EVIDENCE and self.archived:
            return "archived"
        return self.condition


def find_header(reader: Reader, owner: str, name: str, neighbours: bool = False) -> RepositoryHeader | None:
    """The repository of that name, in any case, if the reader may see it; one query."""
    looked_at = timezone.now() - timedelta(days=NIGHTS_LOOKED_AT)
    found = _headers(reader, neighbours, full_name=f"{owner}/{name}", looked_at=looked_at)
    return _header(found[0]) if found else None


@prepared
def _headers(reader: Reader, neighbours: bool, *, full_name: str, looked_at: datetime) -> QuerySet[Repository]:
    visible = Repository.objects.visible_to(reader)
    found = visible.called(full_name).select_related("organization", "latest__run")
    found = found.annotate(last_day=_last_day(), last_night=_last_night(looked_at), last_red=_last_red())
    if neighbours:
        found = found.annotate(
            stands_on=_neighbours(visible.filter(depended_on_by__repository=OuterRef("pk"))),
            stands_under=_neighbours(visible.filter(depends_on__target=OuterRef("pk"))),
            failing_below=failing_below(reader),
        )
    return found.only(*READ)[:1]


# Of a hundred columns of four tables what a header tells; what is left out is read when it is asked for.
READ = (
    *("name", "full_name", "description", "language", "tags", "private", "archived", "enabled", "url"),
    *("default_branch", "condition", "evidence", "reason", "evidence_at", "failing_since", "silent_since"),
    *("error", "error_at", "lost_at", "collected_through", "head_sha", "head_committed_at", "head_state"),
    *("head_run_url", "detail_dropped_before", "detail_dropped_at", "own_detail_days"),
    *("organization__login", "organization__title", "organization__detail_days"),
    *(f"latest__{column}" for column in (*COLUMNS, "ordered_at", "manifest", "run")),
    *(f"latest__run__{column}" for column in RUN_COLUMNS),
)


def find_id(reader: Reader, owner: str, name: str) -> int | None:
    """The id of the repository of that name, in any case, if the reader may see it; one query."""
    found = _ids(reader, full_name=f"{owner}/{name}")
    return found[0] if found else None


@prepared
def _ids(reader: Reader, *, full_name: str) -> QuerySet[Any]:
    return Repository.objects.visible_to(reader).called(full_name).values_list("pk", flat=True)


def newest_at(repository_id: int) -> datetime | None:
    """The place of its newest commit with evidence in the trend; one query."""
    found = _newest_at(repository_id=repository_id)
    return found[0] if found else None


@prepared
def _newest_at(*, repository_id: int) -> QuerySet[Any]:
    return Repository.objects.filter(pk=repository_id).values_list("latest__ordered_at", flat=True)


def _last_day() -> Subquery:
    return Subquery(EstateDay.objects.filter(public=True).order_by("-day").values("day")[:1])


def _last_night(looked_at: datetime) -> Subquery:
    nightly = Collection.objects.filter(trigger=Collection.Trigger.NIGHT, started_at__gte=looked_at)
    return Subquery(nightly.order_by("-started_at").values("started_at")[:1])


def _last_red() -> Subquery:
    failing = Snapshot.objects.filter(repository=OuterRef("pk"), reachable=True).annotate(
        failing_tests=F("tests_failed") + F("tests_errors")
    )
    red = failing.filter(failing_tests__gt=0).newest_first()
    return Subquery(
        red.values(
            json=JSONObject(sha="sha", committed="committed_at", ordered="ordered_at", failing="failing_tests")
        )[:1]
    )


def _neighbours(others: QuerySet[Repository]) -> ArraySubquery:
    facts = JSONObject(
        full_name="full_name",
        condition="condition",
        evidence="evidence",
        tests="tests_total",
        covered="lines_covered",
        valid="lines_valid",
    )
    return ArraySubquery(others.order_by("full_name").values(json=facts)[: MOST_NEIGHBOURS + 1])


def _header(row: Any) -> RepositoryHeader:
    latest = row.latest
    return RepositoryHeader(
        id=row.pk,
        organization_id=row.organization_id,
        owner=row.organization.login,
        name=row.name,
        full_name=row.full_name,
        organization=str(row.organization),
        description=row.description,
        language=row.language,
        tags=tuple(row.tags),
        private=row.private,
        archived=row.archived,
        enabled=row.enabled,
        url=web_address(row.url),
        branch=row.default_branch,
        condition=row.condition,
        broke=_broke(row),
        evidence=row.evidence,
        reason=row.reason,
        seen_at=row.evidence_at,
        failing_since=row.failing_since,
        failing_days=_days_between(row.failing_since, row.last_day),
        silent_since=row.silent_since,
        error=row.error,
        error_at=row.error_at,
        lost_at=row.lost_at,
        collected_at=row.collected_through,
        head=_head(row),
        latest=point_of(latest) if latest else None,
        latest_at=latest.ordered_at if latest else None,
        latest_run=run_of(latest.run) if latest and latest.run else None,
        manifest_id=latest.manifest_id if latest else None,
        dropped=_dropped(row),
        last_red=_red_commit(row.last_red),
        stands_on=tuple(map(_neighbour, getattr(row, "stands_on", ()))),
        stands_under=tuple(map(_neighbour, getattr(row, "stands_under", ()))),
        failing_below=failing_below_of(getattr(row, "failing_below", [])),
    )


def _dropped(row: Repository) -> Dropped | None:
    if row.detail_dropped_before is None or row.detail_dropped_at is None:
        return None
    return Dropped(row.detail_dropped_before, row.detail_dropped_at, row.detail_days)


def _broke(row: Any) -> bool:
    """As on the estate's page: trouble that is not older than what the newest night read, else the newest day."""
    since: datetime | None = row.failing_since
    if since is None or row.last_day is None:
        return False
    if row.last_night is not None:
        return since >= row.last_night - timedelta(days=1)
    return since.date() >= row.last_day


def _days_between(failing_since: datetime | None, last_day: date | None) -> int | None:
    if failing_since is None or last_day is None:
        return None
    return max(0, (last_day - failing_since.date()).days)


def _head(row: Repository) -> Head | None:
    if not row.head_sha or (row.latest and row.latest.sha == row.head_sha):
        return None
    return Head(row.head_sha, row.head_committed_at, row.head_state, web_address(row.head_run_url))


def _red_commit(found: dict[str, Any] | None) -> RedCommit | None:
    if found is None:
        return None
    at = datetime.fromisoformat(found["committed"] or found["ordered"])
    return RedCommit(found["sha"], at, found["failing"])


def _neighbour(facts: dict[str, Any]) -> Neighbour:
    percent = percent_of(facts["covered"], facts["valid"])
    return Neighbour(facts["full_name"], facts["condition"], facts["tests"], percent, facts["evidence"])
