"""What can go wrong when GitHub is asked.

    GitHubError
    ├── Misconfigured        an address or a token that can never work
    ├── Unauthorized         401: the token is wrong or has expired
    ├── Forbidden            403: the token lacks a right
    ├── GraphQLMissing       this server answers no GraphQL: ask by REST
    ├── NotFound             404: gone, or hidden from this token
    ├── Gone                 410: the artifact has expired
    ├── RateLimited          403 or 429: ask again at ``reset_at``
    ├── ServerTrouble        5xx, after repeats
    ├── ConnectionTrouble    no whole answer arrived, after repeats
    ├── UnexpectedAnswer     an answer that GitHub does not give
    ├── TooLarge             the artifact is larger than the cap
    └── DigestMismatch       the bytes are not those that GitHub announced

``sentence`` says what happened and what to do; it never holds a token or a signed address.
``transient`` says whether asking again later, with nothing changed, may help.
"""

# The names say what happened, as httpx and http.client do; "Error" at the end of each would add nothing.
# ruff: noqa: N818

from __future__ import annotations

from datetime import datetime


class GitHubError(Exception):
    """Any of them; ``status`` is the HTTP status, None where there was no answer."""

    transient = False

    def __init__(self, sentence: str, *, status: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class Misconfigured(GitHubError):
    """The address or the token makes no sense."""


class Unauthorized(GitHubError):
    """The token is wrong, revoked or expired."""


class Forbidden(GitHubError):
    """The token is good, and may not do this; ``sign_on`` is where it is authorized for single sign-on, or ''."""

    def __init__(self, sentence: str, *, status: int | None = None, sign_on: str = "") -> None:
        super().__init__(sentence, status=status)
        self.sign_on = sign_on


class GraphQLMissing(GitHubError):
    """The server has no GraphQL, has it switched off, or does not know what is asked (an old Enterprise Server)."""


class NotFound(GitHubError):
    """There is no such thing, or the token may not know of it: GitHub answers both alike."""


class Gone(GitHubError):
    """The artifact has expired and its bytes are deleted."""


class RateLimited(GitHubError):
    """No request is allowed before ``reset_at`` (aware, UTC)."""

    transient = True

    def __init__(self, sentence: str, *, reset_at: datetime, status: int | None = None) -> None:
        super().__init__(sentence, status=status)
        self.reset_at = reset_at


class ServerTrouble(GitHubError):
    """GitHub had an error of its own, each time that it was asked."""

    transient = True


class ConnectionTrouble(GitHubError):
    """The host could not be reached, or the connection ended before the answer did."""

    transient = True


class UnexpectedAnswer(GitHubError):
    """Not what GitHub's description promises: most often a proxy or a sign-in page in between."""

    transient = True


class TooLarge(GitHubError):
    """The artifact has more bytes than are taken."""


class DigestMismatch(GitHubError):
    """The bytes that came have another SHA-256 than GitHub lists."""

    transient = True
