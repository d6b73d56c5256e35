"""What one answer costs: queries, CPU in Python, CPU in PostgreSQL, bytes on the wire.

Each request goes through the whole stack, middleware and compression included, in this process; PostgreSQL's part
is that of the one backend behind this process's connection, read from the kernel. Parallel workers are switched
off, or theirs would be missed. CPU time is used throughout, because wall time tells of the neighbours too.

A machine that others use runs at half its speed at times, for seconds or minutes. So each measurement stands beside
a yardstick that was held to the machine in between, and two are compared by what they are of it.

An answer is measured three times: made, as after every write, by a site that keeps none (``dashboard.kept``); made
where nothing of it was drawn or told before (``dashboard.drawing``), as if all that it says were new; and kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
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

REPEATS = 15
WARM_UPS = 3
KEPT = "dashboard.kept.Kept"
TURNS = 300_000
"""Of the yardstick as it is told; held in between are a few of them, often."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU for one request; ``floor_ms`` that of a view with the same bytes from a constant.

    ``first_ms`` is the very first time in this process, Python and PostgreSQL together. ``yardstick_ms`` is what
    the yardstick took between the requests that ``python_ms`` and ``database_ms`` are the least of.
    """

    status: int
    queries: int
    python_ms: float
    database_ms: float
    first_ms: float
    drawn_ms: float
    """Both together where all of its markup is drawn."""
    kept_ms: float
    floor_ms: float
    yardstick_ms: float
    sent: int
    """Bytes of the body as sent, compressed."""
    plain: int

    @property
    def cpu_ms(self) -> float:
        return self.python_ms + self.database_ms

    def cpu_at(self, yardstick_ms: float) -> float:
        """Milliseconds on a machine that takes so long for the yardstick."""
        return self.cpu_ms * yardstick_ms / self.yardstick_ms


def yardstick(share: float = 1.0) -> float:
    """Milliseconds of CPU for 300,000 turns of ``d[i % 1000] = str(i)``; ``share`` of them are taken."""
    began, kept = time.process_time_ns(), {}
    for turn in range(round(share * TURNS)):
        kept[turn % 1000] = str(turn)
    return (time.process_time_ns() - began) / 1e6 / share


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


def backend_seconds() -> float:
    """CPU that this connection's backend has used since it began."""
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


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
    first = _once(lambda: answer(making, address))
    for _ in range(WARM_UPS):
        answer(making, address)
    with connection.execute_wrapper(noted):
        found = answer(making, address)
    sent = _content(found)
    plain = answer(making, address, HTTP_ACCEPT_ENCODING="identity")
    content = _content(plain)
    paces: list[float] = []
    python, database = _timed(lambda: answer(making, address), paces)
    return Cost(
        status=found.status_code,
        queries=len(statements),
        python_ms=python,
        database_ms=database,
        first_ms=sum(first),
        drawn_ms=sum(_timed(lambda: _drawn_anew(making, address))),
        kept_ms=sum(_timed(lambda: answer(keeping, address))),
        floor_ms=floor_of(content, plain.headers.get("Content-Type", "")),
        yardstick_ms=min(paces),
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


def _timed(work: Callable[[], Any], paces: list[float] | None = None) -> tuple[float, float]:
    """Milliseconds of CPU of one call in Python and in PostgreSQL, each the least of many.

    The least, because whatever else runs on the machine only ever adds: a cold cache is a neighbour's doing. In
    ``paces`` goes what the yardstick took after each.
    """
    took = []
    for _ in range(REPEATS):
        took.append(_once(work))
        if paces is not None:
            paces.append(yardstick(share=0.1))
    python, database = zip(*took, strict=True)
    return min(python), min(database)


def _once(work: Callable[[], Any]) -> tuple[float, float]:
    before, began = backend_seconds(), time.process_time_ns()
    _content(work())
    return (time.process_time_ns() - began) / 1e6, 1000 * (backend_seconds() - before)


def floor_of(content: bytes, kind: str) -> float:
    """What the stack takes for these bytes when the view does nothing."""
    handler = making_site()

    def constant(request: Any) -> HttpResponse:
        return HttpResponse(content, content_type=kind)

    handler.resolve_request = lambda request: _Resolved(constant)  # type: ignore[method-assign,assignment,return-value]
    for _ in range(WARM_UPS):
        answer(handler, "/")
    return _timed(lambda: answer(handler, "/"))[0]


class _Resolved:
    """A match that leads to one view."""

    def __init__(self, view: Callable[[Any], HttpResponse]) -> None:
        self.func, self.args, self.kwargs = view, (), {}

    def __iter__(self) -> Any:
        return iter((self.func, self.args, self.kwargs))
