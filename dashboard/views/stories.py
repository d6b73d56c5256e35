"""Every repository of a collection in one line, with its reason."""

from __future__ import annotations

from collections.abc import Hashable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.queries.stories import FILTERS, ORDERS, stories_of
from dashboard.views.drawn import drawn_page
from dashboard.views.runs import page_number
from dashboard.visibility import reader_of


@never_cache
@require_safe
def stories(request: HttpRequest, collection_id: int) -> HttpResponse:
    chosen, order = request.GET.get("show", "all"), request.GET.get("sort", "name")
    chosen, order = chosen if chosen in FILTERS else "all", order if order in ORDERS else "name"
    text = request.GET.get("q", "")[:200].replace("\x00", "")
    found = stories_of(reader_of(request), collection_id, chosen, text, order, page_number(request))
    if found is None:
        raise Http404("There is no such night here.")
    values: dict[str, Hashable] = {"night": found, "chosen": chosen, "order": order, "text": text}
    # What runs says something else each time.
    draws = render if found.running else drawn_page
    return draws(request, "ingest/stories.html", values)
