"""Repositories in the admin: find them, switch them on and off, collect them now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, F, Func, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from dashboard import wording, workers
from dashboard.admin.audited import AuditedAdmin
from dashboard.admin.patterns import NAMES as PATTERNS
from dashboard.admin.patterns import preview_response
from dashboard.admin.repository_form import RepositoryForm
from dashboard.audit import change_of, person, record_all, started
from dashboard.erasing import erase_repositories
from dashboard.models import Repository
from dashboard.queries.matching import last_night

ERROR_CHARACTERS = 90
TAGS_OFFERED = 100


class Unnest(Func):
    """One row for each element of an array column."""

    function = "unnest"
    output_field = CharField()


class TagFilter(admin.SimpleListFilter):
    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        tags = Repository.objects.annotate(tag=Unnest("tags")).values_list("tag", flat=True).distinct()
        return [(tag, tag) for tag in tags.order_by("tag")[:TAGS_OFFERED]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Repository]) -> QuerySet[Repository]:
        return queryset.filter(tags__contains=[self.value()]) if self.value() else queryset


@admin.register(Repository)
class RepositoryAdmin(AuditedAdmin):
    form = RepositoryForm
    list_display = ("full_name", "enabled", "status", "condition", "tests", "coverage", "seen", "trouble")
    list_filter = ("organization", "enabled", "archived", "condition", "evidence", TagFilter)
    search_fields = ("full_name", "description")
    search_help_text = "Any part of owner/name."
    list_per_page = 100
    show_full_result_count = False
    actions = ("collect_now", "enable", "disable")
    save_on_top = True

    asked = ("enabled", "archived_by_file", "tags")
    artifacts = (*PATTERNS, "read_logs", "pull_requests")
    said = (
        "page",
        "description",
        "language",
        "default_branch",
        "condition",
        "reason",
        "tests",
        "coverage",
        "seen",
        "depends",
    )
    kept = ("own_detail_days", "detail_gone")
    remembered = ("github_id", "collected_through", "lost_at", "error", "error_at", "created_at")

    def get_fieldsets(self, request: HttpRequest, obj: Repository | None = None) -> Any:
        paste = (
            "Choose the organization and write the repository's name, or paste its whole address, for example "
            "https://github.com/octo-org/hello, as the name and leave the organization empty."
        )
        # Renames, transfers and visibility come from GitHub once it was reached; typing them would be undone.
        visible = "visibility" if obj and obj.github_id else "private"
        which = (None, {"fields": ("organization", "name", visible), "description": "" if obj else paste})
        asked = ("What is asked of it", {"fields": self.asked})
        artifacts = ("Which artifacts are read", {"fields": self.artifacts})
        if obj is None:
            return [which, asked, artifacts]
        return [
            which,
            asked,
            artifacts,
            ("What is kept", {"fields": self.kept}),
            ("What it says", {"fields": self.said}),
            ("What the collector remembers", {"fields": self.remembered, "classes": ("collapse",)}),
        ]

    def get_urls(self) -> list[Any]:
        own = path("<int:pk>/artifacts/", self.admin_site.admin_view(self.preview), name="repository-artifacts")
        return [own, *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What patterns would match of its last night's artifacts; nothing is stored."""
        row = get_object_or_404(Repository.objects.select_related("organization"), pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        sources = last_night([pk])
        for source in sources:
            # What is typed stands in place of its own patterns.
            source.include = source.exclude = source.groups = ()
        return preview_response(
            request,
            sources,
            of=row.full_name,
            back=reverse("admin:dashboard_repository_change", args=[pk]),
            stored={name: getattr(row, name) for name in PATTERNS},
            otherwise={name: getattr(row.organization, name) for name in PATTERNS},
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        context["preview_address"] = reverse("admin:repository-artifacts", args=[row.pk]) if row else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Repository | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("organization", "name", "visibility", "detail_gone", *self.said, *self.remembered)

    def get_actions(self, request: HttpRequest) -> Any:
        """Without the change permission there is nothing to do to the chosen ones."""
        return super().get_actions(request) if self.has_change_permission(request) else {}

    @admin.display(description="dropped")
    def detail_gone(self, row: Repository) -> str:
        if row.detail_dropped_before is None or row.detail_dropped_at is None:
            return "Nothing; every commit has its detail."
        before, at = row.detail_dropped_before, row.detail_dropped_at
        return f"Detail of commits before {before:%d %b %Y}, on {at:%d %b %Y}."

    @admin.display(description="status", ordering="archived")
    def status(self, row: Repository) -> str:
        # A word rather than a red cross on each active one: not to be archived is no trouble.
        return "archived" if row.archived else "active"

    @admin.display(description="visibility")
    def visibility(self, row: Repository) -> str:
        return "private: shown to staff only" if row.private else "public"

    @admin.display(description="tests", ordering=F("tests_total").asc(nulls_first=True))
    def tests(self, row: Repository) -> str:
        logged = row.evidence == row.Evidence.LOG and row.tests_total is not None
        return wording.count(row.tests_total) + (" from a log" if logged else "")

    @admin.display(description="coverage", ordering="lines_covered")
    def coverage(self, row: Repository) -> str:
        logged = row.evidence == row.Evidence.LOG and row.percent is not None
        return wording.percent_sign(row.percent) + (" from a log" if logged else "")

    @admin.display(description="seen", ordering=F("evidence_at").asc(nulls_first=True))
    def seen(self, row: Repository) -> str:
        return wording.moment(row.evidence_at)

    @admin.display(description="error", ordering="error")
    def trouble(self, row: Repository) -> str:
        return Truncator(row.error).chars(ERROR_CHARACTERS)

    @admin.display(description="its page")
    def page(self, row: Repository) -> str:
        address = reverse("repository", args=[row.organization.login, row.name])
        return format_html('<a href="{}">{}</a>', address, row.full_name)

    @admin.display(description="depends on")
    def depends(self, row: Repository) -> str:
        return (
            ", ".join(row.depends_on.order_by(Lower("target_name")).values_list("target_name", flat=True))
            or wording.UNKNOWN
        )

    @admin.action(description="Collect the chosen repositories now", permissions=["change"])
    def collect_now(self, request: HttpRequest, queryset: QuerySet[Repository]) -> None:
        ids = list(queryset.filter(enabled=True).values_list("pk", flat=True))
        passed_over = queryset.count() - len(ids)
        if not ids:
            self.message_user(
                request, "The chosen repositories are switched off: enable them first.", messages.WARNING
            )
            return
        if not workers.hand_over(workers.COLLECT_NOW, {"trigger": "admin", "repository_ids": ids}):
            sentence = "Nothing was started: the broker does not answer. See that it runs, and REDIS_URL."
            self.message_user(request, sentence, messages.ERROR)
            return
        count = wording.plural(len(ids), "repository", "repositories")
        started(person(request.user), f"{count} that were chosen in the admin")
        said = f"{wording.plural(len(ids), 'repository is', 'repositories are')} being collected"
        also = f"; {passed_over:,} switched off passed over" if passed_over else ""
        watch = '{}{}. <a href="{}">Watch it on the ingest page</a>.'
        link = format_html(watch, said, also, reverse("ingest"))
        self.message_user(request, link, messages.SUCCESS)

    @admin.action(description="Enable: collect them each night", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Repository]) -> None:
        self._switch(request, queryset, True, "Switched on: {}. The next night collects them.")

    @admin.action(description="Disable: keep their figures, collect no more", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Repository]) -> None:
        self._switch(request, queryset, False, "Switched off: {}. Their figures stay as they are.")

    def _switch(self, request: HttpRequest, queryset: QuerySet[Repository], on: bool, sentence: str) -> None:
        changed = queryset.exclude(enabled=on)
        values = ({"enabled": "no"}, {"enabled": "yes"})
        record_all(change_of(person(request.user), row, values[not on], values[on]) for row in changed)
        self.message_user(request, sentence.format(f"{changed.update(enabled=on):,}"), messages.SUCCESS)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The names only: Django would load and list every result that was ever read."""
        names = [format_html("{} with all that was read of it", row) for row in objs]
        return names, {"repositories": len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Repository) -> None:
        self.record_removal(request, obj)
        erase_repositories([obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Repository]) -> None:
        rows = list(queryset)
        for row in rows:
            self.record_removal(request, row)
        erase_repositories([row.pk for row in rows])
