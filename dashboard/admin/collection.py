"""Collections in the admin: each night, and how every repository fared in it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard import wording
from dashboard.admin.readonly import ReadOnlyAdmin
from dashboard.models import Collection, RepositoryCollection

ROWS_SHOWN = 200
REQUEST_KINDS = ("graphql", "rest", "not_modified", "downloads", "retried")
State = RepositoryCollection.State


@admin.register(Collection)
class CollectionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "started", "finished", "taken", "read", "unchanged", "nothing", "failed")
    list_filter = ("trigger",)
    date_hierarchy = "started_at"
    fields = ("trigger", "started", "finished", "since", "note", "asked", "repositories")
    readonly_fields = ("started", "finished", "asked", "repositories")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        ended = {
            f"count_{state}": Count("repositories", filter=Q(repositories__state=state))
            for state in RepositoryCollection.ENDED
        }
        return super().get_queryset(request).annotate(count_all=Count("repositories"), **ended)

    @admin.display(description="started", ordering="started_at")
    def started(self, row: Collection) -> str:
        return wording.moment(row.started_at)

    @admin.display(description="finished", ordering="finished_at")
    def finished(self, row: Collection) -> str:
        return wording.moment(row.finished_at)

    @admin.display(description="requests to GitHub")
    def asked(self, row: Collection) -> str:
        counted = ((kind, row.requests.get(kind)) for kind in REQUEST_KINDS)
        return (
            ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in counted if count) or wording.UNKNOWN
        )

    @admin.display(description="repositories")
    def taken(self, row: Any) -> int:
        return int(row.count_all)

    @admin.display(description="read")
    def read(self, row: Any) -> int:
        return int(row.count_collected)

    @admin.display(description="unchanged")
    def unchanged(self, row: Any) -> int:
        return int(row.count_unchanged)

    @admin.display(description="nothing to read")
    def nothing(self, row: Any) -> int:
        return int(row.count_no_evidence)

    @admin.display(description="failed")
    def failed(self, row: Any) -> int:
        return int(row.count_failed)

    @admin.display(description="repositories")
    def repositories(self, row: Collection) -> SafeString:
        """Failed ones first, with the sentence that says why; the rest is one link away."""
        failed_first = Case(When(state=State.FAILED, then=Value(0)), default=Value(1), output_field=IntegerField())
        entries = row.repositories.select_related("repository").order_by(failed_first, "repository__full_name")
        lines = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (each.repository.full_name, each.get_state_display(), each.artifacts, each.error)
                for each in entries[:ROWS_SHOWN]
            ),
        )
        address = reverse("admin:dashboard_repositorycollection_changelist")
        return format_html(
            "<table><thead><tr><th>repository</th><th>state</th><th>artifacts</th><th>error</th></tr></thead>"
            '<tbody>{}</tbody></table><p><a href="{}?collection__id__exact={}">All of them, to filter</a></p>',
            lines,
            address,
            row.pk,
        )


@admin.register(RepositoryCollection)
class RepositoryCollectionAdmin(ReadOnlyAdmin):
    list_display = ("repository", "collection", "state", "artifacts", "reports", "tests", "rejected", "error")
    list_filter = ("state",)
    list_select_related = ("repository", "collection")
    search_fields = ("repository__full_name", "error")
    ordering = ("-id",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "collection__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Reached from its collection; in the index it would only stand in the way."""
        return {}
