"""Which repository stands on which, as declared by the loaded estate file."""

from __future__ import annotations

from django.db import models

from dashboard.models.organization import Organization
from dashboard.models.repository import Repository
from dashboard.models.stored import Stored


class Dependency(Stored):
    """``target`` is NULL when the name that was written leads to no known repository: a missing target."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="depends_on")
    target_name = models.CharField(max_length=201)
    target = models.ForeignKey(Repository, models.SET_NULL, null=True, related_name="depended_on_by")

    class Meta:
        db_table = "dependency"
        verbose_name_plural = "dependencies"
        constraints = [models.UniqueConstraint("repository", "target_name", name="dependency_is_declared_once")]

    def __str__(self) -> str:
        return f"{self.repository_id} → {self.target_name}"


class ForbiddenDependency(Stored):
    """No repository of ``organization`` may ever depend on one of ``target``, whatever the layers."""

    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="+",
        help_text="The one whose repositories must not depend on the other's.",
    )
    target = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="+",
        help_text="The one that must not be depended on, whatever the layers say.",
    )

    class Meta:
        db_table = "forbidden_dependency"
        verbose_name_plural = "forbidden dependencies"
        constraints = [models.UniqueConstraint("organization", "target", name="prohibition_is_stated_once")]

    def __str__(self) -> str:
        return f"{self.organization.login} never on {self.target.login}"
