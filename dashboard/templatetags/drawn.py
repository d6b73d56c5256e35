"""Parts of a page, each drawn once and kept while it says the same: ``{% load drawn %}``.

    {% drawn "estate/_view.html" asked=asked links=links %}

What a part is drawn of are the values that it is given and nothing else: neither the clock nor who reads. Equal
values draw it alike, so each has to be hashable: texts, numbers, frozen dataclasses, tuples of these.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()

MOST_KEPT = 3_000
"""Parts in a process, some kilobytes each; those that were asked for last."""


@register.simple_tag(name="drawn")
def drawn(of_template: str, **values: Hashable) -> SafeString:
    return _drawn(of_template, tuple(values.items()))


@lru_cache(MOST_KEPT)
def _drawn(template_name: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return render_to_string(template_name, dict(values))
