"""Runs, artifacts and reports in the admin: where each figure came from, to look at only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from dashboard import wording
from dashboard.admin.readonly import ReadOnlyAdmin
from dashboard.models import Artifact, Report, WorkflowRun


class NewestFirst(ReadOnlyAdmin):
    """By id, which an index has; the tables grow for years."""

    ordering = ("-id",)


@admin.register(WorkflowRun)
class WorkflowRunAdmin(NewestFirst):
    list_display = (
        "repository",
        "__str__",
        "event",
        "conclusion",
        "head_branch",
        "commit",
        "started_at",
        "is_trend",
    )
    list_filter = ("event", "conclusion", "is_trend")
    list_select_related = ("repository",)
    search_fields = ("repository__full_name", "head_sha", "workflow_path")
    search_help_text = "A repository, a commit or a workflow file."
    readonly_fields = ("on_github",)

    @admin.display(description="commit")
    def commit(self, row: WorkflowRun) -> str:
        return wording.short(row.head_sha)

    @admin.display(description="started", ordering="started_at")
    def started(self, row: WorkflowRun) -> str:
        return wording.moment(row.started_at)

    @admin.display(description="on GitHub")
    def on_github(self, row: WorkflowRun) -> str | None:
        return format_html('<a href="{0}">{0}</a>', row.url) if row.url.startswith("http") else None


@admin.register(Artifact)
class ArtifactAdmin(NewestFirst):
    list_display = ("repository", "name", "state", "stored_size", "short_digest", "created", "reason")
    list_filter = ("state",)
    list_select_related = ("repository",)
    search_fields = ("repository__full_name", "name", "sha256")
    search_help_text = "A repository, an artifact's name or the SHA-256 of what was read."

    @admin.display(description="size", ordering="size")
    def stored_size(self, row: Artifact) -> str:
        return wording.size(row.size)

    @admin.display(description="created", ordering="created_at")
    def created(self, row: Artifact) -> str:
        return wording.moment(row.created_at)

    @admin.display(description="SHA-256")
    def short_digest(self, row: Artifact) -> str:
        return wording.short_digest(row.sha256) or wording.UNKNOWN


@admin.register(Report)
class ReportAdmin(NewestFirst):
    list_display = (
        "repository",
        "__str__",
        "format",
        "group",
        "tests_total",
        "lines_covered",
        "lines_valid",
        "error",
    )
    list_filter = ("kind", "format")
    list_select_related = ("repository", "artifact")
    search_fields = ("repository__full_name", "member", "artifact__name")
    search_help_text = "A repository, an artifact's name or a member of one."

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("results", "manifest")
