"""Test cases, interned once, and their results, about two bytes each."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dashboard.models.repository import Repository


class Case(models.Model):
    """A distinct test of a repository: contract rule 4's identity within its report group."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="cases")
    identity = models.BinaryField(
        max_length=16, help_text="Hash of group, suite where it joins in, class and name."
    )
    group = models.CharField(max_length=200)
    suite = models.TextField(blank=True, default="")
    classname = models.TextField(blank=True, default="")
    name = models.TextField()
    file = models.TextField(blank=True, default="")
    first_seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "test_case"
        constraints = [
            models.UniqueConstraint("repository", "identity", name="case_identity_is_one_test"),
        ]

    def __str__(self) -> str:
        return f"{self.classname} {self.name}".strip()


class Roster(models.Model):
    """A distinct set of tests in a fixed order; the same set night after night is one row."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=16)
    case_ids = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "test_roster"
        constraints = [models.UniqueConstraint("repository", "digest", name="roster_is_stored_once")]

    def __str__(self) -> str:
        return f"{len(self.case_ids)} tests"


class Results(models.Model):
    """How the tests of a roster ended, in the roster's order; packed by ``dashboard.packing``."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    roster = models.ForeignKey(Roster, models.PROTECT, related_name="+")
    outcomes = models.BinaryField()
    durations = models.BinaryField()

    class Meta:
        db_table = "test_results"

    def __str__(self) -> str:
        return f"results of {self.roster}"


class FailureMessage(models.Model):
    """A distinct failure text; ``fingerprint`` masks numbers, addresses and paths, so that one fault is one row."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    fingerprint = models.BinaryField(max_length=16)
    message = models.TextField(blank=True, default="")
    details = models.TextField(blank=True, default="")

    class Meta:
        db_table = "failure_message"
        constraints = [models.UniqueConstraint("repository", "fingerprint", name="failure_text_is_stored_once")]

    def __str__(self) -> str:
        return self.message


class Failure(models.Model):
    """A failing test in one report of one artifact: the leg that it failed in."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    report = models.ForeignKey("Report", models.CASCADE, related_name="failures")
    case = models.ForeignKey(Case, models.CASCADE, related_name="failures")
    outcome = models.SmallIntegerField(help_text="2 failed, 3 error: collectors.parsers.results.Outcome")
    message = models.ForeignKey(FailureMessage, models.PROTECT, related_name="+")

    class Meta:
        db_table = "failure"
        constraints = [
            models.UniqueConstraint("repository", "report", "case", name="failure_of_a_leg_is_stored_once"),
            models.CheckConstraint(condition=models.Q(outcome__in=[2, 3]), name="failure_is_failed_or_error"),
        ]
        indexes = [models.Index("repository", "case", name="failure_of_case")]

    def __str__(self) -> str:
        return f"{self.case}: {self.message}"
