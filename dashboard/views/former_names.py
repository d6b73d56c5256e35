"""Old names of repositories answer 301, on pages and in the API: links outlive renames and transfers."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from dashboard.queries.former_names import name_now
from dashboard.visibility import reader_of

Answer = Callable[[HttpRequest], HttpResponse]


class FormerNames:
    """Middleware: costs nothing but where a repository's address found nothing."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or request.method not in ("GET", "HEAD"):
            return response
        moved = _address_now(request)
        return HttpResponsePermanentRedirect(moved) if moved else response


def _address_now(request: HttpRequest) -> str:
    """The same address with the repository's present name; "" where it names none that was ever renamed."""
    match = request.resolver_match
    owner, name = (match.kwargs.get(key, "") for key in ("owner", "name")) if match else ("", "")
    if not owner or not name:
        return ""
    now = name_now(reader_of(request), owner, name)
    if now is None:
        return ""
    # What stands before the owner is ours: an owner called "r" is looked for behind it.
    before = "/repos" if request.path_info.startswith("/api/") else "/r"
    above, _, below = request.path.partition(f"{before}/{owner}/{name}")
    query = request.META.get("QUERY_STRING", "")
    return quote(f"{above}{before}/{now}{below}") + (f"?{query}" if query else "")
