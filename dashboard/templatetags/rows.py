"""Rows of the estate's table, each drawn once and kept while it says the same: ``{% repository_row row … %}``."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Protocol

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard.queries.estate_rows import Row
from dashboard.templatetags.addresses import ChangeableAddress

register = template.Library()


class HashableAddress(ChangeableAddress, Hashable, Protocol):
    """Equal ones lead to the same addresses."""


MOST_KEPT = 4_000
"""Rows of a whole process, about four kilobytes each; those that were asked for last."""


@register.simple_tag
def repository_row(
    row: Row, columns: tuple[str, ...], links: HashableAddress, common_tags: frozenset[str]
) -> SafeString:
    """The row of a repository with these columns; tags that most carry tell nothing, and are left out."""
    tags = tuple(tag for tag in row.tags if tag not in common_tags)
    leads_on = bool(tags and "tags" in columns) or bool(row.owned_by and "owner" in columns)
    return _drawn(row, columns, tags, links if leads_on else None)


@lru_cache(MOST_KEPT)
def _drawn(row: Row, columns: tuple[str, ...], tags: tuple[str, ...], links: HashableAddress | None) -> SafeString:
    """The markup depends on these values and on nothing else: neither on the clock nor on who reads."""
    name = "estate/_row.html" if row.has_evidence else "estate/_row_without.html"
    return render_to_string(name, {"row": row, "columns": columns, "tags": tags, "links": links})
