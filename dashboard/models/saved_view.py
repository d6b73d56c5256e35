"""A reader's own view of the estate: filters, order, groups, columns and nights under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from dashboard.models.stored import Stored


class SavedView(Stored):
    """``query`` is that of the address, without question mark; ``login`` the organization, "" the whole estate."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=80)
    login = models.CharField(max_length=100, blank=True, default="")
    query = models.TextField(blank=True, default="")
    is_default = models.BooleanField(default=False, help_text="Opened when its reader comes to the estate.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "saved_view"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("user", Lower("name"), name="saved_view_has_a_name_of_its_own"),
            models.UniqueConstraint("user", condition=models.Q(is_default=True), name="saved_view_opens_one_first"),
        ]

    def __str__(self) -> str:
        return self.name
