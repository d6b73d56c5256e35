"""A commit with evidence: the unit of every trend."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dashboard.models.case import Results
from dashboard.models.coverage import CoverageManifest
from dashboard.models.figures import Figures, figure_constraints
from dashboard.models.repository import Repository
from dashboard.models.run import WorkflowRun


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def oldest_first(self) -> SnapshotQuerySet:
        """The order of a trend, contract rule 11."""
        return self.order_by("ordered_at", "run_started_at", "id")

    def newest_first(self) -> SnapshotQuerySet:
        return self.order_by("-ordered_at", "-run_started_at", "-id")

    def reachable(self) -> SnapshotQuerySet:
        return self.filter(reachable=True)


class Snapshot(Figures):
    """All standing legs of one commit put together (contract rules 2 to 5).

    It is rebuilt from the reports whenever a leg of its commit arrives or is replaced; never edited otherwise.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="snapshots")
    sha = models.CharField(max_length=64)
    committed_at = models.DateTimeField(null=True)
    ordered_at = models.DateTimeField(help_text="min(commit date, start of the commit's first run)")
    run_started_at = models.DateTimeField(help_text="start of the commit's first run; breaks ties")
    run = models.ForeignKey(
        WorkflowRun,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The newest run that brought evidence.",
    )
    title = models.TextField(blank=True, default="")
    evidence = models.CharField(max_length=8, choices=Repository.Evidence.choices)
    evidence_at = models.DateTimeField(help_text="when the newest standing artifact was made")
    manifest = models.ForeignKey(CoverageManifest, models.PROTECT, null=True, related_name="+")
    files = models.IntegerField(null=True)
    reachable = models.BooleanField(default=True)
    complete = models.BooleanField(default=True)
    missing_legs = ArrayField(models.TextField(), default=list)
    tests_carried = models.BooleanField(default=False)
    coverage_carried = models.BooleanField(default=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        db_table = "snapshot"
        constraints = [
            models.UniqueConstraint("repository", "sha", name="commit_has_one_point"),
            *figure_constraints("snapshot"),
        ]
        indexes = [
            models.Index(
                "repository",
                models.F("ordered_at").desc(),
                models.F("run_started_at").desc(),
                models.F("id").desc(),
                name="snapshot_newest_first",
            )
        ]

    def __str__(self) -> str:
        return self.sha[:8]


class SnapshotGroup(models.Model):
    """The tests of one report group on one commit; with one leg its results are that report's own row."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="groups")
    name = models.CharField(max_length=200)
    results = models.ForeignKey(Results, models.PROTECT, related_name="+")
    legs = models.IntegerField()
    carried_from = models.ForeignKey(Snapshot, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "snapshot_group"
        constraints = [
            models.UniqueConstraint("repository", "snapshot", "name", name="group_of_a_commit_is_one"),
        ]

    def __str__(self) -> str:
        return self.name
