"""What a figure of the estate is made of: each repository's part, with its commit and the artifacts behind it.

Three queries: the parts of one page, the sums of all, and the artifacts that stand for their commits; those of an
earlier night bring their sums along. Where a commit carries a group of reports, the artifacts of the commit that it
came from are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, Q, QuerySet, Sum, When, Window

from dashboard.models import Artifact, Repository, RepositoryDay
from dashboard.models.figures import percent_of
from dashboard.queries.full_names import FullNamed
from dashboard.queries.organization_sums import Sums, sums_together
from dashboard.queries.prepared import prepared
from dashboard.queries.readable import readable_path
from dashboard.queries.rows import named_rows
from dashboard.visibility import Reader

PAGE = 100
ARTIFACTS_SHOWN = 3
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """``kind`` is the kind of report that tells it, "" any; ``order`` puts what weighs most first.

    ``number`` is the kept sum that counts its repositories.
    """

    title: str
    kind: str
    counts: Q
    order: str
    number: str


TESTS, LINES = Q(tests_total__isnull=False), Q(lines_valid__gt=0)
FIGURES = {
    "reporting": Figure("Reporting", "", Q(), "whose", "reporting"),
    "tests": Figure("Tests", "tests", TESTS, "-tests", "with_tests"),
    "pass-rate": Figure("Pass rate", "tests", TESTS, "-failing", "with_tests"),
    "coverage": Figure("Coverage", "coverage", LINES, "-lines_valid", "with_lines"),
}


@dataclass(frozen=True, slots=True)
class PartArtifact:
    github_id: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Part(FullNamed):
    """One repository's part; None is unknown. ``more`` artifacts stand on the commit's page."""

    full_name: str
    sha: str
    tests: int | None
    passed: int | None
    failing: int | None
    skipped: int | None
    covered: int | None
    valid: int | None
    carried: bool
    artifacts: tuple[PartArtifact, ...]
    more: int

    @property
    def pass_rate(self) -> float | None:
        ran = (self.tests or 0) - (self.skipped or 0)
        return 100 * (self.passed or 0) / ran if ran else None

    @property
    def percent(self) -> float | None:
        return percent_of(self.covered, self.valid)


@dataclass(frozen=True, slots=True)
class Parts:
    """A page of parts; the sums are of all ``count`` of them."""

    parts: tuple[Part, ...]
    count: int
    page: int
    tests: int
    passed: int
    failing: int
    skipped: int
    covered: int
    valid: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))

    @property
    def ran(self) -> int:
        return self.tests - self.skipped

    @property
    def pass_rate(self) -> float | None:
        return 100 * self.passed / self.ran if self.ran else None

    @property
    def percent(self) -> float | None:
        return 100 * self.covered / self.valid if self.valid else None


SUMS = ("tests", "passed", "failing", "skipped", "covered", "valid")


def figure_parts(
    reader: Reader, figure: Figure, login: str = "", tag: str = "", night: date | None = None, page: int = 1
) -> Parts:
    """The parts of a figure of the estate, one organization or one tag; ``night`` is the name of an earlier one."""
    day = night - timedelta(days=1) if night else None
    oldest = day - timedelta(days=settings.CARRY_FORWARD_DAYS) if day else None
    found = _page(reader, figure, page, login=login, tag=tag, day=day, oldest=oldest)
    commits = _commits([row["point"] for row in found if row["point"]], figure.kind)
    if day:
        sums = {name: int(found[0][f"all_{name}"] or 0) if found else 0 for name in SUMS}
        number = found[0]["found"] if found else 0
    else:
        sums, number = _kept_sums(sums_together(reader, login, tag), figure)
    parts = tuple(_part(row, commits.get(row["point"], _NONE)) for row in found)
    return Parts(parts, number, page, **sums)


def _kept_sums(kept: Sums, figure: Figure) -> tuple[dict[str, int], int]:
    """The sums of the newest figures, and over how many repositories they are."""
    outcomes = {name: kept[f"tests_{name}"] for name in ("passed", "skipped")}
    failing = kept["tests_failed"] + kept["tests_errors"]
    lines = {"covered": kept["lines_covered"], "valid": kept["lines_valid"]}
    return {"tests": kept["tests_total"], "failing": failing, **outcomes, **lines}, kept[figure.number]


@prepared
def _page(
    reader: Reader, figure: Figure, page: int, *, login: str, tag: str, day: date | None, oldest: date | None
) -> QuerySet[Any]:
    """A page of parts; those of an earlier night each with the sums over all of them."""
    active = Repository.objects.visible_to(reader).active()
    if login:
        active = active.filter(organization__login__iexact=login)
    if tag:
        active = active.filter(tags__contains=[tag])
    rows = _then(active, figure, day, oldest) if day and oldest else _now(active, figure)
    if day:
        rows = rows.annotate(found=Window(Count("pk")), **{f"all_{name}": Window(Sum(name)) for name in SUMS})
    start = PAGE * (page - 1)
    order = F(figure.order.lstrip("-"))
    first = order.desc(nulls_last=True) if figure.order.startswith("-") else order.asc()
    return rows.order_by(first, "whose")[start : start + PAGE]


def _now(active: QuerySet[Repository], figure: Figure) -> QuerySet[Any, dict[str, Any]]:
    """By the newest evidence of each; what logs tell is in no total (contract rule 9)."""
    rows = active.filter(figure.counts, evidence=Repository.Evidence.REPORT)
    return _valued(rows, "latest", F("full_name"))


def _then(active: QuerySet[Repository], figure: Figure, day: date, oldest: date) -> QuerySet[Any, dict[str, Any]]:
    """By the newest day of each that was not older than the carry-forward limit when ``day`` ended."""
    days = RepositoryDay.objects.filter(repository__in=active.values("pk"), day__lte=day, day__gte=oldest)
    newest = days.order_by("repository_id", "-day").distinct("repository_id").values("pk")
    rows = RepositoryDay.objects.filter(figure.counts, pk__in=newest)
    return _valued(rows, "snapshot", F("repository__full_name"))


def _valued(rows: QuerySet[Any], point: str, whose: F) -> QuerySet[Any, dict[str, Any]]:
    """One shape for both: ``point`` names the commit that the row's figures are of."""
    return rows.values(
        whose=whose,
        point=F(point),
        tests=F("tests_total"),
        passed=F("tests_passed"),
        failing=F("tests_failed") + F("tests_errors"),
        skipped=F("tests_skipped"),
        # A repository whose valid lines are unknown would weigh on one side of the fraction only (rule 5).
        covered=Case(When(LINES, then=F("lines_covered"))),
        valid=Case(When(LINES, then=F("lines_valid"))),
    )


