"""What every editable page of the admin has: each save, removal and action is recorded with old and new values."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from dashboard.audit import kind_of, person, record, state_of, stored_state
from dashboard.models import Change

SHOWN = 200


class AuditedAdmin(admin.ModelAdmin):
    """“History” shows the record of the thing instead of Django's, which keeps no values."""

    object_history_template = "admin/changes_of_one.html"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.before = stored_state(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        record(person(request.user), form.instance, form.before, state_of(form.instance))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.record_removal(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.record_removal(request, row)
        super().delete_queryset(request, queryset)

    def record_removal(self, request: HttpRequest, row: Model) -> None:
        record(person(request.user), row, state_of(row), None)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        changes = Change.objects.filter(kind=kind_of(self.model()), object_id=object_id)[:SHOWN]
        return super().history_view(request, object_id, {"changes": changes, **(extra_context or {})})
