"""A repository's status as its row shows it, and the questions that can be asked of a list of repositories.

The precedence is broke, still failing, ran no tests, silent, passing, no evidence; an archived repository is
archived whatever it says, since it counts in nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Cast, NullIf

from dashboard.models import Repository
from dashboard.models.repository import PERCENT, RepositoryQuerySet
from dashboard.queries.estate_columns import USUAL
from dashboard.queries.owners import OWNER, OwnerOf
from dashboard.visibility import Reader
from dashboard.wording import NOTABLE_POINTS

Condition = Repository.Condition

STATUSES = ("broke", "still-failing", "ran-nothing", "silent", "passing", "no-evidence", "archived")
FILTERS = (*STATUSES, "failing", "lost-coverage", "went-silent", "better", "new")
GROUPS = ("organization", "tag", "owner", "none")
# From the weakest evidence to the strongest: the grades of contract rule 12 and what weakens a report.
EVIDENCE_RANK = Case(
    When(evidence=Repository.Evidence.NONE, then=Value(0)),
    When(evidence=Repository.Evidence.LOG, then=Value(1)),
    When(latest__complete=False, then=Value(2)),
    When(Q(latest__tests_carried=True) | Q(latest__coverage_carried=True), then=Value(3)),
    default=Value(4),
    output_field=IntegerField(),
)
RAN = Cast(F("tests_total") - F("tests_skipped"), FloatField())
SORTS: dict[str, Combinable] = {
    "name": F("name"),
    "organization": F("organization__login"),
    "owner": OwnerOf("tags"),
    "status": F("rank"),
    "tests": F("tests_total"),
    "tests-change": F("tests_delta"),
    "failing": F("tests_failed") + F("tests_errors"),
    "pass-rate": Cast("tests_passed", FloatField()) / NullIf(RAN, 0.0),
    "coverage": PERCENT,
    "coverage-change": F("percent_delta"),
    "lines": F("lines_valid"),
    "flaky": F("tests_flaky"),
    "duration": F("duration_ms"),
    "seen": F("evidence_at"),
    "evidence": EVIDENCE_RANK,
    "tags": F("tags__0"),
    "language": NullIf(F("language"), Value("")),
}
SORT_NAMES = {
    "name": "name",
    "tests-change": "change in tests",
    "failing": "failing tests",
    "pass-rate": "pass rate",
    "coverage-change": "change in coverage",
    "lines": "valid lines",
    "seen": "last seen",
}
"""What a sort is called where its own key would not do."""
DAYS = (7, 30, 60, 90, 365)
MOST_ROWS = 125
"""Of one page: what a hundred repositories need, and no more, since a page costs what its rows do."""
Word = tuple[str, str, Sequence[int] | ArraySubquery | None]
"""As it was typed, as a tag would be written, and the organizations whose title holds it; None for none of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. ``sort`` is "attention" or a key of SORTS, perhaps with a minus before it.

    ``since`` and ``until`` are names of nights, both included; without them the last ``days`` nights are shown.
    ``range_error`` says why dates that were asked for are not used.
    """

    q: str = ""
    org: str = ""
    status: str = ""
    tag: str = ""
    owner: str = ""
    sort: str = "attention"
    group: str = "organization"
    days: int = 60
    since: date | None = None
    until: date | None = None
    range_error: str = ""
    columns: tuple[str, ...] = USUAL
    page: int = 1

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.org or self.status or self.tag or self.owner)

    @property
    def words(self) -> list[str]:
        return self.q.split()

    @property
    def columns_are_usual(self) -> bool:
        return self.columns == USUAL

    @property
    def more_columns(self) -> int:
        """How many of the unusual columns are shown."""
        return len(set(self.columns) - set(USUAL))

    @property
    def sort_name(self) -> str:
        return SORT_NAMES.get(self.sort_key, self.sort_key)

    @property
    def sort_key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def sort_direction(self) -> str:
        """As the head of the sorted column says of itself."""
        return "descending" if self.sort.startswith("-") else "ascending"


def visible(reader: Reader, login: str = "") -> RepositoryQuerySet:
    """The repositories that the reader sees, of one organization where ``login`` names it."""
    rows = Repository.objects.visible_to(reader)
    return rows.filter(organization__login__iexact=login) if login else rows


def with_status(rows: RepositoryQuerySet, night: datetime | None) -> QuerySet[Repository]:
    """Adds ``status``, one of STATUSES. ``night``: trouble that is not older than this broke tonight.

    Its place in their order is there to sort by, as ``rank``.
    """
    failing = Q(condition=Condition.FAILING)
    told = {"archived": Q(archived=True), "broke": failing & _new_trouble(night), "still-failing": failing}
    # Asked of the columns themselves: by way of the status it would be told anew for each rank.
    ranked = told | {status: Q(condition=status) for status in STATUSES if status not in told}
    return rows.annotate(
        status=Case(
            *(When(asked, then=Value(status)) for status, asked in told.items()),
            default=F("condition"),
            output_field=CharField(),
        )
    ).alias(
        rank=Case(
            *(When(asked, then=Value(STATUSES.index(status))) for status, asked in ranked.items()),
            default=Value(len(STATUSES)),
            output_field=IntegerField(),
        )
    )


def _new_trouble(night: datetime | None) -> Q:
    return Q(failing_since__gte=night) if night else Q(failing_since__isnull=False)


def broke(night: datetime | None) -> Q:
    """The same as status "broke"; most rows are passed over by the moment alone, without reading any text."""
    return _new_trouble(night) & Q(archived=False) & Q(condition=Condition.FAILING)


def changed(kind: str, night: datetime | None) -> Q:
    """Active repositories that lost coverage, went silent, got better or are new since ``night`` began."""
    if night is None:
        return Q(pk__in=[])
    if kind == "new":
        return Q(archived=False, created_at__gte=night)
    tonight = Q(archived=False, evidence_at__gte=night)
    if kind == "lost-coverage":
        return tonight & Q(percent_delta__lte=-NOTABLE_POINTS)
    if kind == "went-silent":
        return Q(silent_since__gte=night) & Q(archived=False) & Q(condition=Condition.SILENT)
    grew = Q(percent_delta__gte=NOTABLE_POINTS) | Q(tests_delta__gt=0) | Q(failing_delta__lt=0)
    # An unknown change compares to nothing, and must not hide a gain.
    kept = (Q(percent_delta__isnull=True) | Q(percent_delta__gt=-NOTABLE_POINTS)) & (
        Q(tests_delta__isnull=True) | Q(tests_delta__gte=0)
    )
    return tonight & Q(condition=Condition.PASSING) & grew & kept


def narrowed(
    rows: QuerySet[Repository], asked: Asked, night: datetime | None, words: Iterable[Word]
) -> QuerySet[Repository]:
    """The rows that the address asks for, all ``words`` in each; ``rows`` carry their status.

    Each by an index of repositories: joined to their organizations, all of them would be read.
    """
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
    if asked.owner:
        rows = rows.filter(tags__contains=[f"{OWNER}{asked.owner}"])
    for word, tag, organizations in words:
        fits = Q(full_name__icontains=word) | Q(language__iexact=word) | Q(tags__contains=[tag])
        # Where none is called so PostgreSQL is not asked: it would expect a quarter of all to be theirs.
        rows = rows.filter(fits if organizations is None else fits | Q(organization__any=organizations))
    return rows


def ordered(rows: QuerySet[Repository], asked: Asked) -> QuerySet[Repository]:
    """Group by group, then as asked; what is unknown stands last both ways, and the name decides between equals."""
    keys: list[OrderBy | str] = []
    if asked.group == "organization":
        keys += [F("organization__layer").asc(nulls_last=True), "organization__login"]
    elif asked.group == "tag":
        keys.append(F("tags__0").asc(nulls_last=True))
    elif asked.group == "owner":
        rows = rows.annotate(owned_by=OwnerOf("tags"))
        keys.append(F("owned_by").asc(nulls_last=True))
    column = asked.sort_key
    if column in SORTS:
        rows = rows.annotate(sorted_by=SORTS[column])
        falling = asked.sort.startswith("-")
        key = F("sorted_by")
        keys.append(key.desc(nulls_last=True) if falling else key.asc(nulls_last=True))
    else:
        keys += ["rank", F("tests_total").desc(nulls_last=True)]
    return rows.order_by(*keys, "full_name")
