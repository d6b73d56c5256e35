"""``python -m dashboard.runtime.beat``: Celery's beat with the schedule of the admin, without the tasks' code.

Beat only sends names (to the default queue), so importing what they name would cost it 50 MB for nothing.
"""

from __future__ import annotations

import os

import django
from celery.apps.beat import Beat


class LightBeat(Beat):
    def init_loader(self) -> None:
        """Celery would import every task here."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    from dashboard.celery import app

    LightBeat(app=app, loglevel="INFO", quiet=True).run()


if __name__ == "__main__":
    main()
