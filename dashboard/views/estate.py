"""The estate's page, whole or of one organization: read the address, ask once, draw."""

from __future__ import annotations

from collections.abc import Container
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from dashboard.queries.estate import estate_file, estate_page
from dashboard.queries.setup import set_up
from dashboard.queries.statuses import DAYS, FILTERS, GROUPS, SORTS, Asked
from dashboard.views.estate_csv import estate_csv
from dashboard.visibility import reader_of

LONGEST_WORDS = 200


@require_safe
def estate(request: HttpRequest, login: str = "") -> HttpResponse:
    """HTML, or CSV with ``?format=csv``. htmx gets the table alone when it asks for that."""
    asked, reader, now = asked_for(request.GET), reader_of(request), timezone.now()
    if request.GET.get("format") == "csv":
        return estate_csv(estate_file(reader, asked, login, now), login or "estate")
    page = estate_page(reader, asked, login, now)
    if page is None:
        raise Http404("There is no such organization here.")
    table_only = request.headers.get("HX-Target") == "repositories"
    context: dict[str, object] = {
        "page": page,
        "asked": asked,
        "links": Links(request.GET),
        "all_days": DAYS,
        "now": now,
    }
    context["table_only"] = table_only
    context["night"] = page.nights[-1].name if page.nights else None
    if not page.figures.repositories:
        context["setup"] = set_up()
    response = render(request, "estate/_repositories.html" if table_only else "estate/index.html", context)
    # One address has two answers: a browser's "back" must not show the table alone.
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def asked_for(values: QueryDict) -> Asked:
    """What the address asks for; a value that makes no sense asks for nothing."""

    def one_of(key: str, known: Container[str], default: str) -> str:
        value = values.get(key, "")
        return value if value in known else default

    days, page = values.get("days", ""), values.get("page", "")
    sorts = {"attention", *SORTS, *(f"-{name}" for name in SORTS)}
    return Asked(
        q=values.get("q", "").replace("\0", "").strip()[:LONGEST_WORDS],
        org=values.get("org", "").replace("\0", "")[:LONGEST_WORDS],
        status=one_of("status", FILTERS, ""),
        tag=values.get("tag", "").replace("\0", "")[:LONGEST_WORDS],
        sort=one_of("sort", sorts, "attention"),
        group=one_of("group", GROUPS, "organization"),
        days=int(days) if days.isdecimal() and int(days) in DAYS else 60,
        page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
    )


class Links:
    """Addresses of this page with something changed; templates ask ``{% link links "status" "silent" %}``."""

    def __init__(self, values: QueryDict) -> None:
        self.values = {key: values[key] for key in values if key not in ("page", "format")}

    def changed(self, **changes: str | int) -> str:
        """The query with these values; an empty one is taken out."""
        kept = {**self.values, **{key: str(value) for key, value in changes.items()}}
        return "?" + urlencode({key: value for key, value in kept.items() if value})

    def sorted_by(self, column: str, first: str) -> str:
        """The other way round when the column is sorted already, else ``first`` (``-`` for the largest first)."""
        now = self.values.get("sort", "")
        wanted = f"{first}{column}"
        return self.changed(sort=wanted if now != wanted else (column if first else f"-{column}"))
