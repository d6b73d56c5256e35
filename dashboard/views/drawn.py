"""Pages that are drawn once and kept while they say the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from django.http import HttpRequest, HttpResponse

from dashboard.asked import asked_by
from dashboard.compression import SameAgain
from dashboard.context import site
from dashboard.drawing import draw_page


def drawn_page(request: HttpRequest, template: str, values: Mapping[str, Hashable]) -> HttpResponse:
    """The page that these values make for this request and its reader, whom the template knows by name alone.

    Nothing on it may be told by the clock, nor by a session: such a page is rendered as Django does it.
    """
    return SameAgain(draw_page(template, request=asked_by(request), **site(request), **values))
