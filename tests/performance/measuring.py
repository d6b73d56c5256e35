"""What one answer costs: queries, CPU in Python, CPU in PostgreSQL, bytes on the wire.

Each request goes through the whole stack, middleware and compression included, in this process. Parallel workers of
PostgreSQL are switched off, or theirs would be missed. CPU time is used throughout, because wall time tells of the
neighbours more (``tests.performance.pace``).

An answer is measured three times: made, as after every write, by a site that keeps none (``dashboard.kept``); made
where nothing of it was drawn or told before (``dashboard.drawing``), as if all that it says were new; and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.http import HttpResponse
from django.template import Template
from django.test import override_settings
from django.test.utils import _TestState

from dashboard.compression import COMPRESSED
from dashboard.drawing import DRAWINGS
from tests.performance.pace import Measured, cpu_of, least_of

WARM_UPS = 3
KEPT = "dashboard.kept.Kept"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request costs. Milliseconds of CPU are Python's and PostgreSQL's together."""

    status: int
    queries: int
    made: Measured
    first_ms: float
    """The very first time in this process."""
    drawn_ms: float
    """Where all of its markup is drawn."""
    kept_ms: float
    floor_ms: float
    """Of a view with the same bytes from a constant."""
    sent: int
    """Bytes of the body as sent, compressed."""
    plain: int


def environ_of(address: str, **more: str) -> dict[str, Any]:
    path, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.url_scheme": "http",
        **more,
    }


def answer(handler: WSGIHandler, address: str, **headers: str) -> Any:
    request = WSGIRequest(environ_of(address, **headers))
    return handler.get_response(request)


def making_site() -> WSGIHandler:
    """The whole site, but every answer is made."""
    without = [name for name in settings.MIDDLEWARE if name != KEPT]
    with override_settings(MIDDLEWARE=without):
        return WSGIHandler()


@contextmanager
def as_served() -> Iterator[None]:
    """Templates without the notes that a test takes of each one, which cost a quarter of a page."""
    noting = Template._render
    plain = getattr(getattr(_TestState, "saved_data", None), "template_render", noting)
    Template._render = plain
    try:
        yield
    finally:
        Template._render = noting


def cost_of(address: str) -> Cost:
    with as_served():
        return _cost_of(address)


def _cost_of(address: str) -> Cost:
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    statements: list[str] = []

    def noted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    making, keeping = making_site(), WSGIHandler()
    first = cpu_of(lambda: _content(answer(making, address)))
    for _ in range(WARM_UPS):
        answer(making, address)
    with connection.execute_wrapper(noted):
        found = answer(making, address)
    sent = _content(found)
    plain = answer(making, address, HTTP_ACCEPT_ENCODING="identity")
    content = _content(plain)
    return Cost(
        status=found.status_code,
        queries=len(statements),
        made=least_of(lambda: _content(answer(making, address))),
        first_ms=first.both_ms,
        drawn_ms=least_of(lambda: _content(_drawn_anew(making, address))).work.both_ms,
        kept_ms=least_of(lambda: _content(answer(keeping, address))).work.both_ms,
        floor_ms=floor_of(content, plain.headers.get("Content-Type", "")),
        sent=len(sent),
        plain=len(content),
    )


def _drawn_anew(handler: WSGIHandler, address: str) -> Any:
    from dashboard.queries.commit_changes import PAIRS  # models are not loaded at import
    from dashboard.views import coverage, estate, repository, repository_tests

    for kept in (DRAWINGS, COMPRESSED, repository.FILES, PAIRS):
        kept.clear()
    for made_once in (coverage._tree_of, estate._trend_of, repository._drawing_of, repository_tests._chart_of):
        made_once.cache_clear()
    return answer(handler, address)


def _content(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def floor_of(content: bytes, kind: str) -> float:
    """What the stack takes for these bytes when the view does nothing."""
    handler = making_site()

    def constant(request: Any) -> HttpResponse:
        return HttpResponse(content, content_type=kind)

    handler.resolve_request = lambda request: _Resolved(constant)  # type: ignore[method-assign,assignment,return-value]
    for _ in range(WARM_UPS):
        answer(handler, "/")
    return least_of(lambda: _content(answer(handler, "/"))).work.python_ms


class _Resolved:
    """A match that leads to one view."""

    def __init__(self, view: Callable[[Any], HttpResponse]) -> None:
        self.func, self.args, self.kwargs = view, (), {}

    def __iter__(self) -> Any:
        return iter((self.func, self.args, self.kwargs))
