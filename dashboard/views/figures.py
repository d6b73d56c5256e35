"""What one figure of the estate is made of."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.queries.figure_parts import FIGURES, figure_parts
from dashboard.views.drawn import drawn_page
from dashboard.views.runs import page_number
from dashboard.visibility import reader_of

LONGEST_TAG = 60
# The calendar has a beginning, and days before a night are asked for.
EARLIEST = 1999


@require_safe
def figure(request: HttpRequest, key: str, login: str = "") -> HttpResponse:
    """Each repository's part of a total, with the artifacts that it was read from."""
    chosen = FIGURES.get(key)
    if chosen is None:
        raise Http404("There is no such figure.")
    tag, night = request.GET.get("tag", "").replace("\0", "")[:LONGEST_TAG], _night(request.GET.get("night", ""))
    parts = figure_parts(reader_of(request), chosen, login, tag, night, page_number(request))
    if login and not parts.count:
        raise Http404("No such organization has a part in this figure.")
    context = {"key": key, "figure": chosen, "figures": tuple(FIGURES.items()), "parts": parts, "login": login}
    return drawn_page(request, "estate/figure.html", context | {"tag": tag, "night": night})


def _night(text: str) -> date | None:
    """The night of that name; one that is none is the newest."""
    try:
        night = date.fromisoformat(text)
    except ValueError:
        return None
    return night if night.year > EARLIEST else None
