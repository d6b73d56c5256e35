"""The estate's page as values: six queries, whatever its size.

1 the nights' sums   2 the nights' cost   3 sums by organization, with the median and what tonight changed
4 sums by tag        5 what changed       6 the rows that are shown
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from dashboard.queries.changes import Changes, Tonight, changes, tonight_of
from dashboard.queries.estate_rows import Row
from dashboard.queries.estate_table import GroupTotals, Table, every_row, table, totals_of
from dashboard.queries.headline import EstateFigures, Headline, headlines
from dashboard.queries.nights import NightCost, NightTotals, Span, night_costs, night_start, nights
from dashboard.queries.organization_sums import Sums, added, organization_sums, tag_sums
from dashboard.queries.owners import OWNER
from dashboard.queries.statuses import Asked
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
    organizations: tuple[OrganizationTitle, ...]
    figures: EstateFigures
    headlines: tuple[Headline, ...]
    nights: tuple[NightTotals, ...]
    night: datetime | None
    running: NightCost | None
    ended: NightCost | None
    changes: Changes
    chips: tuple[Chip, ...]
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
    organizations = organization_sums(reader, login, night)
    if login and not organizations:
        return None
    sums = added(organizations)
    of_all = organizations[0] if organizations else {"tonight": None, "median": None}
    tonight = tonight_of(of_all["tonight"] or {}, sums["active"])
    figures = _figures(sums, tonight, of_all["median"])
    tags = {row["tag"]: totals_of(row["tag"], row["tag"], row) for row in tag_sums(reader, login)}
    common = frozenset(key for key, tag in tags.items() if tag.of > COMMON_TAG * figures.active)
    changed = changes(reader, login, night, tonight)
    by_login = {row["login"]: totals_of(row["login"], row["title"], row) for row in organizations}
    totals = tags if asked.group in ("tag", "owner") else by_login
    running = next((cost for cost in costs if cost.finished_at is None), None)
    ended = next((cost for cost in costs if cost.finished_at is not None), None)
    titles = tuple(OrganizationTitle(row["login"], row["title"] or row["login"]) for row in organizations)
    return EstatePage(
        sentence=sentence(figures, changed, running, ended) if reads_anything else ("Sign in to see the estate",),
        trouble=bool(changed.broke.count) and not (running and ended is None),
        organization=titles[0] if login else None,
        organizations=titles,
        figures=figures,
        headlines=tuple(headlines(figures, known, costs, span, now)),
        nights=tuple(night for night in span.of(known) if night),
        night=night,
        running=running,
        ended=ended,
        changes=changed,
        chips=_chips(figures, tags, common),
        common_tags=common,
        table=table(
            reader,
            login,
            asked,
            night,
            known[-1].day if known else now.date(),
            now,
            totals,
            figures.repositories,
            {row["organization_id"]: row["title"] for row in organizations},
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


def _figures(sums: Sums, tonight: Tonight, median: float | None) -> EstateFigures:
    return EstateFigures(
        repositories=sums["repositories"],
        active=sums["active"],
        archived=sums["repositories"] - sums["active"],
        reporting=sums["reporting"],
        tests=sums["tests_total"] if sums["with_tests"] else None,
        passed=sums["tests_passed"],
        failing=sums["tests_failed"] + sums["tests_errors"],
        skipped=sums["tests_skipped"],
        from_logs=sums["tests_from_logs"],
        lines_valid=sums["lines_valid"] or None,
        lines_covered=sums["lines_covered"],
        measured=sums["with_lines"],
        median_percent=median,
        statuses={
            "broke": tonight.broke,
            "still-failing": sums["failing"] - tonight.broke,
            "ran-nothing": sums["ran_nothing"],
            "silent": sums["silent"],
            "passing": sums["passing"],
            "no-evidence": sums["no_evidence"],
            "archived": sums["repositories"] - sums["active"],
        },
    )


def _chips(figures: EstateFigures, tags: Mapping[str, GroupTotals], common: frozenset[str]) -> tuple[Chip, ...]:
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
    return tuple(chip for chip in chips if chip.count)
