"""Parts of a page, each drawn once and kept while it says the same: ``{% load drawn %}``.

    {% drawn "estate/_view.html" asked=asked links=links %}

``dashboard.drawing`` says what may be drawn so.
"""

from __future__ import annotations

from django import template

from dashboard.drawing import draw

register = template.Library()
register.simple_tag(draw, name="drawn")
