"""What stands around every page: ``{% load frame %}{% site_bar %}``."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template import Context
from django.template.defaultfilters import urlencode
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()

PAGE = "%page%"
"""Stands for the page's own address in what is kept: to sign in leads back to it."""
MOST_KEPT = 200


@register.simple_tag(takes_context=True)
def site_bar(context: Context) -> SafeString:
    """The bar over the page, drawn once for each of its readers and each entry that is lit up."""
    request, user = context.get("request"), context.get("user")
    reader = user.get_username() if user and user.is_authenticated else ""
    match = request.resolver_match if request else None
    drawn = _bar(match.url_name if match else "", bool(context.get("demo")), reader)
    return SafeString(drawn.replace(PAGE, urlencode(request.get_full_path() if request else "/")))


@lru_cache(MOST_KEPT)
def _bar(here: str, demo: bool, reader: str) -> str:
    return render_to_string("components/bar.html", {"here": here, "demo": demo, "reader": reader, "page": PAGE})
