"""Answers kept in this process for as long as nothing at all was written to the database, or a moment longer.

PostgreSQL says itself whether anything was: a snapshot names the transactions that a reader sees, so two equal
snapshots see the same rows. One question is then the whole cost of a page that somebody has asked for before. What
the snapshot says is asked before the page is made, never after, so that an answer can only be newer than its mark.

While a collection is at work something is written all the time, and pages that nobody wants twice would take the
processors from those who write. An answer is then good for a few seconds more: it is what was true that long ago.
What somebody edits is seen at once even so, a repository that is hidden above all.
Whoever asks while somebody else's answer to the same is being made waits for it.

Only what a reader without a name gets is kept, whole and compressed as it was sent. Words such as "7 minutes ago"
are a part of pages, so those live for a minute; the JSON endpoints tell moments, and live for ten.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from dashboard.latest import Latest
from dashboard.queries.freshness import DatabaseState, database_state
from dashboard.unchanged import is_anyones

API = "/api/"
NEVER = ("/admin/", "/ingest/", "/healthz", "/static/")
SECONDS_OF_PAGES, SECONDS_OF_JSON = 60, 600
SECONDS_BEHIND_A_NIGHT = 5
MOST_BYTES = 32_000_000
LARGEST = 1_000_000
ACCEPTS_GZIP = re.compile(r"\bgzip\b")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; ``state`` is the database's before it was made, ``made`` by the clock that only goes on."""

    state: DatabaseState
    made: float
    headers: tuple[tuple[str, str], ...]
    content: bytes

    def response(self) -> HttpResponse:
        return HttpResponse(self.content, headers=dict(self.headers))


class Kept:
    """Middleware; stands outside of the compression, so that it is done once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answers: Latest[Hashable, Answer] = Latest(MOST_BYTES, lambda key, answer: len(answer.content))
        self._making: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()
        """Locks of the answers that are being made: each goes with the last who holds it."""
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEBUG or not is_anyones(request) or request.path.startswith(NEVER):
            return self.get_response(request)
        state = database_state()
        if state is None:
            return self.get_response(request)
        key = _key(request)
        if response := self._kept(key, request, state):
            return _unless_known(request, response)
        with self._making_of(key):
            if response := self._kept(key, request, state):  # somebody else has just made it
                return _unless_known(request, response)
            now = time.monotonic()
            response = self._made(request)
            if _may_be_kept(response):
                self.answers.put(key, Answer(state, now, tuple(response.headers.items()), response.content))
        return _unless_known(request, response)

    def _making_of(self, key: Hashable) -> Any:
        with self._lock:
            return self._making.setdefault(key, Lock())

    def _kept(self, key: Hashable, request: HttpRequest, state: DatabaseState) -> HttpResponse | None:
        """The answer that was made before, where it is good enough."""
        answer = self.answers.get(key)
        if answer is None:
            return None
        age = time.monotonic() - answer.made
        same = answer.state.mark == state.mark and age < _seconds(request)
        behind = state.collecting and answer.state.edits == state.edits and age < SECONDS_BEHIND_A_NIGHT
        return answer.response() if same or behind else None

    def _made(self, request: HttpRequest) -> HttpResponse:
        """The answer in full where it is JSON, which is compared here with what the caller knows."""
        known = request.META.pop("HTTP_IF_NONE_MATCH", None) if request.path.startswith(API) else None
        response = self.get_response(request)
        if known is not None:
            request.META["HTTP_IF_NONE_MATCH"] = known
        return response


def _key(request: HttpRequest) -> Hashable:
    """All that an answer to a reader without a name depends on, beside the data."""
    read = request.META.get
    gzip = bool(ACCEPTS_GZIP.search(read("HTTP_ACCEPT_ENCODING", "")))
    fragment = read("HTTP_HX_REQUEST"), read("HTTP_HX_TARGET")
    return request.method, request.scheme, read("HTTP_HOST"), request.get_full_path(), gzip, fragment


def _seconds(request: HttpRequest) -> int:
    return SECONDS_OF_JSON if request.path.startswith(API) else SECONDS_OF_PAGES


def _may_be_kept(response: HttpResponse) -> bool:
    # A cookie makes the answer one reader's own.
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and len(response.content) <= LARGEST
    )


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 where the caller has these very bytes."""
    etag = response.headers.get("ETag")
    if etag is None or response.status_code != 200:
        return response
    return get_conditional_response(request, etag=etag, response=response) or response
