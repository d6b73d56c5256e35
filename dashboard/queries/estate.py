"""The estate's page as values: six queries, whatever its size.

1 the nights' sums   2 the nights' cost   3 totals and statuses by organization, with the median
4 totals by tag      5 what changed       6 the rows that are shown
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, FloatField, Func, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, NullIf

from dashboard.models import Organization, Repository
from dashboard.queries.changes import Changes, changes, tonight_of, tonight_sums
from dashboard.queries.estate_rows import Row
from dashboard.queries.estate_table import GroupTotals, Table, every_row, table, tag_totals, totals_of
from dashboard.queries.headline import EstateFigures, Headline, headlines
from dashboard.queries.nights import NightCost, NightTotals, Span, night_costs, night_start, nights
from dashboard.queries.owners import OWNER
from dashboard.queries.prepared import prepared
from dashboard.queries.statuses import STATUSES, Asked, visible, with_status
from dashboard.visibility import Reader
from dashboard.wording import count, plural

CHIPS_OF_TAGS = 2
# A tag that more than a third of the repositories carry tells nothing about one of them.
COMMON_TAG = 1 / 3


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter with how many repositories it would show. ``status`` or ``tag`` is what it sets."""

    label: str
    count: int
    status: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationTitle:
    login: str
    title: str


@dataclass(frozen=True, slots=True)
class EstatePage:
    """``sentence`` in parts, the first in the colour of trouble where ``trouble``; ``night`` None: no evidence."""

    sentence: tuple[str, ...]
    trouble: bool
    organization: OrganizationTitle | None
    organizations: list[OrganizationTitle]
    figures: EstateFigures
    headlines: list[Headline]
    nights: list[NightTotals]
    night: datetime | None
    running: NightCost | None
    ended: NightCost | None
    changes: Changes
    chips: list[Chip]
    common_tags: frozenset[str]
    table: Table

    @property
    def no_owner(self) -> bool:
        return not any(group.key.startswith(OWNER) for group in self.table.groups)


def estate_page(reader: Reader, asked: Asked, login: str, now: datetime) -> EstatePage | None:
    """The estate, or the organization ``login`` of it; None when the reader sees no repository there."""
    span = Span(asked.days, asked.since, asked.until)
    known = nights(reader, span, login)
    costs = night_costs(span, now)
    night = night_start(known)
    reads_anything = reader.sees_private or reader.public_installation
    organizations = _by_organization(_alike(reader, login=login, night=night))
    if login and not organizations:
        return None
    sums = _summed(organizations)
    figures = _figures(sums, organizations)
    tags = tag_totals(reader, login)
    common = frozenset(key for key, tag in tags.items() if tag.of > COMMON_TAG * figures.active)
    changed = changes(reader, login, night, tonight_of(sums, figures.active))
    totals = tags if asked.group in ("tag", "owner") else {row["login"]: totals_of(row) for row in organizations}
    running = next((cost for cost in costs if cost.finished_at is None), None)
    ended = next((cost for cost in costs if cost.finished_at is not None), None)
    titles = [OrganizationTitle(row["login"], row["title"] or row["login"]) for row in organizations]
    return EstatePage(
        sentence=sentence(figures, changed, running, ended) if reads_anything else ("Sign in to see the estate",),
        trouble=bool(changed.broke.count) and not (running and ended is None),
        organization=titles[0] if login else None,
        organizations=titles,
        figures=figures,
        headlines=headlines(figures, known, costs, span, now),
        nights=[night for night in span.of(known) if night],
        night=night,
        running=running,
        ended=ended,
        changes=changed,
        chips=_chips(figures, tags, common),
        common_tags=common,
        table=table(
            reader, login, asked, night, known[-1].day if known else now.date(), now, totals, figures.repositories
        ),
    )


def estate_file(reader: Reader, asked: Asked, login: str, now: datetime) -> Iterator[Row]:
    """The rows of the page, of all its pages, for a file to keep; two queries, the rows as they are asked for."""
    known = nights(reader, Span(days=2), login)
    return every_row(reader, login, asked, night_start(known), known[-1].day if known else now.date(), now)


def sentence(
    figures: EstateFigures, changed: Changes, running: NightCost | None, ended: NightCost | None
) -> tuple[str, ...]:
    """What a person would say of the night, in parts that commas join; the first part is what needs you."""
    if not figures.repositories:
        return ("No repositories yet",)
    if running and ended is None:
        return (f"{count(running.lit)} of {plural(running.of, 'repository', 'repositories')} read",)
    if not figures.reporting:
        return ("No repository reports yet",)
    parts = [
        f"{count(listed.count)} {did}"
        for listed, did in (
            (changed.broke, "broke"),
            (changed.lost, "lost coverage"),
            (changed.silent, "went silent"),
        )
        if listed.count
    ]
    still = figures.statuses["still-failing"]
    if not parts or not changed.broke.count:
        failing = f"{plural(still, 'repository is', 'repositories are')} still failing" if still else ""
        parts = ["Nothing broke last night", *parts, *([failing] if failing else [])]
        return tuple(parts)
    first, _, did = parts[0].partition(" ")
    return (f"{first} {'repository' if first == '1' else 'repositories'} {did}", *parts[1:])


