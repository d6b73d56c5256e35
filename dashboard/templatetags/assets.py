"""Style sheets of every page: ``{% load assets %}{% site_styles %}``, one link where they were put together."""

from __future__ import annotations

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from dashboard.staticfiles import SITE

register = template.Library()


@register.simple_tag
def site_styles() -> SafeString:
    """The bundle that ``collectstatic`` made, else its parts; the files as they are while one works on them."""
    names = getattr(staticfiles_storage, "site_styles", lambda: SITE)()
    links = ((staticfiles_storage.url(name),) for name in names)
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)
