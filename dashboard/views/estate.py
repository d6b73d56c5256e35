"""The estate's page, whole or of one organization: read the address, ask once, draw."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.html import json_script
from django.views.decorators.http import require_safe

from dashboard.charts.still import still
from dashboard.charts.trend import trend_figure
from dashboard.queries.estate import estate_file, estate_page
from dashboard.queries.estate_columns import COLUMNS, chosen
from dashboard.queries.estate_trend import estate_trend
from dashboard.queries.nights import NightTotals
from dashboard.queries.setup import set_up
from dashboard.queries.statuses import DAYS, FILTERS, GROUPS, SORT_NAMES, SORTS, Asked
from dashboard.saved_views import first_view_of, views_of
from dashboard.views.drawn import drawn_page
from dashboard.views.estate_csv import estate_csv
from dashboard.visibility import reader_of
from dashboard.wording import ago

LONGEST_WORDS = 200
# What an address of this page says of itself alone; "view=all" only keeps the bare address from leading elsewhere.
NOT_KEPT = ("page", "format", "columns", "view")
DAYS_BEFORE_AN_END = 29
MOST_NIGHTS = 1_000
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
# What is best told largest first; the rest starts with the smallest, which is also the worst.
FALLING = ("tests", "failing", "coverage", "lines", "flaky", "duration", "seen")


def _sort_menu() -> list[tuple[str, str, str, str]]:
    """Key, name, the address's value for the natural order and for the other way round."""
    menu = []
    for key in SORTS:
        ways = (f"-{key}", key) if key in FALLING else (key, f"-{key}")
        menu.append((key, SORT_NAMES.get(key, key), *ways))
    return menu


SORT_MENU = tuple(_sort_menu())
TRENDS_KEPT = 30


@require_safe
def estate(request: HttpRequest, login: str = "") -> HttpResponseBase:
    """HTML, or CSV with ``?format=csv``. htmx gets the table alone when it asks for that.

    The bare address of the estate opens the view that its reader wants to see first.
    """
    if not login and not request.GET and (first := first_view_of(request.user)):
        return redirect(first.address)
    asked, reader, now = asked_for(request.GET), reader_of(request), timezone.now()
    if request.GET.get("format") == "csv":
        return estate_csv(estate_file(reader, asked, login, now), asked.columns, login or "estate")
    page = estate_page(reader, asked, login, now)
    if page is None:
        raise Http404("There is no such organization here.")
    table_only = request.headers.get("HX-Target") == "repositories"
    views = tuple(views_of(request.user))
    links = Links(request.GET, bare="view=all" if any(view.opens_first for view in views) else "")
    context: dict[str, object] = {
        "page": page,
        "asked": asked,
        "links": links,
        "login": login,
        "views": views,
        "view_shown": next((view for view in views if view.shows(login, links.query)), None),
        "all_days": DAYS,
        "today": now.date(),
        "ended_ago": ago(page.ended.finished_at, now) if page.ended else "",
    }
    context |= {"columns": COLUMNS, "sorts": SORT_MENU}
    context["table_only"] = table_only
    context["night"] = page.nights[-1].name if page.nights else None
    if page.nights and not table_only:
        context |= _trend_of(page.nights)
    if not page.figures.repositories:
        context["setup"] = set_up()
    template = "estate/_repositories.html" if table_only else "estate/index.html"
    # Who is signed in has views of his own, and forms with the token of his session.
    draws = render if request.user.is_authenticated else drawn_page
    response = draws(request, template, context)
    # One address has two answers: a browser's "back" must not show the table alone.
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@lru_cache(TRENDS_KEPT)
def _trend_of(nights: tuple[NightTotals, ...]) -> dict[str, object]:
    """The same nights make the same trend, until the next one."""
    told = estate_trend(nights)
    figure = trend_figure(told.points, by_date=True)
    return {
        "trend": told,
        "figure": json_script(figure),
        "still": still(figure),
        "quiet_nights": sum(not night.fresh for night in nights),
    }


