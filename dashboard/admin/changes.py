"""The record of who changed what: to look at, to filter, never to change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard import wording
from dashboard.admin.readonly import ReadOnlyAdmin
from dashboard.models import Change

MOST_PEOPLE = 50


class WhoFilter(admin.SimpleListFilter):
    title = "who"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        people = Change.objects.order_by("who").values_list("who", flat=True).distinct()
        return [(who, who) for who in people[:MOST_PEOPLE]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(who=self.value()) if self.value() else queryset


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ("when", "who", "action", "kind", "name", "values")
    list_display_links = ("when",)
    list_filter = (WhoFilter, "kind", "action")
    date_hierarchy = "at"
    search_fields = ("name", "who")
    search_help_text = "Any part of a thing's or a person's name."
    fields = ("when", "who", "action", "kind", "name", "values")
    readonly_fields = ("when", "values")

    @admin.display(description="when", ordering="at")
    def when(self, row: Change) -> str:
        return wording.moment(row.at)

    @admin.display(description="old and new values")
    def values(self, row: Change) -> SafeString:
        return format_html_join("", '<div class="change-values">{}</div>', ((_said(each),) for each in row.fields))


def _said(field: dict[str, str]) -> SafeString:
    """“title: Acme → Acme Inc.”; of a secret only what was done to it."""
    if "secret" in field:
        return format_html("<b>{}</b> {}", field["field"], field["secret"])
    old, new = (field[key] or wording.UNKNOWN for key in ("old", "new"))
    return format_html("<b>{}</b> {} → {}", field["field"], old, new)