class Median(Func):
    """The middle value of a column over all rows, NULLs left out."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


SUMMED = {
    "tests": "tests_total",
    "passed": "tests_passed",
    "failed": "tests_failed",
    "errors": "tests_errors",
    "skipped": "tests_skipped",
    "flaky": "tests_flaky",
    "duration": "duration_ms",
}
# A repository whose valid lines are unknown would weigh on one side of the fraction only (rule 5).
MEASURED = Q(lines_valid__gt=0)


@prepared
def _alike(reader: Reader, *, login: str, night: datetime | None) -> QuerySet[Any]:
    """Sums over the repositories of an organization that are alike, each with the median over all that are seen.

    Alike are those of one status and one grade of evidence, so that no sum asks each row whether it belongs to it.
    """
    rows: Any = with_status(visible(reader, login), night)
    measured = rows.filter(MEASURED, archived=False, evidence=Repository.Evidence.REPORT)
    percents = Cast("lines_covered", FloatField()) / NullIf(Cast("lines_valid", FloatField()), 0.0) * 100.0
    whose = Organization.objects.filter(pk=OuterRef("organization_id")).order_by()
    sums = rows.values("organization_id", "archived", "evidence", "status").annotate(
        repositories=Count("*"),
        measured=Count("pk", filter=MEASURED),
        valid=Sum("lines_valid", filter=MEASURED),
        covered=Sum("lines_covered", filter=MEASURED),
        **{name: Sum(column) for name, column in SUMMED.items()},
        **tonight_sums(night),
    )
    named = {name: Subquery(whose.values(name)) for name in ("login", "title", "layer")}
    return sums.annotate(**named, median=Subquery(measured.order_by().values(middle=Median(percents)))).order_by(
        F("layer").asc(nulls_last=True), "login"
    )


def _by_organization(alike: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The sums by organization, in the same order: the active ones' reports, logs beside them (rules 9 and 12)."""
    found: dict[str, dict[str, Any]] = {}
    for row in alike:
        sums = found.setdefault(
            row["login"],
            {name: row[name] for name in ("login", "title", "median")}
            | {"key": row["login"], "of": 0, "reporting": 0, "from_logs": 0, "repositories": 0}
            | {f"status_{status}": 0 for status in STATUSES},
        )
        number = row["repositories"]
        added = {"repositories": number, f"status_{row['status']}": number}
        added |= {name: row[name] for name in row if name.startswith("tonight_")}
        if not row["archived"]:
            added["of"] = number
            if row["evidence"] == Repository.Evidence.LOG:
                added["from_logs"] = row["tests"]
            if row["evidence"] == Repository.Evidence.REPORT:
                added |= {name: row[name] for name in (*SUMMED, "valid", "covered", "measured")}
                added["reporting"] = number
        for name, value in added.items():
            sums[name] = _plus(sums.get(name), value)
    return [dict.fromkeys((*SUMMED, "valid", "covered", "measured")) | sums for sums in found.values()]


def _plus(one: int | None, other: int | None) -> int | None:
    """None is unknown, and stays so beside another unknown only."""
    return other if one is None else one + (other or 0)


def _summed(rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update({name: value for name, value in row.items() if isinstance(value, int)})
    return sums


def _figures(sums: Counter[str], rows: Sequence[Mapping[str, Any]]) -> EstateFigures:
    known = any(row["tests"] is not None for row in rows)
    median = rows[0]["median"] if rows else None
    return EstateFigures(
        repositories=sums["repositories"],
        active=sums["of"],
        archived=sums["repositories"] - sums["of"],
        reporting=sums["reporting"],
        tests=sums["tests"] if known else None,
        passed=sums["passed"],
        failing=sums["failed"] + sums["errors"],
        skipped=sums["skipped"],
        from_logs=sums["from_logs"],
        lines_valid=sums["valid"] or None,
        lines_covered=sums["covered"],
        measured=sums["measured"],
        median_percent=median if isinstance(median, float) else None,
        statuses={status: sums[f"status_{status}"] for status in STATUSES},
    )


def _chips(figures: EstateFigures, tags: Mapping[str, GroupTotals], common: frozenset[str]) -> list[Chip]:
    """Trouble first; a filter that would show nothing has no chip."""
    statuses = figures.statuses
    telling = [tag for tag in tags.values() if tag.key not in common and not tag.key.startswith(OWNER)]
    chips = [
        Chip("Failing", statuses["broke"] + statuses["still-failing"], status="failing"),
        Chip("Ran no tests", statuses["ran-nothing"], status="ran-nothing"),
        Chip("Silent", statuses["silent"], status="silent"),
        Chip("No evidence", statuses["no-evidence"], status="no-evidence"),
        *(Chip(tag.title.capitalize(), tag.of, tag=tag.key) for tag in telling[:CHIPS_OF_TAGS]),
    ]
    return [chip for chip in chips if chip.count]
