"""Beat's scheduler: the admin's schedules, and a night that was missed while nothing ran."""

from __future__ import annotations

from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler


class NightScheduler(DatabaseScheduler):
    """Looks at every enabled schedule.

    Its parent passes over schedules whose hour is not near, to save a look at each; a night missed at 02:00 would
    then wait for the next one when the machine comes back in the morning. With all of them looked at, Celery's own
    arithmetic finds that one is overdue and sends it at once. A schedule that is new counts from its making, so a
    first start sends nothing.
    """

    def enabled_models_qs(self) -> Any:
        return self.Model.objects.enabled()
