"""GET /api/v1/search: repositories and tests by words."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from dashboard.api import schemas
from dashboard.queries.search import Found, search
from dashboard.visibility import reader_of

router = Router(tags=["estate"])


class SearchParameters(schemas.Parameters):
    q: str = Field("", max_length=200, description="words, at most 200 characters")


class FoundTest(Schema):
    repository: str
    id: int
    group: str
    classname: str = Field(serialization_alias="class")
    name: str


class SearchResults(Schema):
    repositories: list[str] = Field(description="full names that hold every word, the first twenty")
    tests: list[FoundTest] | None = Field(
        description="tests whose name or class holds every word, twenty of them; null: no word has three letters"
    )


@router.get(
    "/search",
    operation_id="search",
    response={200: SearchResults, 400: schemas.Refusal},
    by_alias=True,
    summary="Repositories and tests by words, over the whole estate",
)
def results(request: HttpRequest, parameters: Query[SearchParameters]) -> Found:
    return search(reader_of(request), parameters.q)
