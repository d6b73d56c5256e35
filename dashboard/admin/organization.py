"""Organizations in the admin, each with a token of its own if need be: written here, never shown again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters

from dashboard.admin import guide
from dashboard.admin.audited import AuditedAdmin
from dashboard.admin.organization_form import OrganizationForm
from dashboard.admin.patterns import NAMES as PATTERNS
from dashboard.admin.patterns import preview_response
from dashboard.credentials import has_token, store_token
from dashboard.models import ForbiddenDependency, Organization
from dashboard.queries.matching import last_night


@admin.register(Organization)
@method_decorator(sensitive_post_parameters("token"), name="changeform_view")
class OrganizationAdmin(AuditedAdmin):
    form = OrganizationForm
    list_display = ("login", "title", "layer", "discover", "repositories", "own_token")
    list_filter = ("discover", "layer")
    search_fields = ("login", "title")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).annotate(repository_count=Count("repositories"))

    def get_fieldsets(self, request: HttpRequest, obj: Organization | None = None) -> Any:
        stored = obj is not None and has_token(obj)
        return [
            (None, {"fields": ("login", "title")}),
            ("What is collected", {"fields": ("discover", "layer", "read_logs", "pull_requests")}),
            ("Which artifacts are read", {"fields": PATTERNS}),
            ("What is kept", {"fields": ("detail_days",)}),
            ("Credential", {"fields": ("token", "remove_token") if stored else ("token",)}),
        ]

    def get_urls(self) -> list[Any]:
        own = path("<int:pk>/artifacts/", self.admin_site.admin_view(self.artifacts), name="organization-artifacts")
        guided = guide.urls(self.admin_site.admin_view, self.has_change_permission)
        return [own, *guided, *super().get_urls()]

    def artifacts(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What patterns would match of the last night's artifacts; nothing is stored."""
        row = get_object_or_404(Organization, pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        sources = last_night(row.repositories.enabled().values_list("pk", flat=True))
        return preview_response(
            request,
            sources,
            of=str(row),
            back=reverse("admin:dashboard_organization_change", args=[pk]),
            stored={name: getattr(row, name) for name in PATTERNS},
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        context["preview_address"] = reverse("admin:organization-artifacts", args=[row.pk]) if row else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Organization | None = None) -> tuple[str, ...]:
        # Its repositories' full names hang on the login; a rename on GitHub comes with the next collection.
        return ("login",) if obj is not None and obj.repositories.exists() else ()

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        if form.cleaned_data.get("token"):
            store_token(obj, form.cleaned_data["token"])
        elif form.cleaned_data.get("remove_token"):
            store_token(obj, "")
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """An organization with repositories stays; Django would load all that was ever read of them."""
        standing = [each for each in objs if each.repositories.exists()]
        protected = [
            format_html("the {} repositories of {}: delete these first", each.repositories.count(), each.login)
            for each in standing
        ]
        return [str(each) for each in objs], {"organizations": len(objs)}, set(), protected

    @admin.display(description="repositories", ordering="repository_count")
    def repositories(self, row: Any) -> str:
        address = reverse("admin:dashboard_repository_changelist")
        return format_html('<a href="{}?organization__id__exact={}">{}</a>', address, row.pk, row.repository_count)

    @admin.display(description="own token", boolean=True)
    def own_token(self, row: Organization) -> bool:
        return has_token(row)


@admin.register(ForbiddenDependency)
class ForbiddenDependencyAdmin(AuditedAdmin):
    list_display = ("organization", "target")
    list_select_related = ("organization", "target")
