"""GET …/tests and …/tests/{id}/history: how each test stands, and how it came to."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router

from dashboard.api import detail_schemas
from dashboard.api.repositories import page_links
from dashboard.api.runs import REFUSALS, repository_id_of
from dashboard.queries.case_history import (
    Ended,
    History,
    KnownTest,
    find_test,
    history_of,
    suspects_of,
)
from dashboard.queries.case_legs import Leg, legs_of
from dashboard.queries.case_list import ListedTest, Wanted, test_page
from dashboard.queries.case_messages import messages_of
from dashboard.queries.case_overview import test_overview
from dashboard.queries.repository import newest_at

router = Router(tags=["tests"])

LARGEST_ID = 2**63


@router.get(
    "/repos/{owner}/{name}/tests",
    operation_id="list_tests",
    response={200: detail_schemas.TestPage, **REFUSALS},
    by_alias=True,
    summary="Its tests at the newest commit: filtered, sorted and in pages",
)
def tests(
    request: HttpRequest, owner: str, name: str, parameters: Query[detail_schemas.TestsParameters]
) -> dict[str, Any]:
    repository_id = repository_id_of(request, owner, name)
    wanted = Wanted(
        view=parameters.view,
        text=parameters.q or "",
        outcome=parameters.outcome or "",
        group=parameters.group or "",
        sort=parameters.sort or "",
        page=parameters.page,
        size=parameters.page_size,
    )
    found = test_page(repository_id, test_overview(repository_id, newest_at(repository_id), wanted.words), wanted)
    links = page_links(request, found.page, found.pages)
    return {"count": found.count, "results": [test_fields(test) for test in found.tests], **links}


@router.get(
    "/repos/{owner}/{name}/tests/{int:test_id}/history",
    operation_id="get_test_history",
    response={200: detail_schemas.TestHistory, **REFUSALS},
    by_alias=True,
    summary="One test commit by commit, in every leg, and what may have broken it",
)
def history(
    request: HttpRequest, owner: str, name: str, test_id: int, parameters: Query[detail_schemas.HistoryParameters]
) -> dict[str, Any]:
    repository_id = repository_id_of(request, owner, name)
    test = find_test(repository_id, test_id) if test_id < LARGEST_ID else None
    if test is None:
        raise Http404(f"There is no test {test_id} here; …/tests lists them.")
    start = (parameters.page - 1) * parameters.page_size
    shown_at = range(start, start + parameters.page_size)
    past = history_of(repository_id, test, parameters.days, timed=shown_at)
    shown = past.ended[shown_at.start : shown_at.stop]
    legs = legs_of(repository_id, test, [ended.sha for ended in shown])
    suspects = suspects_of(test, past)
    return {
        "test": _known_fields(test, past) if test.outcome else None,
        "first_seen_at": test.first_seen_at,
        "last_seen_at": test.last_seen_at,
        "failing_since": test.since_at if test.is_failing else None,
        "suspects": suspects
        and {
            "good": suspects.good.sha if suspects.good else None,
            "bad": None if suspects.beyond else suspects.bad.sha,
        },
        "messages": [
            {
                "message": message.text or message.headline,
                "commits": message.commits,
                "first_sha": message.first_sha,
                "first_seen_at": message.first_at,
                "last_sha": message.last_sha,
                "last_seen_at": message.last_at,
            }
            for message in messages_of(repository_id, test)
        ],
        "count": len(past.ended),
        "results": [_commit_fields(ended, legs.get(ended.sha, ())) for ended in shown],
        **page_links(request, parameters.page, max(1, -(-len(past.ended) // parameters.page_size))),
    }


def test_fields(test: ListedTest) -> dict[str, Any]:
    names = ("id", "group", "name", "outcome", "flaky")
    return {name: getattr(test, name) for name in names} | {
        "class": test.classname,
        "duration_seconds": test.seconds,
    }


def _known_fields(test: KnownTest, past: History) -> dict[str, Any]:
    names = ("id", "group", "name", "outcome", "flaky")
    return {name: getattr(test, name) for name in names} | {
        "class": test.classname,
        "duration_seconds": past.newest.seconds if past.ended else None,
    }


def _commit_fields(ended: Ended, legs: tuple[Leg, ...]) -> dict[str, Any]:
    names = ("sha", "committed_at", "outcome", "flaky")
    return {name: getattr(ended, name) for name in names} | {
        "duration_seconds": ended.seconds,
        "legs": [
            {
                name: getattr(leg, name)
                for name in ("artifact", "artifact_id", "run_id", "member", "outcome", "flaky")
            }
            | {"duration_seconds": leg.seconds}
            for leg in legs
        ],
    }
