"""Provenance: which run, which artifact with which digest, which member (contract rule 10)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dashboard.models.repository import Repository
from dashboard.models.stored import Stored


class WorkflowRun(Stored):
    """One run of a workflow file. Attempts share the row: a re-run replaces, it does not add."""

    TREND_EVENTS = frozenset({"push", "schedule", "workflow_dispatch"})
    """Events whose runs count for the trend (rule 1)."""
    PULL_REQUEST_EVENTS = frozenset({"pull_request", "pull_request_target"})
    """Events whose runs are read where pull requests are collected, and shown apart."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="runs", db_index=False)
    github_id = models.BigIntegerField()
    workflow_path = models.CharField(max_length=400)
    workflow_name = models.CharField(max_length=400, blank=True, default="")
    title = models.TextField(blank=True, default="")
    run_number = models.IntegerField(null=True)
    run_attempt = models.IntegerField(default=1)
    event = models.CharField(max_length=60)
    status = models.CharField(max_length=30)
    conclusion = models.CharField(max_length=30, blank=True, default="")
    head_branch = models.CharField(max_length=255, blank=True, default="")
    head_sha = models.CharField(max_length=64)
    head_repository_id = models.BigIntegerField(null=True)
    is_trend = models.BooleanField(help_text="Rule 1: own repository, default branch, push, schedule or dispatch.")
    left_branch = models.BooleanField(default=False, help_text="A force push took its commit off the branch.")
    committed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    url = models.URLField(max_length=400, blank=True, default="")
    listed_at = models.DateTimeField(null=True, help_text="When its artifacts were last listed.")
    logs_read_attempt = models.IntegerField(null=True, help_text="The attempt whose jobs' logs were read last.")
    logs_read_update = models.DateTimeField(null=True, help_text="Its last change when they were read.")
    artifacts_etag = models.TextField(blank=True, default="", help_text="of the list of its artifacts")

    class Meta:
        db_table = "workflow_run"
        constraints = [
            models.UniqueConstraint("repository", "github_id", name="run_is_stored_once"),
        ]
        indexes = [
            models.Index("repository", "head_sha", name="run_by_commit"),
            models.Index("repository", models.F("started_at").desc(), name="run_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_name or self.workflow_path} #{self.run_number}"


class Artifact(Stored):
    """One upload. ``sha256`` is of the bytes that were read; ``digest`` what GitHub said it would be."""

    class State(models.TextChoices):
        LISTED = "listed", "waiting to be read"
        READ = "read", "read"
        SAME = "same", "same bytes as one already read"
        PASSED_OVER = "passed-over", "holds no report"
        REJECTED = "rejected", "refused"
        EXPIRED = "expired", "expired before it was read"
        SUPERSEDED = "superseded", "replaced by a newer upload of the same run"
        FAILED = "failed", "not read yet, will be tried again"

    STANDING = (State.READ, State.SAME, State.PASSED_OVER, State.REJECTED)
    """States in which an artifact has said all it can say; the newest of these stands for its name (rule 2)."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="artifacts", db_index=False)
    run = models.ForeignKey(WorkflowRun, models.CASCADE, related_name="artifacts")
    github_id = models.BigIntegerField()
    name = models.CharField(max_length=400)
    size = models.BigIntegerField(help_text="bytes as GitHub stores it")
    digest = models.CharField(max_length=64, blank=True, default="", help_text="SHA-256 that GitHub announced, hex")
    sha256 = models.CharField(max_length=64, blank=True, default="", help_text="SHA-256 of what was read, hex")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.LISTED)
    reason = models.TextField(blank=True, default="", help_text="One sentence: why it was refused or not read.")
    passed_over = ArrayField(
        models.TextField(), default=list, help_text="Members that are no report, the first of them."
    )
    passed_over_count = models.IntegerField(null=True, help_text="All members that are no report.")
    warnings = ArrayField(
        models.TextField(), default=list, help_text="Members that could not be opened, one sentence each."
    )
    same_as = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    read_at = models.DateTimeField(null=True)
    reader_version = models.PositiveSmallIntegerField(default=0)
    cpu_ms = models.IntegerField(null=True, help_text="What reading it took: computing,")
    wall_ms = models.IntegerField(null=True, help_text="from beginning to end,")
    peak_bytes = models.BigIntegerField(null=True, help_text="resident memory at its highest,")
    output_bytes = models.BigIntegerField(null=True, help_text="and what the reader answered.")
    counted = models.BooleanField(
        default=False, help_text="Its commit's snapshot was put together since it was read."
    )

    class Meta:
        db_table = "artifact"
        constraints = [
            models.UniqueConstraint("repository", "github_id", name="artifact_is_stored_once"),
        ]
        indexes = [
            models.Index("repository", "sha256", name="artifact_by_digest"),
            models.Index("repository", "run", name="artifact_of_run"),
            # What was just read, over all repositories: the ingest page asks every two seconds.
            models.Index(models.F("read_at").desc(nulls_last=True), name="artifact_just_read"),
        ]

    def __str__(self) -> str:
        return self.name


class Report(Stored):
    """One report found in an artifact: its own counts before any merging, or the sentence that refuses it."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    artifact = models.ForeignKey(Artifact, models.CASCADE, related_name="reports")
    member = models.TextField(blank=True, default="", help_text="Name inside the zip; empty for a single file.")
    format = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=[("tests", "tests"), ("coverage", "coverage")])
    size = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    warnings = ArrayField(models.TextField(), default=list)
    meaning = models.TextField(
        blank=True, default="", help_text="What its figures mean where that is not what their names say."
    )
    group = models.CharField(max_length=200, default="default")

    tests_total = models.IntegerField(null=True)
    tests_passed = models.IntegerField(null=True)
    tests_failed = models.IntegerField(null=True)
    tests_errors = models.IntegerField(null=True)
    tests_skipped = models.IntegerField(null=True)
    duration_ms = models.BigIntegerField(null=True)
    results = models.ForeignKey("Results", models.PROTECT, null=True, related_name="+")

    files = models.IntegerField(null=True)
    lines_valid = models.BigIntegerField(null=True)
    lines_covered = models.BigIntegerField(null=True)
    branches_valid = models.BigIntegerField(null=True)
    branches_covered = models.BigIntegerField(null=True)
    manifest = models.ForeignKey("CoverageManifest", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "report"
        constraints = [
            models.UniqueConstraint("repository", "artifact", "member", name="report_member_is_stored_once"),
            models.CheckConstraint(
                condition=models.Q(error="") | models.Q(tests_total__isnull=True, lines_covered__isnull=True),
                name="report_refused_has_no_figures",
            ),
        ]

    def __str__(self) -> str:
        return self.member or self.artifact.name
