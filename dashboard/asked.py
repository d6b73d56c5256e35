"""What a page may know of the request and of who reads, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict


@dataclass(frozen=True, slots=True)
class Asked:
    """All that stands on a page beside what its view found: the ``request`` of pages that are drawn once."""

    address: str
    """With scheme and host."""
    full_path: str
    query: str
    route: str
    """By its name, which lights up an entry of the bar."""
    reader: str
    """The name of who is signed in; "" of nobody."""

    @property
    def GET(self) -> QueryDict:  # noqa: N802 - where {% querystring %} looks for it
        return QueryDict(self.query)

    @property
    def path(self) -> str:
        return self.full_path.partition("?")[0]

    def build_absolute_uri(self) -> str:
        return self.address

    def get_full_path(self) -> str:
        return self.full_path


def asked_by(request: HttpRequest) -> Asked:
    match, user = request.resolver_match, getattr(request, "user", None)
    return Asked(
        address=request.build_absolute_uri(),
        full_path=request.get_full_path(),
        query=request.GET.urlencode(),
        route=match.url_name or "" if match else "",
        reader=user.get_username() if user and user.is_authenticated else "",
    )
