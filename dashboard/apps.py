"""The read side as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Clerestory"

    def ready(self) -> None:
        # The Celery application must exist before any task is sent by name.
        from dashboard import celery  # noqa: F401
