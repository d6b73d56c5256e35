"""The ingest page: a night while it runs and after, and the button that starts one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dashboard import workers
from dashboard.audit import person, started
from dashboard.queries.ingest import CollectionView, collection_view, entries_to_retry
from dashboard.views.drawn import drawn_page
from dashboard.visibility import reader_of
from dashboard.wording import ago, plural

# How long the page waits for a worker to take up what was asked for, before it says that none has.
PATIENCE_SECONDS = 60
EVERY_REPOSITORY = {"trigger": "admin", "repository_ids": None}
NO_BROKER = (
    "The night could not be started: the broker does not answer. Start it with “make run”, or see REDIS_URL."
)


@never_cache
@require_safe
def ingest(request: HttpRequest, collection_id: int | None = None) -> HttpResponse:
    """The running or newest collection, or the one of that id; htmx gets only the part that changes."""
    now, reader = timezone.now(), reader_of(request)
    found = collection_view(reader, collection_id, now)
    if found is None and collection_id is not None:
        raise Http404("There is no such night here.")
    asked = _asked_seconds_ago(request)
    context: dict[str, Any] = {
        "collection": found,
        "ended": ago(found.finished_at, now) if found else "",
        "collection_id": collection_id,
        "address": request.get_full_path(),
        "asked": asked,
        "awaited": asked is not None
        and asked < PATIENCE_SECONDS
        and not _is_answered(found, asked, now.timestamp()),
    }
    if "sentence" in request.GET:
        return render(request, "ingest/_sentence.html", context)
    template = "ingest/_night.html" if request.headers.get("HX-Request") else "ingest/index.html"
    still = found is not None and not found.running and asked is None
    # Staff have buttons, each with the token of its own session.
    if still and not reader.is_staff:
        return drawn_page(request, template, context)
    return render(request, template, context)


def _asked_seconds_ago(request: HttpRequest) -> float | None:
    """Seconds since “Collect now” was pressed, as the address says."""
    text = request.GET.get("asked", "")
    return timezone.now().timestamp() - int(text) if text.isdecimal() and len(text) < 12 else None


def _is_answered(found: CollectionView | None, asked: float, now: float) -> bool:
    """A collection runs, or one was started after the button was pressed."""
    return found is not None and (found.running or found.started_at.timestamp() >= now - asked - 1)


@require_POST
@staff_member_required
def collect_now(request: HttpRequest) -> HttpResponse:
    """Ask the workers for a collection of every enabled repository, then show it."""
    if not workers.hand_over(workers.COLLECT_NOW, EVERY_REPOSITORY):
        return _no_broker(request)
    started(person(request.user), "every enabled repository")
    return redirect(f"{reverse('ingest')}?asked={int(timezone.now().timestamp())}")


@require_POST
@staff_member_required
def retry(request: HttpRequest, collection_id: int) -> HttpResponse:
    """Collect once more what failed or was put off: the entry that the form names, or all that failed."""
    named = request.POST.get("entry", "")
    entry_ids = entries_to_retry(collection_id, int(named) if named.isdecimal() and len(named) < 19 else None)
    if entry_ids:
        if not workers.hand_over(workers.RETRY, {"entry_ids": entry_ids}):
            return _no_broker(request)
        count = plural(len(entry_ids), "repository", "repositories")
        started(person(request.user), f"{count} of collection {collection_id} once more")
    return redirect("collection", collection_id)


def _no_broker(request: HttpRequest) -> HttpResponse:
    page = {"collection": None, "awaited": False, "asked": None, "trouble": NO_BROKER}
    return render(request, "ingest/index.html", page, status=HTTPStatus.SERVICE_UNAVAILABLE)
