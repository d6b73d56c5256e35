"""/healthz: 200 only when database, broker and a worker answer; otherwise 503, and which of them does not."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.celery import app

BROKER_SECONDS = 2.0
WORKER_SECONDS = 2.0
"""An idle worker answers in milliseconds; one whose machine is busy needs longer, and is not dead for it."""
KEPT_SECONDS = 3
"""A monitor may ask every second; the broadcast to the workers need not follow each time."""
CACHE_KEY = "healthz"

OK = "ok"


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """JSON with ``database``, ``broker`` and ``worker``, each ``ok`` or a sentence."""
    found = cache.get(CACHE_KEY)
    if found is None:
        found = examine()
        cache.set(CACHE_KEY, found, KEPT_SECONDS)
    well = all(said == OK for said in found.values())
    return JsonResponse(found, status=HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)


def examine() -> dict[str, str]:
    found = {
        "database": answer_of(ask_database, "The database does not answer: see DATABASE_URL."),
        "broker": answer_of(ask_broker, "The broker does not answer: see REDIS_URL."),
    }
    # Workers are asked through the broker; without it the question would wait long and say nothing new.
    found["worker"] = (
        answer_of(ask_worker, "No worker answers: see the worker's log.")
        if found["broker"] == OK
        else "Not asked, because the broker does not answer."
    )
    return found


def answer_of(ask: Callable[[], None], sentence: str) -> str:
    """``ok``, or the sentence: what went wrong may name hosts and users, which a stranger need not read."""
    try:
        ask()
    except Exception:  # whatever keeps it from answering, it does not answer
        return sentence
    return OK


def ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_broker() -> None:
    url = settings.CELERY_BROKER_URL
    with redis.Redis.from_url(url, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS) as client:
        client.ping()


def ask_worker() -> None:
    """Raises ConnectionError when none answers in time; the first answer is enough."""
    with app.connection_for_write(url=settings.CELERY_BROKER_URL) as broker:
        if not app.control.ping(timeout=WORKER_SECONDS, limit=1, connection=broker):
            raise ConnectionError
