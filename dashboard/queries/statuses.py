"""A repository's status as its row shows it, and the questions that can be asked of a list of repositories.

The precedence is broke, still failing, ran no tests, silent, passing, no evidence; an archived repository is
archived whatever it says, since it counts in nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, F, FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Cast, NullIf

from dashboard.models import Repository
from dashboard.models.repository import RepositoryQuerySet
from dashboard.wording import NOTABLE_POINTS

Condition = Repository.Condition

STATUSES = ("broke", "still-failing", "ran-nothing", "silent", "passing", "no-evidence", "archived")
FILTERS = (*STATUSES, "failing", "lost-coverage", "went-silent", "better")
GROUPS = ("organization", "tag", "none")
SORTS: dict[str, Combinable] = {
    "name": F("name"),
    "tests": F("tests_total"),
    "failing": F("tests_failed") + F("tests_errors"),
    "coverage": Cast("lines_covered", FloatField()) / NullIf(Cast("lines_valid", FloatField()), 0.0),
    "flaky": F("tests_flaky"),
    "duration": F("duration_ms"),
    "seen": F("evidence_at"),
}
DAYS = (7, 30, 60, 90, 365)
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. ``sort`` is "attention" or a key of SORTS, perhaps with a minus before it."""

    q: str = ""
    org: str = ""
    status: str = ""
    tag: str = ""
    sort: str = "attention"
    group: str = "organization"
    days: int = 60
    page: int = 1

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.org or self.status or self.tag)

    @property
    def sorts(self) -> dict[str, str]:
        """The sorted column and its direction, as the head of that column says of itself."""
        return {self.sort.removeprefix("-"): "descending" if self.sort.startswith("-") else "ascending"}


def with_status(rows: RepositoryQuerySet, night: datetime | None) -> QuerySet[Repository]:
    """Adds ``status``, one of STATUSES. ``night``: trouble that is not older than this broke tonight."""
    new_trouble = Q(failing_since__gte=night) if night else Q(failing_since__isnull=False)
    failing = Q(condition=Condition.FAILING)
    return rows.annotate(
        status=Case(
            When(archived=True, then=Value("archived")),
            When(failing & new_trouble, then=Value("broke")),
            When(failing, then=Value("still-failing")),
            default=F("condition"),
            output_field=CharField(),
        )
    )


def changed(kind: str, night: datetime | None) -> Q:
    """Active repositories that lost coverage, went silent or got better since ``night`` began."""
    if night is None:
        return Q(pk__in=[])
    tonight = Q(archived=False, evidence_at__gte=night)
    if kind == "lost-coverage":
        return tonight & Q(percent_delta__lte=-NOTABLE_POINTS)
    if kind == "went-silent":
        return Q(archived=False, condition=Condition.SILENT, silent_since__gte=night)
    grew = Q(percent_delta__gte=NOTABLE_POINTS) | Q(tests_delta__gt=0) | Q(failing_delta__lt=0)
    # An unknown change compares to nothing, and must not hide a gain.
    kept = (Q(percent_delta__isnull=True) | Q(percent_delta__gt=-NOTABLE_POINTS)) & (
        Q(tests_delta__isnull=True) | Q(tests_delta__gte=0)
    )
    return tonight & Q(condition=Condition.PASSING) & grew & kept


def narrowed(rows: QuerySet[Repository], asked: Asked, night: datetime | None) -> QuerySet[Repository]:
    """The rows that the address asks for; ``rows`` carry their status."""
    if asked.status == "failing":
        rows = rows.filter(Q(status__in=("broke", "still-failing")))
    elif asked.status in STATUSES:
        rows = rows.filter(Q(status=asked.status))
    elif asked.status:
        rows = rows.filter(changed(asked.status, night))
    if asked.org:
        rows = rows.filter(organization__login__iexact=asked.org)
    if asked.tag:
        rows = rows.filter(tags__contains=[asked.tag])
    for word in asked.q.split():
        rows = rows.filter(
            Q(full_name__icontains=word)
            | Q(organization__title__icontains=word)
            | Q(language__iexact=word)
            | Q(tags__contains=[word.lower()])
        )
    return rows


def ordered(rows: QuerySet[Repository], asked: Asked) -> QuerySet[Repository]:
    """Group by group, then as asked; what is unknown stands last both ways, and the name decides between equals."""
    keys: list[OrderBy | str] = []
    if asked.group == "organization":
        keys += [F("organization__layer").asc(nulls_last=True), "organization__login"]
    elif asked.group == "tag":
        keys.append(F("tags__0").asc(nulls_last=True))
    column = asked.sort.removeprefix("-")
    if column in SORTS:
        rows = rows.annotate(sorted_by=SORTS[column])
        falling = asked.sort.startswith("-")
        key = F("sorted_by")
        keys.append(key.desc(nulls_last=True) if falling else key.asc(nulls_last=True))
    else:
        rows = rows.annotate(rank=_rank())
        keys += ["rank", F("tests_total").desc(nulls_last=True)]
    return rows.order_by(*keys, "full_name")


def _rank() -> Case:
    return Case(
        *(When(status=status, then=Value(place)) for place, status in enumerate(STATUSES)),
        default=Value(len(STATUSES)),
        output_field=IntegerField(),
    )
