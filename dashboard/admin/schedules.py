"""When the night runs. Of django-celery-beat's kinds of schedule only the crontab is left: one way is enough."""

from __future__ import annotations

from django.contrib import admin
from django_celery_beat.admin import CrontabScheduleAdmin, PeriodicTaskAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

for schedule in (ClockedSchedule, IntervalSchedule, SolarSchedule, CrontabSchedule, PeriodicTask):
    admin.site.unregister(schedule)


@admin.register(PeriodicTask)
class NightAdmin(PeriodicTaskAdmin):
    list_display = ("name", "enabled", "crontab", "last_run_at")
    list_filter = ("enabled",)
    date_hierarchy = None
    fieldsets = (
        (None, {"fields": ("name", "regtask", "task", "enabled", "description")}),
        ("When", {"fields": ("crontab", "crontab_translation", "last_run_at")}),
    )


@admin.register(CrontabSchedule)
class TimeAdmin(CrontabScheduleAdmin):
    pass
