"""What the repository's source says of its lines, and which test ran which; the source itself is never kept."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dashboard.models.coverage import CoverageManifest, SourceFile
from dashboard.models.repository import Repository
from dashboard.models.run import Report
from dashboard.models.stored import Stored


class SourceAnalysis(Stored):
    """One version of one file, analysed once: which lines could run, under one configuration.

    A configuration file is analysed too, with settings of its own name; ``packed`` then holds what it says.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    blob = models.CharField(max_length=64, help_text="Git's name of the file's bytes, hex")
    settings = models.BinaryField(
        max_length=16, help_text="Digest of the configuration and of the analyser's version"
    )
    packed = models.BinaryField()

    class Meta:
        db_table = "source_analysis"
        constraints = [
            models.UniqueConstraint("repository", "blob", "settings", name="source_is_analysed_once"),
        ]

    def __str__(self) -> str:
        return self.blob[:8]


class CommitSources(Stored):
    """What source analysis adds to one commit: files of which data files alone know what ran (contract rule 5)."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    sha = models.CharField(max_length=64)
    basis = models.BinaryField(max_length=16, help_text="Digest of the reports that it was made for.")
    manifest = models.ForeignKey(CoverageManifest, models.PROTECT, null=True, related_name="+")
    left_out = ArrayField(
        models.BigIntegerField(), default=list, help_text="Files that the configuration leaves out of reports."
    )
    waiting = models.IntegerField(default=0, help_text="Files still to be asked for.")
    unknown = models.IntegerField(default=0, help_text="Files whose executable lines cannot be told.")
    reason = models.TextField(blank=True, default="", help_text="Why lines are unknown, and what to do.")

    class Meta:
        db_table = "commit_sources"
        constraints = [models.UniqueConstraint("repository", "sha", name="commit_has_its_sources_once")]

    def __str__(self) -> str:
        return self.sha[:8]


class ContextNames(Stored):
    """The tests that a report of the newest commit names as contexts; ``LineContexts`` tells them by place."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    report = models.OneToOneField(Report, models.CASCADE, related_name="context_names")
    packed = models.BinaryField()

    class Meta:
        db_table = "context_names"

    def __str__(self) -> str:
        return f"tests of report {self.report_id}"


class LineContexts(Stored):
    """Which of those tests ran which lines of one file (``dashboard.packing.pack_contexts``)."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    names = models.ForeignKey(ContextNames, models.CASCADE, related_name="files")
    file = models.ForeignKey(SourceFile, models.CASCADE, related_name="+")
    packed = models.BinaryField()

    class Meta:
        db_table = "line_contexts"
        constraints = [models.UniqueConstraint("names", "file", name="file_has_its_contexts_once")]

    def __str__(self) -> str:
        return f"tests of file {self.file_id}"
