"""What the log of a job told, where its run uploaded no report: evidence of grade ``log`` (contract rule 12)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dashboard.models.repository import Repository
from dashboard.models.run import WorkflowRun
from dashboard.models.stored import Stored


class JobLog(Stored):
    """One job of the newest attempt of a run; figures are NULL where its log told none, or could not be had."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(WorkflowRun, models.CASCADE, related_name="job_logs")
    github_id = models.BigIntegerField()
    name = models.CharField(max_length=400)
    url = models.URLField(max_length=400, blank=True, default="")
    tools = ArrayField(models.CharField(max_length=40), default=list, help_text="Whose summaries were counted.")
    tests_passed = models.IntegerField(null=True)
    tests_failed = models.IntegerField(null=True)
    tests_errors = models.IntegerField(null=True)
    tests_skipped = models.IntegerField(null=True)
    duration_ms = models.BigIntegerField(null=True)
    lines_valid = models.BigIntegerField(null=True)
    lines_covered = models.BigIntegerField(null=True)
    error = models.TextField(blank=True, default="", help_text="One sentence: why the log could not be read.")
    read_at = models.DateTimeField()

    class Meta:
        db_table = "job_log"
        constraints = [
            models.UniqueConstraint("repository", "github_id", name="job_log_is_stored_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tests_total(self) -> int | None:
        """None where the log told no tests."""
        if self.tests_passed is None:
            return None
        return self.tests_passed + (self.tests_failed or 0) + (self.tests_errors or 0) + (self.tests_skipped or 0)
