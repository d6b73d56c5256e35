"""Who changed what of the configuration, and when: written once, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from dashboard.models.stored import Stored


class Change(Stored):
    """One act of a person or a command. ``who`` stays readable when the account is deleted.

    ``kind`` is the thing's noun, ``object_id`` "" where an act concerns many. ``fields`` are
    ``{"field", "old", "new"}`` as texts; a secret is ``{"field", "secret": "set" | "changed" | "removed"}``.
    """

    class Action(models.TextChoices):
        ADDED = "added", "added"
        CHANGED = "changed", "changed"
        REMOVED = "removed", "removed"
        STARTED = "started", "started"

    at = models.DateTimeField("when", default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=200)
    action = models.CharField("act", max_length=8, choices=Action.choices)
    kind = models.CharField("what kind", max_length=60)
    object_id = models.CharField(max_length=40, blank=True, default="")
    name = models.CharField("what", max_length=400)
    fields = models.JSONField(default=list)

    class Meta:
        db_table = "change"
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(models.F("at").desc(), name="change_newest_first"),
            models.Index("kind", "object_id", name="change_of_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.who} {self.action} {self.name}"
