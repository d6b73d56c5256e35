"""The API's frame: rendering, conditional answers, and how a refusal looks."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.renderers import BaseRenderer

from dashboard.api import detail_schemas, run_schemas, schemas

PARAMETERS: dict[str, type[schemas.Parameters]] = {
    "/repos": schemas.RepositoryParameters,
    "/trend": schemas.TrendParameters,
    "/tests": detail_schemas.TestsParameters,
    "/history": detail_schemas.HistoryParameters,
    "/coverage": detail_schemas.CoverageParameters,
    "/compare": detail_schemas.CompareParameters,
}
"""By the end of an address, what it may be asked; elsewhere it is asked as runs are."""


class OrjsonRenderer(BaseRenderer):
    """Times as UTC with a Z; percentages as they are."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


class ConditionalAPI(NinjaAPI):
    """Every answer has an ETag; whoever asks again with it gets 304 while nothing has changed."""

    def create_response(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().create_response(request, *args, **kwargs)
        # What an answer holds depends on who is signed in, so no shared cache may keep it.
        patch_vary_headers(response, ["Cookie"])
        response["Cache-Control"] = "private, no-cache"
        if response.status_code != HTTPStatus.OK:
            return response
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response


api = ConditionalAPI(
    title="Clerestory",
    version="1",
    description="Tests and coverage of an estate of repositories. Read-only; answers hold what the caller may see. "
    "Null is unknown, never zero.",
    renderer=OrjsonRenderer(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)


@api.exception_handler(ValidationError)
def refuse_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """400 naming every key whose value makes no sense, and what would."""
    keys = dict.fromkeys(str(each["loc"][-1]) for each in error.errors)
    sentences = [
        f"{key}={_shortened(request.GET.get(key, ''))} makes no sense: use {_use(request, key)}." for key in keys
    ]
    return api.create_response(request, {"detail": " ".join(sentences)}, status=HTTPStatus.BAD_REQUEST)


@api.exception_handler(Http404)
def say_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return api.create_response(request, {"detail": str(error) or "Not found."}, status=HTTPStatus.NOT_FOUND)


def no_such_address(request: HttpRequest) -> JsonResponse:
    """Below /api/v1/ an unknown address is answered in JSON too."""
    detail = "There is nothing here; /api/v1/openapi.json lists what there is."
    return JsonResponse({"detail": detail}, status=HTTPStatus.NOT_FOUND)


def _use(request: HttpRequest, key: str) -> str:
    end = request.path.rstrip("/")
    known = next(
        (found for ending, found in PARAMETERS.items() if end.endswith(ending)), run_schemas.RunsParameters
    )
    field = known.model_fields.get(key)
    return (field.description if field else None) or "another value"


def _shortened(value: str) -> str:
    return value if len(value) <= 40 else value[:40] + "…"