@dataclass(slots=True)
class _Commit:
    """What a part's figures are of, with the artifacts that stand for it."""

    sha: str = ""
    carried: bool = False
    artifacts: list[PartArtifact] = field(default_factory=list)


_NONE = _Commit()


def _part(row: Mapping[str, Any], commit: _Commit) -> Part:
    return Part(
        full_name=row["whose"],
        sha=commit.sha,
        carried=commit.carried,
        artifacts=tuple(commit.artifacts[:ARTIFACTS_SHOWN]),
        more=max(0, len(commit.artifacts) - ARTIFACTS_SHOWN),
        **{name: row[name] for name in SUMS},
    )


COMMITS = """
    with points as materialized (
        select id, repository_id, sha, tests_carried or coverage_carried as carried
        from snapshot where id = any(%(points)s)
    ), commits as (
        select id as point, repository_id, sha from points
        union
        select g.snapshot_id, o.repository_id, o.sha
        from points join snapshot_group g on g.snapshot_id = points.id join snapshot o on o.id = g.carried_from_id
        where points.carried
    ), standing as (
        select distinct on (c.point, r.head_sha, r.workflow_path, a.name)
               c.point, r.head_sha, a.github_id, a.name, coalesce(nullif(a.sha256, ''), a.digest) as sha256
        from commits c
        join workflow_run r on r.repository_id = c.repository_id and r.head_sha = c.sha and r.is_trend
        join artifact a on a.repository_id = c.repository_id and a.run_id = r.id and a.state = any(%(standing)s)
        where exists (
            select from report p where p.repository_id = a.repository_id
            and p.artifact_id = coalesce(a.same_as_id, a.id) and p.error = '' and p.kind = any(%(kinds)s)
        )
        order by c.point, r.head_sha, r.workflow_path, a.name,
                 a.created_at desc, r.started_at desc, a.github_id desc
    )
    select points.id as point, points.sha, points.carried, s.github_id, s.name, s.sha256
    from points left join standing s on s.point = points.id
    order by points.id, s.head_sha, s.name
"""


def _commits(points: Sequence[int], kind: str) -> dict[int, _Commit]:
    """These commits with the artifacts that stand for them (contract rule 2) and hold a report of that kind."""
    found: dict[int, _Commit] = {}
    if not points:
        return found
    kinds = [kind] if kind else ["tests", "coverage"]
    values = {"points": list(points), "kinds": kinds, "standing": list(map(str, Artifact.STANDING))}
    for row in named_rows(COMMITS, values):
        commit = found.setdefault(row.point, _Commit(row.sha, row.carried))
        if row.github_id is not None:
            name = readable_path(row.name, LONGEST_NAME)
            commit.artifacts.append(PartArtifact(row.github_id, name, row.sha256))
    return found
