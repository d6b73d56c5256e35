"""The language of rows: templates that a page draws a hundred times are Jinja's, ``*.jinja``, beside the others.

Django looks each value up by name again wherever a template says it; Jinja makes a function of the template first.
What both say is the same: ``{{ count|count }}`` is the filter of ``dashboard.templatetags.figures``, and its tags
are called as functions: ``{{ mark(row.status) }}``, ``{{ url("commit", row.owner, row.name, row.sha) }}``.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from django.template.defaultfilters import truncatechars, urlencode
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from dashboard.templatetags import addresses, figures, pictures

TAGS = (
    addresses.figure_address,
    addresses.link,
    figures.evidence,
    figures.from_log,
    figures.mark,
    figures.points_delta,
    figures.tests_delta,
    figures.time,
    pictures.line,
    pictures.pass_bar,
    pictures.windows,
)


class Rows(Environment):
    """Filters and tags are all there when a template is read: they are one plain mapping, copied for each row."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def environment(**options: Any) -> Rows:
    """As Django's backend asks for it; a name that the template was not given is an error, and no empty place."""
    made = Rows(**options | {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True})
    made.filters |= figures.register.filters | {"truncatechars": truncatechars, "urlencode": urlencode}
    made.globals |= {tag.__name__: tag for tag in TAGS}
    made.globals["url"] = url
    return made


def url(name: str, *parts: object) -> str:
    """The address of a page; ``{% url %}`` of Django's templates."""
    return reverse(name, args=parts)
