"""Line coverage: content-addressed, so that an unchanged file costs nothing on the next commit."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dashboard.models.repository import Repository
from dashboard.models.stored import Stored


class SourceFile(Stored):
    """A path that some report named. ``resolved`` says that it was found in the repository's own tree."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="source_files", db_index=False)
    path = models.TextField()
    resolved = models.BooleanField(default=False)

    class Meta:
        db_table = "source_file"
        constraints = [models.UniqueConstraint("repository", "path", name="source_path_is_stored_once")]

    def __str__(self) -> str:
        return self.path


class LineMap(Stored):
    """The lines of one file with their hits and branches, packed by ``dashboard.packing.pack_lines``."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=16)
    packed = models.BinaryField()
    valid = models.IntegerField(null=True, help_text="NULL: which lines are executable is not known.")
    covered = models.IntegerField()
    partial = models.IntegerField(null=True)
    branches_valid = models.IntegerField(null=True)
    branches_covered = models.IntegerField(null=True)

    class Meta:
        db_table = "line_map"
        constraints = [models.UniqueConstraint("repository", "digest", name="line_map_is_stored_once")]

    def __str__(self) -> str:
        return f"{self.covered} of {self.valid} lines"


class CoverageManifest(Stored):
    """Which file had which line map: parallel arrays, in the order of paths; equal manifests are one row."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=16)
    file_ids = ArrayField(models.BigIntegerField())
    line_map_ids = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "coverage_manifest"
        constraints = [models.UniqueConstraint("repository", "digest", name="manifest_is_stored_once")]

    def __str__(self) -> str:
        return f"{len(self.file_ids)} files"


class FileTree(Stored):
    """The files of a repository's tree at one commit, deflated; the newest is kept.

    ``packed`` are the paths, one a line; ``blobs``, in the same order, Git's name of each file's bytes and its size
    (NULL: the row is older than this column).
    """

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="file_tree")
    sha = models.CharField(max_length=64)
    packed = models.BinaryField()
    blobs = models.BinaryField(null=True)
    fetched_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "file_tree"

    def __str__(self) -> str:
        return self.sha[:8]
