"""Addresses of the same page with something changed: ``{% link links status="silent" %}``."""

from __future__ import annotations

from typing import Any, Protocol

from django import template

register = template.Library()


class ChangeableAddress(Protocol):
    def changed(self, **changes: str | int) -> str: ...
    def sorted_by(self, column: str, first: str) -> str: ...


@register.simple_tag
def link(links: ChangeableAddress, **changes: Any) -> str:
    """The address with these values; an empty one is taken out."""
    return links.changed(**changes)


@register.simple_tag
def sort_link(links: ChangeableAddress, column: str, first: str = "") -> str:
    """Sorted by the column, the other way round when it is already; ``first="-"``: the largest first."""
    return links.sorted_by(column, first)
