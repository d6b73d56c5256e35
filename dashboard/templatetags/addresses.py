"""Addresses of this page with something changed, ``{% link links status="silent" %}``, and of figures' parts."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol
from urllib.parse import urlencode

from django import template
from django.urls import reverse

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


@register.simple_tag
def figure_address(key: str, login: str = "", tag: str = "", night: date | None = None) -> str:
    """Where a total of the estate, an organization or a tag is taken apart, now or as an earlier night left it."""
    address = reverse("organization-figure", args=[login, key]) if login else reverse("figure", args=[key])
    asked = {"tag": tag, "night": night.isoformat() if night else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{address}?{query}" if query else address
