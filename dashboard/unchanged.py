"""Pages that have not changed are answered with 304 before any of them is made.

Each answer carries the moment at which it was made as its ETag. When a browser comes back with it, one question
tells whether anything was collected or edited since; if nothing was, there is nothing to send. A first visit costs
nothing. The JSON endpoints have ETags of their own, of the very bytes.

Words such as "7 hours ago" are a part of the page, so a moment counts for ``KEPT`` only. Readers who are signed in
always get a fresh page: what they just edited must be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from dashboard.queries.freshness import changed_since

KEPT = timedelta(minutes=10)
SLOWEST_COMMIT = timedelta(seconds=60)
"""What is stored with a moment may be seen that much later, when its transaction ends."""
NEVER = ("/admin/", "/api/", "/ingest/", "/healthz", "/static/")
SOURCES = ("dashboard", "templates", "static")
MESSAGES = "messages"
"""The cookie of what a reader is to be told once."""


class Unchanged:
    """Middleware; stands where neither a session nor the view has cost anything yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_anyones(request) or request.path.startswith(NEVER):
            return self.get_response(request)
        now = timezone.now()
        made = _made_at(request, now)
        if made and not changed_since(made - SLOWEST_COMMIT):
            return _marked(HttpResponseNotModified(), made)
        response = self.get_response(request)
        # A cookie makes the answer one reader's own.
        if response.status_code != 200 or response.streaming or response.cookies:
            return response
        return _marked(response, now)


def is_anyones(request: HttpRequest) -> bool:
    """Whether the answer is the same for everybody who reads without a name."""
    own = any(name in request.COOKIES for name in (settings.SESSION_COOKIE_NAME, MESSAGES))
    return request.method in ("GET", "HEAD") and not own and "HTTP_AUTHORIZATION" not in request.META


def _made_at(request: HttpRequest, now: datetime) -> datetime | None:
    """The moment that the browser's copy was made at by this release; None when it is of no use any more."""
    found = re.search(rf'"{release()}-(\d{{1,15}})"', request.headers.get("If-None-Match", ""))
    if found is None:
        return None
    made = datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    return made if now - KEPT < made <= now else None


def _marked(response: HttpResponse, made: datetime) -> HttpResponse:
    response.headers["ETag"] = f'W/"{release()}-{int(made.timestamp() * 1000)}"'
    # Kept, but asked for each time: without this a browser may guess how long it is good for.
    response.headers.setdefault("Cache-Control", "no-cache")
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


@cache
def release() -> str:
    """Names the code and templates that pages are made by, and who may read them without signing in."""
    newest = max(
        file.stat().st_mtime_ns
        for folder in SOURCES
        for file in (settings.BASE_DIR / folder).rglob("*.*")
        if file.suffix != ".pyc"
    )
    return f"{newest:x}{'p' if settings.PUBLIC else ''}"
