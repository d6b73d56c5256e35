"""The write side as a Django application (it has tasks and commands, no models)."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class CollectorsConfig(AppConfig):
    name = "collectors"
    verbose_name = "Collectors"

    def ready(self) -> None:
        from collectors.sandbox.limits import LimitError, from_environment

        try:
            from_environment()
        except LimitError as error:
            raise ImproperlyConfigured(str(error)) from error
