"""Answers compressed by zlib-ng: the same gzip as Django's own middleware makes, in half the time.

To compress was the largest part of what the estate's page took.
"""

from __future__ import annotations

import sys
from secrets import randbelow

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers
from zlib_ng import zlib_ng

from dashboard.latest import Latest

LEVEL = 6
GZIP = 31
"""What zlib calls a gzip header and trailer around its largest window."""
HEAD = 10
"""Bytes of a gzip header, of which the fourth says what follows it."""
NAMED = 8
SHORTEST = 200
"""Bytes: shorter answers gain nothing."""
MOST_BYTES = 16_000_000
"""Of compressed pages in a process; the pages themselves are those that ``dashboard.drawing`` keeps."""


class SameAgain(HttpResponse):
    """An answer whose very bytes are kept and will be sent again: they are compressed once."""


class Compressed(GZipMiddleware):
    """Middleware, for whoever says that gzip is understood; what is streamed is left to Django's."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not isinstance(response, HttpResponse) or response.has_header("Content-Encoding"):
            return super().process_response(request, response)
        if len(response.content) < SHORTEST:
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if not re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            return response
        compress = gzipped_once if isinstance(response, SameAgain) else gzipped
        compressed = compress(response.content, self.max_random_bytes)
        if len(compressed) < len(response.content):
            response.content = compressed
            response.headers["Content-Length"] = str(len(compressed))
            response.headers["Content-Encoding"] = "gzip"
            if response.get("ETag", "").startswith('"'):  # the same page, but no longer the same bytes
                response.headers["ETag"] = f"W/{response.headers['ETag']}"
        return response


def gzipped(content: bytes, most_random: int) -> bytes:
    """As gzip, with a name of random length: the answer's own length tells nothing of a secret in it (BREACH)."""
    return _named(_gzip(content), most_random)


def gzipped_once(content: bytes, most_random: int) -> bytes:
    """The same of a content that comes again: a page that is drawn once is the same bytes each time."""
    return _named(COMPRESSED.get(content) or COMPRESSED.put(content, _gzip(content)), most_random)


COMPRESSED: Latest[bytes, bytes] = Latest(MOST_BYTES, lambda *both: sum(map(sys.getsizeof, both)))


def _named(made: bytes, most_random: int) -> bytes:
    name = b"a" * randbelow(most_random + 1) + b"\0"
    return b"".join((made[:3], bytes((NAMED,)), made[4:HEAD], name, made[HEAD:]))


def _gzip(content: bytes) -> bytes:
    work = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, GZIP)
    made: bytes = work.compress(content) + work.flush()
    return made
