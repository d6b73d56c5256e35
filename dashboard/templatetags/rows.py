"""Rows of long tables, each drawn once and kept while it says the same: most do, from one night to the next.

    {% repository_rows group.rows asked.columns links page.common_tags %}   {% night_rows page.nights login %}
    {% commit_row repository point outliers marked %}   {% part_row part key %}   {% run_row repository entry %}
    {% test_row repository test wanted.view overview.groups %}   {% test_commit_row repository ended legs %}
    {% lancet lancet %}   {% earlier_night night collection.id %}

What a row is drawn of are its arguments and nothing else: neither the clock nor who reads.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping, Sequence, Sized
from functools import lru_cache
from typing import Protocol

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard.queries.case_history import Ended
from dashboard.queries.case_legs import Leg
from dashboard.queries.case_list import ListedTest
from dashboard.queries.earlier_nights import Night
from dashboard.queries.estate_rows import Row
from dashboard.queries.figure_parts import Part
from dashboard.queries.lancets import Lancet
from dashboard.queries.marks import Mark
from dashboard.queries.nights import NightTotals
from dashboard.queries.repository import RepositoryHeader
from dashboard.queries.runs import RunWithUploads
from dashboard.queries.trend import Point
from dashboard.templatetags.addresses import ChangeableAddress

register = template.Library()


class HashableAddress(ChangeableAddress, Hashable, Protocol):
    """Equal ones lead to the same addresses."""


MOST_KEPT = 4_000
"""Rows of one kind in a process, a few kilobytes each; those that were asked for last."""
GROUPS_KEPT = 100
"""Groups of rows, as they stand together; a few hundred kilobytes at most."""


@register.simple_tag
def repository_rows(
    rows: Iterable[Row], columns: tuple[str, ...], links: HashableAddress, common_tags: frozenset[str]
) -> SafeString:
    """The rows of a group with these columns; tags that most carry tell nothing, and are left out."""
    return _drawn_rows(tuple(rows), columns, links, common_tags)


@lru_cache(GROUPS_KEPT)
def _drawn_rows(
    rows: tuple[Row, ...], columns: tuple[str, ...], links: HashableAddress, common_tags: frozenset[str]
) -> SafeString:
    return SafeString("".join(_repository_row(row, columns, links, common_tags) for row in rows))


def _repository_row(
    row: Row, columns: tuple[str, ...], links: HashableAddress, common_tags: frozenset[str]
) -> SafeString:
    tags = tuple(tag for tag in row.tags if tag not in common_tags)
    leads_on = bool(tags and "tags" in columns) or bool(row.owned_by and "owner" in columns)
    return _drawn(row, columns, tags, links if leads_on else None)


@lru_cache(MOST_KEPT)
def _drawn(row: Row, columns: tuple[str, ...], tags: tuple[str, ...], links: HashableAddress | None) -> SafeString:
    name = "estate/_row.html" if row.has_evidence else "estate/_row_without.html"
    return render_to_string(name, {"row": row, "columns": columns, "tags": tags, "links": links})


@register.simple_tag
def night_rows(nights: Sequence[NightTotals], login: str = "") -> SafeString:
    """The estate's sums on each night, or an organization's, the newest first; ``nights`` are oldest first."""
    return _drawn_nights(tuple(nights), login)


@lru_cache(GROUPS_KEPT)
def _drawn_nights(nights: tuple[NightTotals, ...], login: str) -> SafeString:
    return SafeString("".join(_drawn_night(night, login) for night in reversed(nights)))


@lru_cache(MOST_KEPT)
def _drawn_night(night: NightTotals, login: str) -> SafeString:
    return render_to_string("estate/_night_row.html", {"night": night, "login": login})


@register.simple_tag
def commit_row(
    repository: RepositoryHeader, point: Point, outliers: Container[str], marked: Mapping[str, Iterable[Mark]]
) -> SafeString:
    """A commit's figures with what changed; ``outliers`` by sha, and so the marks that stand on a commit."""
    marks = tuple(marked.get(point.sha, ()))
    return _drawn_commit(repository.owner, repository.name, point, point.sha in outliers, marks)


@lru_cache(MOST_KEPT)
def _drawn_commit(owner: str, name: str, point: Point, outlier: bool, marks: tuple[Mark, ...]) -> SafeString:
    context = {"owner": owner, "name": name, "point": point, "outlier": outlier, "marks": marks}
    return render_to_string("repository/_commit_row.html", context)


@register.simple_tag
def part_row(part: Part, key: str) -> SafeString:
    """A repository's part in the figure ``key``."""
    return _drawn_part(part, key)


@lru_cache(MOST_KEPT)
def _drawn_part(part: Part, key: str) -> SafeString:
    return render_to_string("estate/_part_row.html", {"part": part, "key": key})


@register.simple_tag
def run_row(repository: RepositoryHeader, entry: RunWithUploads) -> SafeString:
    """A run with its artifacts."""
    return _drawn_run(repository.owner, repository.name, entry)


@lru_cache(MOST_KEPT)
def _drawn_run(owner: str, name: str, entry: RunWithUploads) -> SafeString:
    repository = {"owner": owner, "name": name}
    return render_to_string("repository/_run.html", {"repository": repository, "entry": entry, "run": entry.run})


@register.simple_tag
def test_row(repository: RepositoryHeader, test: ListedTest, view: str, groups: Sized) -> SafeString:
    """A test in the list of them, as ``view`` shows it; its group is told where there are several."""
    return _drawn_test(repository.owner, repository.name, test, view, len(groups) > 1)


@lru_cache(MOST_KEPT)
def _drawn_test(owner: str, name: str, test: ListedTest, view: str, tells_group: bool) -> SafeString:
    context = {"owner": owner, "name": name, "test": test, "view": view, "tells_group": tells_group}
    return render_to_string("repository/_tests_row.html", context)


@register.simple_tag
def test_commit_row(repository: RepositoryHeader, ended: Ended, legs: Iterable[Leg]) -> SafeString:
    """How a test ended on a commit, over all legs and on each."""
    return _drawn_ended(repository.owner, repository.name, repository.url, ended, tuple(legs))


@lru_cache(MOST_KEPT)
def _drawn_ended(owner: str, name: str, url: str, ended: Ended, legs: tuple[Leg, ...]) -> SafeString:
    context = {"owner": owner, "name": name, "url": url, "ended": ended, "legs": legs}
    return render_to_string("repository/_test_commit_row.html", context)


@register.simple_tag(name="lancet")
def drawn_lancet(lancet: Lancet) -> SafeString:
    """A repository's window in a night: those that wait, or have ended, stay as they are while others are read."""
    return _drawn_lancet(lancet)


@lru_cache(MOST_KEPT)
def _drawn_lancet(lancet: Lancet) -> SafeString:
    return render_to_string("ingest/_lancet.html", {"lancet": lancet})


@register.simple_tag
def earlier_night(night: Night, shown: int) -> SafeString:
    """A night in the list of them; ``shown`` is the one that the page is of."""
    return _drawn_earlier_night(night, night.id == shown)


@lru_cache(MOST_KEPT)
def _drawn_earlier_night(night: Night, is_shown: bool) -> SafeString:
    return render_to_string("ingest/_earlier_night.html", {"night": night, "is_shown": is_shown})
