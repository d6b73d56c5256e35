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

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="snapshots", db_index=False)
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
    """All lines that count, those carried from earlier commits among them."""
    own_manifest = models.ForeignKey(CoverageManifest, models.PROTECT, null=True, related_name="+")
    """The lines of the commit's own reports."""
    files = models.IntegerField(null=True)
    reachable = models.BooleanField(default=True)
    settled = models.BooleanField(
        default=True, help_text="Completeness and what is carried were judged since it was put together."
    )
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


class SnapshotGroup(Figures):
    """One report group on one commit, with the figures of its own legs; or, carried, those of an earlier commit.

    With one leg, its results and manifest are that report's own rows.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="groups")
    name = models.CharField(max_length=200)
    results = models.ForeignKey(Results, models.PROTECT, null=True, related_name="+")
    manifest = models.ForeignKey(CoverageManifest, models.PROTECT, null=True, related_name="+")
    """Of a carried group only the files that are unchanged and in no fresh report."""
    files = models.IntegerField(null=True)
    legs = models.IntegerField()
    leg_names = ArrayField(models.TextField(), default=list)
    carried_from = models.ForeignKey(Snapshot, models.CASCADE, null=True, related_name="+")
    stale = ArrayField(models.BigIntegerField(), default=list)
    """Files of a carried group that have changed since, or of which that is not known: shown and not counted."""

    class Meta:
        db_table = "snapshot_group"
        constraints = [
            models.UniqueConstraint("repository", "snapshot", "name", name="group_of_a_commit_is_one"),
        ]

    def __str__(self) -> str:
        return self.name
