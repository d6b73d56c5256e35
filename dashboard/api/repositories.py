"""GET /api/v1/repos and what lies below it. Owner and name meet in any case."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from dashboard.api import schemas
from dashboard.api.api import api
from dashboard.queries.facts import RepositoryFacts, repository_facts, trend_points
from dashboard.queries.listing import Wanted, repository_page
from dashboard.visibility import reader_of

router = Router(tags=["repositories"])

NOT_FOUND = "There is no repository {owner}/{name} here, or you may not see it."


@router.get(
    "/repos",
    operation_id="list_repositories",
    response={200: schemas.RepositoryPage, 400: schemas.Refusal},
    summary="Repositories, filtered, sorted and in pages",
)
def repositories(request: HttpRequest, parameters: Query[schemas.RepositoryParameters]) -> dict[str, Any]:
    wanted = Wanted(**parameters.model_dump())
    page = repository_page(reader_of(request), wanted)
    last = max(1, -(-page.count // wanted.page_size))
    return {"count": page.count, "results": page.results, **page_links(request, wanted.page, last)}


@router.get(
    "/repos/{owner}/{name}",
    operation_id="get_repository",
    response={200: schemas.Repository, 404: schemas.Refusal},
    summary="A repository: where its HEAD stands, and its newest commit with evidence",
)
def repository(request: HttpRequest, owner: str, name: str) -> RepositoryFacts:
    facts = repository_facts(reader_of(request), *plain_name(owner, name))
    if facts is None:
        raise Http404(NOT_FOUND.format(owner=owner, name=name))
    return facts


@router.get(
    "/repos/{owner}/{name}/trend",
    operation_id="get_trend",
    response={200: schemas.Trend, 400: schemas.Refusal, 404: schemas.Refusal},
    summary="Its commits with evidence, oldest first",
)
def trend(request: HttpRequest, owner: str, name: str, parameters: Query[schemas.TrendParameters]) -> HttpResponse:
    since = timedelta(days=parameters.days)
    points = trend_points(reader_of(request), *plain_name(owner, name), since=since, now=timezone.now())
    if points is None:
        raise Http404(NOT_FOUND.format(owner=owner, name=name))
    # As it is: held against its schema once more, each time, it would take twice as long. A test does that.
    return api.create_response(request, {"points": points}, status=HTTPStatus.OK)


def plain_name(owner: str, name: str) -> tuple[str, str]:
    """Both as they came. Raises Http404 for a NUL, which PostgreSQL would refuse to compare."""
    if "\x00" in owner + name:
        raise Http404
    return owner, name


def page_links(request: HttpRequest, page: int, last: int) -> dict[str, str | None]:
    """The addresses of the next and the previous page, null where there is none."""
    return {
        "next": _page_address(request, page + 1) if page < last else None,
        "previous": _page_address(request, min(page - 1, last)) if page > 1 else None,
    }


def _page_address(request: HttpRequest, page: int) -> str:
    query = request.GET.copy()
    query["page"] = str(page)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
