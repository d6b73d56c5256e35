"""A repository's tests as a list, and one test with its history."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.charts.durations import Durations, Pane, durations
from dashboard.queries.case_details import with_ages, with_messages
from dashboard.queries.case_history import (
    COMMITS_PAGE,
    DAYS,
    Ended,
    History,
    find_test,
    history_of,
    suspects_of,
)
from dashboard.queries.case_legs import legs_of
from dashboard.queries.case_list import (
    OUTCOMES,
    SORTS,
    VIEWS,
    Wanted,
    test_page,
    words_of,
)
from dashboard.queries.case_messages import messages_of
from dashboard.queries.case_overview import test_overview
from dashboard.views.repository import header_or_404, show
from dashboard.views.runs import number_in, page_number

LONGEST_TYPED = 200
CHARTS_KEPT = 100
LARGEST_ID = 2**63
MOST_COUNTED = 1_000
"""Tests that a filter is said to find; past this many the page says that there are more."""


@require_safe
def tests(request: HttpRequest, owner: str, name: str) -> HttpResponse:
    """The list of its tests; what is asked for stands in the address, and what makes no sense is passed over."""
    repository = header_or_404(request, owner, name)
    overview = test_overview(repository.id, repository.latest_at, words_of(_typed(request, "q")))
    wanted = _wanted(request, usual_view="failing" if overview.failing else "all")
    page = with_ages(repository.id, overview, test_page(repository.id, overview, wanted))
    context: dict[str, Any] = {
        "tab": "tests",
        "overview": overview,
        "wanted": wanted,
        "page": with_messages(repository.id, page),
        "outcomes": OUTCOMES,
        "most_counted": MOST_COUNTED,
        "json_address": f"/api/v1/repos/{repository.full_name}/tests",
    }
    return show(request, "tests.html", repository, **context)


def _typed(request: HttpRequest, key: str) -> str:
    return request.GET.get(key, "")[:LONGEST_TYPED]


def _wanted(request: HttpRequest, usual_view: str) -> Wanted:
    typed = {key: _typed(request, key) for key in ("view", "q", "outcome", "group", "sort")}
    return Wanted(
        view=typed["view"] if typed["view"] in VIEWS else usual_view if not typed["outcome"] else "all",
        text=typed["q"].replace("\x00", "").strip(),
        outcome=typed["outcome"] if typed["outcome"] in OUTCOMES else "",
        group=typed["group"].replace("\x00", ""),
        sort=typed["sort"] if typed["sort"] in SORTS else "",
        page=page_number(request),
        most_counted=MOST_COUNTED,
    )


@require_safe
def one_test(request: HttpRequest, owner: str, name: str, case_id: int) -> HttpResponse:
    repository = header_or_404(request, owner, name)
    test = find_test(repository.id, case_id) if case_id < LARGEST_ID else None
    if test is None:
        raise Http404("There is no such test here; a renamed test is another one.")
    days = number_in(request, "days")
    days = days if days in DAYS else DAYS[-1]
    history = history_of(repository.id, test, days)
    page = page_number(request)
    shown = history.ended[(page - 1) * COMMITS_PAGE : page * COMMITS_PAGE]
    legs = legs_of(repository.id, test, [ended.sha for ended in shown])
    suspects = suspects_of(test, history)
    address = repository.address
    context: dict[str, Any] = {
        "tab": "test",
        "test": test,
        "history": history,
        "chart": _chart_of(_panes(history), history.usual),
        "rows": tuple((ended, legs.get(ended.sha, ())) for ended in shown),
        "page": page,
        "pages": max(1, -(-len(history.ended) // COMMITS_PAGE)),
        "days": days,
        "today": timezone.now().date(),
        "choices": DAYS,
        "messages": messages_of(repository.id, test),
        "suspects": suspects,
        "compare_address": address.compare(suspects.good.sha, suspects.bad.sha)
        if suspects and suspects.good
        else "",
        "file_address": address.file(history.ended[0].sha, test.file) if test.file and history.ended else "",
        "json_address": f"/api/v1/repos/{repository.full_name}/tests/{test.id}/history",
    }
    return show(request, "test.html", repository, **context)


@lru_cache(CHARTS_KEPT)
def _chart_of(panes: tuple[Pane, ...], usual: tuple[float, float] | None) -> Durations:
    """The same durations make the same chart, until there is another one."""
    return durations(panes, usual)


def _panes(history: History) -> tuple[Pane, ...]:
    return tuple(Pane(_drawn_as(each), each.seconds) for each in reversed(history.ended))


def _drawn_as(ended: Ended) -> str:
    return "flaky" if ended.flaky and ended.outcome == "passed" else ended.outcome
