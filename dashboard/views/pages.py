"""Pages that stand beside the estate: what the demo is made of, and the two errors."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.queries.demo import demo_estate
from dashboard.visibility import reader_of


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """What is real and what is generated; there is no such page in an installation of one's own."""
    if not settings.DEMO:
        raise Http404
    return render(request, "demo/index.html", {"estate": demo_estate(reader_of(request))})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Plain markup without a query: what broke may be the database."""
    return render(request, "500.html", status=500)
