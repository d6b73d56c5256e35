"""What the repositories of each organization add up to, so that no page has to read all repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from dashboard.models.organization import Organization
from dashboard.models.stored import Stored

if TYPE_CHECKING:
    from dashboard.visibility import Reader


class OrganizationSumsQuerySet(models.QuerySet["OrganizationSums"]):
    def visible_to(self, reader: Reader) -> OrganizationSumsQuerySet:
        """Sums over the repositories that ``Repository.objects.visible_to`` shows to the same reader."""
        if reader.is_staff:
            return self
        return self.filter(private=False) if reader.public_installation else self.none()


class OrganizationSums(Stored):
    """Rows to be added up: all of one organization, audience and tag together are its sums, true at any moment.

    Triggers on ``repository`` write them (migration 0034): with each change, in its transaction, a row with what it
    adds and takes away. So no way to change a repository can forget them, and nobody waits for a row that somebody
    else is writing. Now and then the rows of an organization become one (``collectors.organization_sums``).

    What counts in which total is contract rule 9's matter: all but ``repositories`` is of active ones, tests and
    lines of those whose evidence is a report.
    """

    # Without a constraint, since the last row of an organization is written when it is gone already.
    organization = models.ForeignKey(
        Organization, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    private = models.BooleanField()
    tag = models.TextField(null=True)
    """NULL over all repositories; else over those that carry it."""

    repositories = models.BigIntegerField()
    active = models.BigIntegerField()
    failing = models.BigIntegerField()
    """How many are in this ``Repository.Condition``, and in the four below."""
    ran_nothing = models.BigIntegerField()
    silent = models.BigIntegerField()
    passing = models.BigIntegerField()
    no_evidence = models.BigIntegerField()
    tests_from_logs = models.BigIntegerField()
    reporting = models.BigIntegerField()
    with_tests = models.BigIntegerField()
    """How many tell their tests: where none does, their sum is unknown and not zero. So with durations."""
    with_duration = models.BigIntegerField()
    tests_total = models.BigIntegerField()
    tests_passed = models.BigIntegerField()
    tests_failed = models.BigIntegerField()
    tests_errors = models.BigIntegerField()
    tests_skipped = models.BigIntegerField()
    tests_executions = models.BigIntegerField()
    tests_flaky = models.BigIntegerField()
    duration_ms = models.BigIntegerField()
    with_lines = models.BigIntegerField()
    """How many repositories' valid lines are known and not none: only these weigh in coverage (rule 5)."""
    lines_valid = models.BigIntegerField()
    lines_covered = models.BigIntegerField()

    objects = OrganizationSumsQuerySet.as_manager()

    class Meta:
        db_table = "organization_sums"
        indexes = [models.Index("tag", "organization", name="organization_sums_by_tag")]

    def __str__(self) -> str:
        return f"{self.organization_id}, {'private' if self.private else 'public'}, {self.tag or 'all'}"


SUM_NAMES: tuple[str, ...] = tuple(
    field.name for field in OrganizationSums._meta.local_fields if type(field) is models.BigIntegerField
)
