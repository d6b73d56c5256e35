"""Rows of long tables, each drawn once and kept while it says the same: most do, from one night to the next.

    {% repository_rows group.rows asked.columns links page.common_tags %}   {% night_rows page.nights login %}
    {% test_row repository test wanted.view overview.groups %}   {% earlier_night night collection.id %}
    {% test_commit_row repository ended legs %}

Tags of their own, for rows that say less than what is at hand; all others are ``{% drawn %}``. A row that said more
would be drawn anew whenever that changed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence, Sized
from typing import Protocol

from django import template
from django.utils.safestring import SafeString

from dashboard.drawing import draw, drawn_once
from dashboard.queries.case_history import Ended
from dashboard.queries.case_legs import Leg
from dashboard.queries.case_list import ListedTest
from dashboard.queries.earlier_nights import Night
from dashboard.queries.estate_rows import Row
from dashboard.queries.nights import NightTotals
from dashboard.queries.repository import RepositoryHeader
from dashboard.templatetags.addresses import ChangeableAddress

register = template.Library()


class HashableAddress(ChangeableAddress, Hashable, Protocol):
    """Equal ones lead to the same addresses."""


@register.simple_tag
def repository_rows(
    rows: Iterable[Row], columns: tuple[str, ...], links: HashableAddress, common_tags: frozenset[str]
) -> SafeString:
    """The rows of a group with these columns; tags that most carry tell nothing, and are left out."""
    return _drawn_rows(tuple(rows), columns, links, common_tags)


@drawn_once
def _drawn_rows(
    rows: tuple[Row, ...], columns: tuple[str, ...], links: HashableAddress, common_tags: frozenset[str]
) -> SafeString:
    return SafeString("".join(_repository_row(row, columns, links, common_tags) for row in rows))


def _repository_row(
    row: Row, columns: tuple[str, ...], links: HashableAddress, common_tags: frozenset[str]
) -> SafeString:
    tags = tuple(tag for tag in row.tags if tag not in common_tags)
    leads_on = bool(tags and "tags" in columns) or bool(row.owned_by and "owner" in columns)
    name = "estate/_row.jinja" if row.has_evidence else "estate/_row_without.jinja"
    return draw(name, row=row, columns=columns, tags=tags, links=links if leads_on else None)


@register.simple_tag
def night_rows(nights: Sequence[NightTotals], login: str = "") -> SafeString:
    """The estate's sums on each night, or an organization's, the newest first; ``nights`` are oldest first."""
    return _drawn_nights(tuple(nights), login)


@drawn_once
def _drawn_nights(nights: tuple[NightTotals, ...], login: str) -> SafeString:
    rows = (draw("estate/_night_row.jinja", night=night, login=login) for night in reversed(nights))
    return SafeString("".join(rows))


@register.simple_tag
def test_row(repository: RepositoryHeader, test: ListedTest, view: str, groups: Sized) -> SafeString:
    """A test in the list of them, as ``view`` shows it; its group is told where there are several."""
    return draw(
        "repository/_tests_row.jinja",
        owner=repository.owner,
        name=repository.name,
        test=test,
        view=view,
        tells_group=len(groups) > 1,
    )


@register.simple_tag
def test_commit_row(repository: RepositoryHeader, ended: Ended, legs: Iterable[Leg]) -> SafeString:
    """How a test ended on a commit, over all legs and on each."""
    return draw(
        "repository/_test_commit_row.jinja",
        owner=repository.owner,
        name=repository.name,
        on_github=repository.url,
        ended=ended,
        legs=tuple(legs),
    )


@register.simple_tag
def earlier_night(night: Night, shown: int) -> SafeString:
    """A night in the list of them; ``shown`` is the one that the page is of."""
    return draw("ingest/_earlier_night.jinja", night=night, is_shown=night.id == shown)
