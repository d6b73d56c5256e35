"""The write side as a Django application (it has tasks and commands, no models)."""

from __future__ import annotations

from django.apps import AppConfig


class CollectorsConfig(AppConfig):
    name = "collectors"
    verbose_name = "Collectors"
