"""What stands around every page: ``{% load frame %}{% site_bar %}``."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.defaultfilters import urlencode
from django.utils.safestring import SafeString

from dashboard.asked import Asked, asked_by
from dashboard.drawing import draw

register = template.Library()

PAGE = "%page%"
"""Stands for the page's own address in what is kept: to sign in leads back to it."""


@register.simple_tag(takes_context=True)
def site_bar(context: Context) -> SafeString:
    """The bar over the page, drawn once for each of its readers and each entry that is lit up."""
    asked: Asked | HttpRequest | None = context.get("request")
    if isinstance(asked, HttpRequest):
        asked = asked_by(asked)
    here, reader, path = (asked.route, asked.reader, asked.full_path) if asked else ("", "", "/")
    drawn = draw("components/bar.html", here=here, demo=bool(context.get("demo")), reader=reader, page=PAGE)
    return SafeString(drawn.replace(PAGE, urlencode(path)))
