"""The one way from pages to workers: a task by its name, since pages know no collectors."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from kombu.exceptions import OperationalError

from dashboard.celery import app

ANSWER = "collectors.tasks.answer"
COLLECT_NOW = "collectors.tasks.collect_now"
RETRY = "collectors.tasks.retry"

AT_ONCE = {"max_retries": 1, "interval_start": 0.0, "interval_step": 0.0}
"""Of a connection to the broker: somebody waits for the page, and kombu would try for six seconds."""


def hand_over(task: str, arguments: Mapping[str, object]) -> bool:
    """Hand a task to the workers; False when the broker is away."""
    try:
        with app.connection_for_write(settings.CELERY_BROKER_URL, transport_options=AT_ONCE) as connection:
            app.send_task(task, kwargs=dict(arguments), connection=connection, retry=False)
    except OperationalError:
        return False
    return True
