"""The read side as a Django application."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Clerestory"

    def ready(self) -> None:
        # The Celery application must exist before any task is sent by name.
        from dashboard import celery  # noqa: F401
        from dashboard.loaders import read_quickly
        from dashboard.schedules import keep_maintenance_schedule, keep_nightly_schedule, keep_sweep_schedule

        connection_created.connect(read_quickly)
        post_migrate.connect(keep_nightly_schedule, sender=self)
        post_migrate.connect(keep_sweep_schedule, sender=self)
        post_migrate.connect(keep_maintenance_schedule, sender=self)
