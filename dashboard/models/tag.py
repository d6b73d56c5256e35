"""What releases are cut from."""

from __future__ import annotations

from django.db import models

from dashboard.models.repository import Repository
from dashboard.models.stored import Stored


class Tag(Stored):
    """A Git tag as GitHub named it last; one that was moved or deleted there follows within a night."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="git_tags", db_index=False)
    name = models.TextField()
    sha = models.CharField(max_length=64, help_text="The commit that it names, also where it is annotated.")
    at = models.DateTimeField(
        null=True, help_text="When that was committed; of an annotated tag, when it was made."
    )

    release = models.TextField(
        blank=True, default="", db_default="", help_text="The title of the release that was made of it."
    )
    release_url = models.TextField(
        blank=True, default="", db_default="", help_text="That release's page on GitHub."
    )

    class Meta:
        db_table = "git_tag"
        constraints = [models.UniqueConstraint("repository", "name", name="git_tag_is_stored_once")]

    def __str__(self) -> str:
        return self.name
