"""The schedules of the night, of the sweep and of maintenance; they live in the database, for the admin to edit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections

NIGHT_TASK = "collectors.tasks.collect_night"
NIGHT_NAME = "Nightly collection"
NIGHT_HOUR = "2"
SWEEP_TASK = "collectors.tasks.take_up_left_work"
SWEEP_NAME = "Sweep"
SWEEP_DESCRIPTION = "Hands out again, every minute, what a dead worker or an emptied broker left of a collection."
SWEEP_EXPIRES_SECONDS = 60
MAINTENANCE_TASK = "collectors.tasks.maintain"
MAINTENANCE_NAME = "Maintenance"
MAINTENANCE_TIME = {"minute": "30", "hour": "5"}
MAINTENANCE_DESCRIPTION = (
    "Begins the month's partitions, lets old commits go of their detail where KEEP_DETAIL_DAYS, an organization or "
    "a repository asks for it, and takes away what nothing points at any more."
)
NIGHT_DESCRIPTION = (
    "Collects every enabled repository once a night. Choose another time under “Crontab Schedule”; "
    "to stop it, switch it off rather than delete it: one that is missing is made again at the next start."
)


def keep_nightly_schedule(sender: Any, using: str, **kwargs: Any) -> None:
    """Make the nightly schedule where there is none; receives ``post_migrate``, so every start comes by here.

    What was edited stays, with one exception: while the hour is still ours, its zone follows TIME_ZONE.
    """
    from django_celery_beat.models import CrontabSchedule, PeriodicTask  # models are not loaded at import

    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return  # migrating the dashboard alone, before django_celery_beat
    task = PeriodicTask.objects.using(using).filter(task=NIGHT_TASK).select_related("crontab").first()
    if task is not None and not (task.crontab and is_ours(task.crontab)):
        return
    wanted = {"minute": "0", "hour": NIGHT_HOUR, "timezone": settings.TIME_ZONE}
    crontab = CrontabSchedule.objects.using(using).filter(**wanted, **EVERY_DAY).first()
    if crontab is None:
        crontab = CrontabSchedule.objects.using(using).create(**wanted, **EVERY_DAY)
    if task is None:
        PeriodicTask.objects.using(using).create(
            name=NIGHT_NAME, task=NIGHT_TASK, crontab=crontab, description=NIGHT_DESCRIPTION
        )
    elif task.crontab_id != crontab.pk:
        task.crontab = crontab
        task.save()


def keep_sweep_schedule(sender: Any, using: str, **kwargs: Any) -> None:
    """Make the sweep's schedule where there is none; switched off in the admin, it stays off."""
    from django_celery_beat.models import CrontabSchedule, PeriodicTask  # models are not loaded at import

    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return
    if PeriodicTask.objects.using(using).filter(task=SWEEP_TASK).exists():
        return
    wanted = {"minute": "*", "hour": "*", "timezone": settings.TIME_ZONE, **EVERY_DAY}
    crontab = CrontabSchedule.objects.using(using).filter(**wanted).first()
    if crontab is None:
        crontab = CrontabSchedule.objects.using(using).create(**wanted)
    # A sweep that waited longer than a minute is the next one's work: no heap of them behind a long queue.
    PeriodicTask.objects.using(using).create(
        name=SWEEP_NAME,
        task=SWEEP_TASK,
        crontab=crontab,
        expire_seconds=SWEEP_EXPIRES_SECONDS,
        description=SWEEP_DESCRIPTION,
    )


def keep_maintenance_schedule(sender: Any, using: str, **kwargs: Any) -> None:
    """Make the schedule of maintenance where there is none; edited or switched off in the admin, it stays so."""
    from django_celery_beat.models import CrontabSchedule, PeriodicTask  # models are not loaded at import

    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return
    if PeriodicTask.objects.using(using).filter(task=MAINTENANCE_TASK).exists():
        return
    wanted = {**MAINTENANCE_TIME, "timezone": settings.TIME_ZONE, **EVERY_DAY}
    crontab = CrontabSchedule.objects.using(using).filter(**wanted).first()
    if crontab is None:
        crontab = CrontabSchedule.objects.using(using).create(**wanted)
    row = PeriodicTask(
        name=MAINTENANCE_NAME, task=MAINTENANCE_TASK, crontab=crontab, description=MAINTENANCE_DESCRIPTION
    )
    # Its save() looks for the name in the default database, whichever is being migrated.
    PeriodicTask.objects.using(using).bulk_create([row])


EVERY_DAY = {"day_of_week": "*", "day_of_month": "*", "month_of_year": "*"}


def is_ours(crontab: Any) -> bool:
    """Whether this is still the time that a fresh installation has, whatever the zone."""
    ours = {"minute": "0", "hour": NIGHT_HOUR, **EVERY_DAY}
    return all(getattr(crontab, name) == value for name, value in ours.items())