def asked_for(values: QueryDict) -> Asked:
    """What the address asks for; a value that makes no sense asks for nothing."""

    def one_of(key: str, known: Container[str], default: str) -> str:
        value = values.get(key, "")
        return value if value in known else default

    def text(key: str) -> str:
        return values.get(key, "").replace("\0", "").strip()[:LONGEST_WORDS]

    days, page = values.get("days", ""), values.get("page", "")
    sorts = {"attention", *SORTS, *(f"-{name}" for name in SORTS)}
    since, until, refusal = dates_of(values.get("from", ""), values.get("to", ""))
    return Asked(
        q=text("q"),
        org=text("org"),
        status=one_of("status", FILTERS, ""),
        tag=text("tag"),
        owner=text("owner"),
        sort=one_of("sort", sorts, "attention"),
        group=one_of("group", GROUPS, "organization"),
        days=int(days) if days.isdecimal() and int(days) in DAYS else 60,
        since=since,
        until=until,
        range_error=refusal,
        columns=chosen(values.getlist("columns")),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
    )


def dates_of(first: str, last: str) -> tuple[date | None, date | None, str]:
    """The first and the last night asked for, or why they are not shown; an open end is filled in."""
    if not (first or last):
        return None, None, ""
    try:
        until = date.fromisoformat(last) if last else timezone.now().date()
        since = date.fromisoformat(first) if first else until - timedelta(days=DAYS_BEFORE_AN_END)
        # A day earlier is asked for as well; the calendar has an end on both sides.
        since, until = max(since, EARLIEST), min(until, LATEST)
    except (ValueError, OverflowError):
        return None, None, "Those dates are no dates: write them like 2026-03-31."
    if since > until:
        return None, None, f"The nights would end before they begin: {since} is after {until}."
    if (until - since).days >= MOST_NIGHTS:
        return None, None, f"That is more than {MOST_NIGHTS} nights: choose a shorter span."
    return since, until, ""


class Links:
    """Addresses of this page with something changed; templates ask ``{% link links "status" "silent" %}``."""

    def __init__(self, values: QueryDict, bare: str = "") -> None:
        """``bare`` is the query that stands where none is left."""
        self.bare = bare
        self.values: dict[str, str] = {key: str(values[key]) for key in values if key not in NOT_KEPT}
        # A form sends a value for each tick; in an address they stand together.
        if columns := ",".join(values.getlist("columns")):
            self.values["columns"] = columns

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Links) and (self.query, self.bare) == (other.query, other.bare)

    def __hash__(self) -> int:
        """By what they lead to, so that what was drawn with them can be kept."""
        return hash((self.query, self.bare))

    def changed(self, **changes: str | int) -> str:
        """The query with these values; an empty one is taken out."""
        kept = {**self.values, **{key: str(value) for key, value in changes.items()}}
        return "?" + (urlencode({key: value for key, value in kept.items() if value}) or self.bare)

    def fields(self, *without: str) -> list[tuple[str, str]]:
        """For the hidden fields of a form that asks for ``without`` itself."""
        return [(key, value) for key, value in self.values.items() if key not in without]

    @property
    def filter_fields(self) -> list[tuple[str, str]]:
        return self.fields("q")

    @property
    def column_fields(self) -> list[tuple[str, str]]:
        return self.fields("columns")

    @property
    def range_fields(self) -> list[tuple[str, str]]:
        return self.fields("from", "to", "days")

    @property
    def query(self) -> str:
        """This very page, as a saved view keeps it."""
        return urlencode({key: value for key, value in self.values.items() if value})

    def sorted_by(self, column: str, first: str) -> str:
        """The other way round when the column is sorted already, else ``first`` (``-`` for the largest first)."""
        now = self.values.get("sort", "")
        wanted = f"{first}{column}"
        return self.changed(sort=wanted if now != wanted else (column if first else f"-{column}"))
