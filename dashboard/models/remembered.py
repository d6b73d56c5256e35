"""What GitHub's conditional lists said last, for credentials whose ETags do not last."""

from __future__ import annotations

from django.db import models

from dashboard.models.repository import Repository
from dashboard.models.stored import Stored


class RememberedAnswer(Stored):
    """The exact body of one list, to compute the ETag that it has for another token."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    place = models.TextField(help_text="path and query")
    etag = models.TextField(help_text="as it came with the body")
    packed = models.BinaryField(help_text="the body, UTF-8, deflated")
    asked_at = models.DateTimeField(help_text="when it was kept, or last found unchanged")

    class Meta:
        db_table = "remembered_answer"
        constraints = [models.UniqueConstraint("repository", "place", name="answer_is_remembered_once")]
        indexes = [models.Index("asked_at", name="answer_by_age")]

    def __str__(self) -> str:
        return self.place


class GitHubServer(Stored):
    """A server whose ETags were not as predicted."""

    address = models.TextField(unique=True)
    mistaken_at = models.DateTimeField()

    class Meta:
        db_table = "github_server"

    def __str__(self) -> str:
        return self.address
