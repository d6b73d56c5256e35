"""A reader's saved views: one page to arrange them, and the forms that save, rename, open first and delete."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.saved_views import (
    LONGEST_QUERY,
    View,
    ViewRefusedError,
    delete_view,
    open_first,
    rename_view,
    save_view,
    view_of,
    views_of,
)

LONGEST_LOGIN = 100
signed_in = login_required(login_url="admin:login")


@require_safe
@signed_in
def saved_views(request: HttpRequest) -> HttpResponse:
    return _arrange(request)


@require_POST
@signed_in
def save(request: HttpRequest) -> HttpResponse:
    """Keep the estate's page that the form names; a name that cannot be is explained and asked for again."""
    name, first = request.POST.get("name", ""), "first" in request.POST
    query = QueryDict(request.POST.get("query", "").replace("\0", "")[: LONGEST_QUERY + 1]).urlencode()
    login = request.POST.get("login", "").replace("\0", "")[:LONGEST_LOGIN]
    try:
        view = save_view(request.user, name, login, query, first)
    except ViewRefusedError as refusal:
        asked = {"name": name, "query": query, "login": login, "first": first}
        return _arrange(request, refusal=str(refusal), asked=asked)
    return HttpResponseRedirect(view.address)


@require_POST
@signed_in
def change(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename it, or open it first; ``first`` is "yes" or "no"."""
    view = _own(request, view_id)
    if first := request.POST.get("first"):
        open_first(request.user, view.id if first == "yes" else None)
    else:
        try:
            rename_view(request.user, view.id, request.POST.get("name", ""))
        except ViewRefusedError as refusal:
            return _arrange(request, refusal=str(refusal))
    return HttpResponseRedirect(reverse("saved-views"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Ask once, then delete."""
    view = _own(request, view_id)
    if request.method != "POST":
        return render(request, "estate/delete_view.html", {"view": view})
    delete_view(request.user, view.id)
    messages.success(request, f"“{view.name}” is deleted.")
    return HttpResponseRedirect(reverse("saved-views"))


def _own(request: HttpRequest, view_id: int) -> View:
    view = view_of(request.user, view_id)
    if view is None:
        raise Http404("There is no such view of yours.")
    return view


def _arrange(request: HttpRequest, refusal: str = "", asked: dict[str, object] | None = None) -> HttpResponse:
    context = {"views": views_of(request.user), "refusal": refusal, "asked": asked}
    return render(request, "estate/views.html", context, status=422 if refusal else 200)
