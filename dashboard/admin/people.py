"""Accounts and groups in the admin: Django's own pages, with words for newcomers, and recorded as all else is."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse

from dashboard.admin.audited import AuditedAdmin
from dashboard.audit import person, record, state_of

HELP = {
    "username": "What they sign in with: letters, digits and @ . + - _ only.",
    "first_name": "Shown nowhere but here; may stay empty.",
    "last_name": "Shown nowhere but here; may stay empty.",
    "email": "For people to find each other; nothing is sent to it.",
    "is_active": "Whether they may sign in. Take this tick away rather than delete the account: its name stays.",
    "is_staff": "Whether they see private repositories and come into this admin.",
    "is_superuser": "Whether they may do everything here without being given each permission.",
    "groups": "They may do what any of their groups may.",
    "user_permissions": "What they may do beyond what their groups allow.",
    "last_login": "Filled in by itself.",
    "date_joined": "When the account was made; filled in by itself.",
    "name": "What the group is called, for example “Maintainers”.",
    "permissions": "What everybody in this group may do in the admin.",
}
for old in (User, Group):
    admin.site.unregister(old)


class Worded(AuditedAdmin):
    """Each field's help text out of HELP, beside what Django says already."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in HELP:
            field.help_text = HELP[db_field.name]
        return field


@admin.register(User)
class PersonAdmin(Worded, UserAdmin):
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        row = self.get_object(request, id)
        before = state_of(row) if row else {}
        response = super().user_change_password(request, id, form_url)
        if row is not None and request.method == "POST":
            row.refresh_from_db()
            record(person(request.user), row, before, state_of(row))
        return response


@admin.register(Group)
class PeopleAdmin(Worded, GroupAdmin):
    """As Django has it."""
