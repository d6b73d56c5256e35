"""Parts of a repository that someone answers for."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from dashboard.models.repository import Repository
from dashboard.models.stored import Stored


class Component(Stored):
    """Files that belong together wherever they lie: path patterns with a target."""

    repository = models.ForeignKey(
        Repository,
        models.CASCADE,
        related_name="components",
        help_text="Whose files these are; type a part of its name to find it.",
    )
    name = models.CharField(
        max_length=80, help_text="What it is called on the coverage page: Parser, Web, Billing."
    )
    patterns = models.TextField(
        help_text=(
            "One path pattern a line, as in .gitignore: src/parser/ is a folder, *.ts every TypeScript file, "
            "!src/parser/generated/ leaves something out again. The last line that matches a file decides."
        )
    )
    target = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="The percentage of its lines that should be covered; empty for none.",
    )

    class Meta:
        db_table = "component"
        ordering = ("name",)
        constraints = [models.UniqueConstraint("repository", "name", name="component_is_named_once")]

    def __str__(self) -> str:
        return self.name
