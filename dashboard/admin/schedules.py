"""When the night runs. Of django-celery-beat's kinds of schedule only the crontab is left: one way is enough."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat.admin import CrontabScheduleAdmin, PeriodicTaskAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from dashboard.admin.audited import AuditedAdmin
from dashboard.audit import person, record, started, state_of
from dashboard.schedules import NIGHT_TASK

for schedule in (ClockedSchedule, IntervalSchedule, SolarSchedule, CrontabSchedule, PeriodicTask):
    admin.site.unregister(schedule)


class NightForm(forms.ModelForm):
    class Meta:
        model = PeriodicTask
        fields = ("name", "enabled", "crontab")
        help_texts = {
            "name": "What the log calls it.",
            "enabled": "Switched off, nothing is collected unless someone starts it.",
            "crontab": "When it runs: minute, hour, day of the month, month, day of the week, and the time zone. "
            "The pencil changes this time, the plus adds another.",
        }
        error_messages = {"crontab": {"required": "Choose a time, or add one with the plus."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["crontab"].required = True


@admin.register(PeriodicTask)
class NightAdmin(AuditedAdmin, PeriodicTaskAdmin):
    """Every schedule made here starts a collection of all enabled repositories."""

    form = NightForm
    list_display = ("name", "enabled", "crontab", "last_run_at")
    list_filter = ("enabled",)
    search_fields = ()
    date_hierarchy = None
    fieldsets = ((None, {"fields": ("name", "enabled", "crontab", "crontab_translation", "last_run_at")}),)

    def save_model(self, request: HttpRequest, obj: PeriodicTask, form: Any, change: bool) -> None:
        if not change:
            obj.task = NIGHT_TASK
        super().save_model(request, obj, form, change)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any) -> Any:
        """Its actions write past ``save_model``: what they changed is told by comparing."""
        before = {row.pk: state_of(row) for row in queryset.model.objects.all()}
        response = super().response_action(request, queryset, *args)
        for row in queryset.model.objects.filter(pk__in=before):
            record(person(request.user), row, before[row.pk], state_of(row))
        return response

    @admin.action(description="Run the chosen ones now")
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        super().run_tasks(request, queryset)
        for row in queryset:
            started(person(request.user), str(row))


@admin.register(CrontabSchedule)
class TimeAdmin(AuditedAdmin, CrontabScheduleAdmin):
    """As django-celery-beat has it."""
