"""The columns that every figure is made of, shared by commits, repositories and days."""

from __future__ import annotations

from django.db import models

from dashboard.models.stored import Stored


class Figures(Stored):
    """Tests and coverage side by side. NULL is unknown; it is never zero (contract rule 8)."""

    tests_total = models.IntegerField(null=True, editable=False)
    tests_passed = models.IntegerField(null=True, editable=False)
    tests_failed = models.IntegerField(null=True, editable=False)
    tests_errors = models.IntegerField(null=True, editable=False)
    tests_skipped = models.IntegerField(null=True, editable=False)
    tests_executions = models.IntegerField(null=True, editable=False)
    tests_flaky = models.IntegerField(null=True, editable=False)
    duration_ms = models.BigIntegerField(null=True, editable=False)
    lines_valid = models.BigIntegerField(null=True, editable=False)
    lines_covered = models.BigIntegerField(null=True, editable=False)
    lines_partial = models.BigIntegerField(null=True, editable=False)
    branches_valid = models.BigIntegerField(null=True, editable=False)
    branches_covered = models.BigIntegerField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def failing(self) -> int | None:
        """Tests that failed or ended in an error; None when nothing is known of the tests."""
        return failing_of(self.tests_total, self.tests_failed, self.tests_errors)

    @property
    def percent(self) -> float | None:
        """Covered lines of 100, unrounded; None when the valid lines are unknown or none."""
        return percent_of(self.lines_covered, self.lines_valid)

    def figures(self) -> dict[str, int | None]:
        """The columns by name, to copy a commit's figures onto its repository or its day."""
        return {name: getattr(self, name) for name in FIGURE_NAMES}


def failing_of(total: int | None, failed: int | None, errors: int | None) -> int | None:
    """What ``Figures.failing`` is, for rows that are no models."""
    return None if total is None else (failed or 0) + (errors or 0)


def percent_of(covered: int | None, valid: int | None) -> float | None:
    """What ``Figures.percent`` is, for rows that are no models and for branches."""
    return 100 * (covered or 0) / valid if valid else None


FIGURE_NAMES: tuple[str, ...] = tuple(field.name for field in Figures._meta.local_fields)


def figure_constraints(prefix: str) -> list[models.BaseConstraint]:
    """The promises of the figures, named after the contract's rule that they keep."""
    total = (
        models.F("tests_passed") + models.F("tests_failed") + models.F("tests_errors") + models.F("tests_skipped")
    )
    return [
        models.CheckConstraint(
            condition=models.Q(tests_total__isnull=True) | models.Q(tests_total=total),
            name=f"{prefix}_total_is_the_sum_of_outcomes",
        ),
        models.CheckConstraint(
            condition=models.Q(lines_valid__isnull=True) | models.Q(lines_covered__lte=models.F("lines_valid")),
            name=f"{prefix}_covered_lines_are_valid_lines",
        ),
    ]
