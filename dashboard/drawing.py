"""Markup that is drawn once and kept while it says the same: rows, parts of pages, and whole pages.

What is drawn depends on the values that it is given and on nothing else: neither the clock nor who reads. Equal
values draw it alike, so each has to be hashable: texts, numbers, frozen dataclasses, tuples of these. What changed
is drawn anew because it differs; there is nothing to throw away when something is written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard.latest import Latest

Values = ParamSpec("Values")
Markup = TypeVar("Markup", SafeString, bytes)

MOST_BYTES = 48_000_000
"""Of markup in a process; the values that it says take almost as much again."""


class Said:
    """What markup says, hashed once: a page's values are thousands, and each look would hash them all again."""

    __slots__ = ("hashed", "values")

    def __init__(self, *values: Hashable) -> None:
        self.values, self.hashed = values, hash(values)

    def __hash__(self) -> int:
        return self.hashed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Said) and self.values == other.values


DRAWINGS: Latest[Said, SafeString | bytes] = Latest(MOST_BYTES, lambda said, markup: sys.getsizeof(markup))


def drawn_once(draws: Callable[Values, Markup]) -> Callable[Values, Markup]:
    """A function whose markup is kept, for each of its arguments by place."""

    @wraps(draws)
    def kept(*values: Values.args, **named: Values.kwargs) -> Markup:
        if settings.DEBUG:  # somebody is at work on the templates
            return draws(*values, **named)
        said = Said(draws, *values, *named.items())
        markup = cast("Markup | None", DRAWINGS.get(said))
        if markup is None:
            markup = draws(*values, **named)
            DRAWINGS.put(said, markup)
        return markup

    return kept


@drawn_once
def draw(template: str, /, **values: Hashable) -> SafeString:
    """The template with these values in its context and nothing beside them; ``*.jinja`` in Jinja's language."""
    language = "jinja" if template.endswith(".jinja") else "django"
    return SafeString(render_to_string(template, values, using=language))


@drawn_once
def draw_page(template: str, /, **values: Hashable) -> bytes:
    """The same as it is sent."""
    return render_to_string(template, values).encode()
