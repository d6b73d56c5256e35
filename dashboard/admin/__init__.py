"""Django's admin: what is collected, when, and with whose credential. What was read is there to look at only."""

from __future__ import annotations

from django.contrib import admin

from dashboard.admin.changes import ChangeAdmin
from dashboard.admin.collection import CollectionAdmin, RepositoryCollectionAdmin
from dashboard.admin.components import ComponentAdmin
from dashboard.admin.organization import ForbiddenDependencyAdmin, OrganizationAdmin
from dashboard.admin.people import PeopleAdmin, PersonAdmin
from dashboard.admin.provenance import ArtifactAdmin, ReportAdmin, WorkflowRunAdmin
from dashboard.admin.repository import RepositoryAdmin
from dashboard.admin.schedules import NightAdmin
from dashboard.wording import UNKNOWN

__all__ = [
    "ArtifactAdmin",
    "ChangeAdmin",
    "CollectionAdmin",
    "ComponentAdmin",
    "ForbiddenDependencyAdmin",
    "NightAdmin",
    "OrganizationAdmin",
    "PeopleAdmin",
    "PersonAdmin",
    "ReportAdmin",
    "RepositoryAdmin",
    "RepositoryCollectionAdmin",
    "WorkflowRunAdmin",
]

admin.site.site_header = "Clerestory"
admin.site.site_title = "Clerestory"
admin.site.index_title = "Administration"
admin.site.empty_value_display = UNKNOWN
