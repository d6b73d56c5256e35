"""ETags of a token that rotates, told before asking.

GitHub's ETag of a list is made of the token and of the answer's bytes. An app's installation token lives an hour,
so last night's ETag never fits tonight; but with last night's bytes tonight's can be computed.

How it is made is not documented: SHA-256 over the request's Accept, Authorization and Cookie, as far as it has
them, each followed by a colon, and then the body (github.com/bored-engineer/github-conditional-http-transport;
thirty recorded answers fit it). So each whole answer is checked against it, and one mismatch ends the
predicting for that server.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

ROTATING = "ghs_"
"""What installation tokens begin with; personal ones keep their ETags."""


class Bodies(Protocol):
    """What lists said when they were asked for last. ``place`` is a path with its query."""

    def trusted(self) -> bool:
        """Whether ETags of this server have been as predicted so far."""

    def body(self, place: str, etag: str) -> str | None:
        """The answer that came with this ETag; None where another one, or none, is kept."""

    def keep(self, place: str, etag: str, body: str) -> None:
        """Keep an answer in place of the one before."""

    def mistaken(self) -> None:
        """An ETag was not as predicted."""


def rotates(token: str) -> bool:
    return token.startswith(ROTATING)


def predicted(accept: str, authorization: str, body: str) -> str:
    """The ETag that GitHub gives these bytes, for a request with these headers and no cookie."""
    salt = f"{accept}:{authorization}:"
    return f'W/"{hashlib.sha256((salt + body).encode("utf-8", "surrogateescape")).hexdigest()}"'


def same(one: str, other: str) -> bool:
    """The weak comparison of RFC 9110: proxies may weaken an ETag on its way."""
    return one.removeprefix("W/") == other.removeprefix("W/")
