"""The Celery application; ``celery -A dashboard`` finds it here."""

from __future__ import annotations

import gc
import os

from celery import Celery
from celery.signals import worker_process_init
from django.conf import settings
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("clerestory")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Each with a key of its own: with the default key a task would be delivered to every queue.
app.conf.task_queues = [
    Queue(name, Exchange("clerestory"), routing_key=name) for name in settings.CELERY_TASK_QUEUE_NAMES
]
app.autodiscover_tasks(["collectors"])


@worker_process_init.connect
def keep_what_is_loaded(**_: object) -> None:
    """What a worker begins with stays: looking through it for garbage took up to a quarter of a long report."""
    gc.collect()
    gc.freeze()
