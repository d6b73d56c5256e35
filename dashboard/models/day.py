"""One row per day (``dashboard.nights``): what a repository, an organization, the estate said at its end."""

from __future__ import annotations

from django.db import models

from dashboard.models.figures import Figures
from dashboard.models.organization import Organization
from dashboard.models.repository import Repository
from dashboard.models.snapshot import Snapshot
from dashboard.models.stored import Stored


class RepositoryDay(Figures):
    """Only days on which evidence was made: a quiet night writes nothing."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="+")

    class Meta:
        db_table = "repository_day"
        constraints = [models.UniqueConstraint("repository", "day", name="repository_day_is_one")]

    def __str__(self) -> str:
        return f"{self.repository_id} on {self.day}"


class DayTotals(Stored):
    """Sums over active repositories: each by its newest day not more than the carry-forward limit before."""

    day = models.DateField()
    reporting = models.IntegerField()
    fresh = models.IntegerField(help_text="repositories with evidence made on this very day")
    broken = models.IntegerField(help_text="repositories with a failing test")
    tests_total = models.BigIntegerField()
    tests_passed = models.BigIntegerField()
    tests_failed = models.BigIntegerField()
    tests_errors = models.BigIntegerField()
    tests_skipped = models.BigIntegerField()
    duration_ms = models.BigIntegerField()
    lines_valid = models.BigIntegerField()
    lines_covered = models.BigIntegerField()

    class Meta:
        abstract = True

    @property
    def failing(self) -> int:
        return self.tests_failed + self.tests_errors

    @property
    def percent(self) -> float | None:
        return 100 * self.lines_covered / self.lines_valid if self.lines_valid else None

    @property
    def pass_rate(self) -> float | None:
        """Passed of the tests that ran (skipped ones did not), of 100."""
        ran = self.tests_total - self.tests_skipped
        return 100 * self.tests_passed / ran if ran else None


class OrganizationDay(DayTotals):
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="days")
    public = models.BooleanField(help_text="over public repositories only, or over all")

    class Meta:
        db_table = "organization_day"
        constraints = [models.UniqueConstraint("organization", "public", "day", name="organization_day_is_one")]

    def __str__(self) -> str:
        return f"{self.organization_id} on {self.day}"


class EstateDay(DayTotals):
    public = models.BooleanField(help_text="over public repositories only, or over all")

    class Meta:
        db_table = "estate_day"
        constraints = [models.UniqueConstraint("public", "day", name="estate_day_is_one")]

    def __str__(self) -> str:
        return f"estate on {self.day}"
