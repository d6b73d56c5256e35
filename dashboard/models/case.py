"""Test cases, interned once, and their results, about a byte each."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Left
from django.utils.functional import cached_property

from dashboard.models.repository import Repository
from dashboard.models.stored import Stored
from dashboard.packing.differences import Difference
from dashboard.packing.squeezing import unsqueeze

HERE = models.Q(last_seen_at__isnull=True)
"""A test that the newest commit has, in its own reports or carried."""


class Case(Stored):
    """A distinct test of a repository: contract rule 4's identity within its report group. Written once."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="cases", db_index=False)
    identity = models.BinaryField(
        max_length=16, help_text="Hash of group, suite where it joins in, class and name."
    )
    group = models.CharField(max_length=200)
    suite = models.TextField(blank=True, default="")
    classname = models.TextField(blank=True, default="")
    name = models.TextField()
    file = models.TextField(blank=True, default="")

    class Meta:
        db_table = "test_case"
        constraints = [
            models.UniqueConstraint("repository", "identity", name="case_identity_is_one_test"),
        ]
        indexes = [
            # Names are as long as a stranger wants.
            models.Index("repository", Left("classname", 100), Left("name", 100), "id", name="case_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.classname} {self.name}".strip()


class CaseWords(Stored):
    """What up to 64 tests of a repository are called, for search by any part of it.

    Tests that stand together share most of their words, so that these are indexed once for all of them. A trigger
    on ``test_case`` writes the rows, in the transaction that adds a test and whoever adds it. A test that is gone
    may still have its line.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    case_ids = ArrayField(models.BigIntegerField())
    words = models.TextField(help_text="A line for each of them, parallel: name, class and suite in small letters.")

    class Meta:
        db_table = "test_words"
        indexes = [
            models.Index("repository", "id", name="words_of_repository"),
            # In one repository or over all of them: LIKE '%part%'.
            GinIndex("repository", OpClass("words", name="gin_trgm_ops"), name="test_words_parts"),
        ]

    def __str__(self) -> str:
        return f"words of {len(self.case_ids)} tests"


class CaseStatistics(Stored):
    """How a test of the trend stands, told by ``collectors.case_statistics`` from the commits in its order.

    Apart from the test's names, so that a change of outcome writes a hundred bytes and none of the entries that
    searching by name needs. The columns change with the test and not with the night: a quiet night writes nothing.
    A test that is on no commit of the trend has no row.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="statistics")
    repository = models.ForeignKey(
        Repository, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    since = models.ForeignKey(
        "Snapshot",
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="The commit on which it began to pass, to fail or to be skipped as it does now.",
    )
    since_at = models.DateTimeField(help_text="That commit's place in the trend.")
    first_seen_at = models.DateTimeField(help_text="Its first commit in the order of the trend.")
    last_seen_at = models.DateTimeField(null=True, help_text="The last commit that had it; null while it is there.")
    duration_ms = models.BigIntegerField(
        null=True, help_text="What it takes, for sorting: within a half or 50 ms of the newest commit's."
    )
    outcome = models.SmallIntegerField(help_text="0 skipped, 1 passed, 2 failed, 3 error.")
    flaky = models.BooleanField(default=False, help_text="On the newest commit that has it.")

    class Meta:
        db_table = "test_statistics"
        indexes = [
            # One for each order of the list of a repository's tests; by name it is the tests' own.
            models.Index("repository", "since_at", condition=HERE & models.Q(outcome__gte=2), name="test_failing"),
            models.Index("repository", "since_at", condition=HERE & models.Q(outcome=0), name="test_skipped"),
            models.Index("repository", "case", condition=HERE & models.Q(flaky=True), name="test_flaky"),
            models.Index(
                "repository", models.F("duration_ms").desc(nulls_last=True), condition=HERE, name="test_slowest"
            ),
            models.Index("repository", models.F("first_seen_at").desc(), condition=HERE, name="test_newest"),
            models.Index(
                "repository",
                models.F("last_seen_at").desc(),
                condition=models.Q(last_seen_at__isnull=False),
                name="test_removed",
            ),
        ]

    def __str__(self) -> str:
        return f"test {self.case_id}"


class CaseGroup(Stored):
    """A report group's tests, as far as their statistics go."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="case_groups")
    name = models.CharField(max_length=200)
    told = models.BinaryField(max_length=16, help_text="Names the commits that the statistics were made of.")
    commits = models.IntegerField(help_text="How many those are.")
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    durations = models.BinaryField(
        default=b"", help_text="The stored durations as codes of dashboard.packing, in the roster's order."
    )
    roster = models.ForeignKey(
        "Roster",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="Which tests those are: the newest commit's.",
    )

    class Meta:
        db_table = "test_case_group"
        constraints = [models.UniqueConstraint("repository", "name", name="case_group_is_told_once")]

    def __str__(self) -> str:
        return self.name


class Roster(Stored):
    """A distinct set of tests in a fixed order; the same set night after night is one row.

    A set that is almost one that is stored already is told by it (``dashboard.packing.differences``): ``base``,
    what is ``gone`` and where the others ``come``; its own lists are then of those only that came.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=16)
    base = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, related_name="+", db_index=False, help_text="Never told by another."
    )
    gone = ArrayField(models.IntegerField(), default=list)
    come = ArrayField(models.IntegerField(), default=list)
    own_ids = ArrayField(models.BigIntegerField(), db_column="case_ids")
    own_durations = models.BinaryField(
        default=b"",
        db_column="durations",
        help_text="What the tests of own_ids took when the set was first met: codes of dashboard.packing, "
        "squeezed; empty where that was not kept.",
    )

    class Meta:
        db_table = "test_roster"
        constraints = [models.UniqueConstraint("repository", "digest", name="roster_is_stored_once")]
        indexes = [models.Index("base", condition=models.Q(base__isnull=False), name="roster_by_base")]

    def __str__(self) -> str:
        return f"set of tests {self.pk}"

    @property
    def told(self) -> Difference:
        """What is other than in ``base``."""
        return Difference(self.gone, self.come)

    @cached_property
    def case_ids(self) -> list[int]:
        """All its tests, in its order; one query where another one tells it."""
        return self.own_ids if self.base is None else self.told.applied(self.base.case_ids, self.own_ids)

    @cached_property
    def usual(self) -> bytes:
        """What stored durations are told as differences to, a code for each test; "" where they are not."""
        own = unsqueeze(self.own_durations)
        if self.base is None or not self.base.usual:
            return b"" if self.base else own
        return bytes(self.told.applied(self.base.usual, own))


class Results(Stored):
    """How the tests of a roster ended, in the roster's order; packed by ``dashboard.packing``.

    Durations are differences to the roster's ``usual``.

    The table is partitioned by ``id``, a partition a month (``collectors.maintenance.partitions``).
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+")
    roster = models.ForeignKey(Roster, models.PROTECT, related_name="+")
    outcomes = models.BinaryField()
    durations = models.BinaryField()

    class Meta:
        db_table = "test_results"

    def __str__(self) -> str:
        return f"results of {self.roster}"


class FailureMessage(Stored):
    """A distinct failure text; ``fingerprint`` masks numbers, addresses and paths, so that one fault is one row."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="+", db_index=False)
    fingerprint = models.BinaryField(max_length=16)
    message = models.TextField(blank=True, default="")
    details = models.TextField(blank=True, default="")

    class Meta:
        db_table = "failure_message"
        constraints = [models.UniqueConstraint("repository", "fingerprint", name="failure_text_is_stored_once")]

    def __str__(self) -> str:
        return self.message


class ReportFailures(Stored):
    """The failing tests of one report of one artifact, which is the leg that they failed in: a row for all of them.

    ``case_ids`` ascend, ``message_ids`` are parallel to them, ``errors`` are the tests that ended in an error. The
    table is partitioned by ``report``, a partition a month; there is no index on ``id``, which only Django wants.
    """

    repository = models.ForeignKey(
        Repository, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    report = models.OneToOneField("Report", models.CASCADE, related_name="+")
    case_ids = ArrayField(models.BigIntegerField())
    message_ids = ArrayField(models.BigIntegerField())
    errors = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        db_table = "report_failures"
        indexes = [GinIndex(fields=["case_ids"], name="failures_of_case")]

    def __str__(self) -> str:
        return f"{len(self.case_ids)} failures"


class Failure(Stored):
    """A failing test in one report, as a row: a view of ``ReportFailures``, to read.

    It is found by its report at once; by its case where ``case_ids`` is asked for it as well (``@>``).
    """

    pk = models.CompositePrimaryKey("report_id", "case_id")
    repository = models.ForeignKey(Repository, models.DO_NOTHING, related_name="+")
    report = models.ForeignKey("Report", models.DO_NOTHING, related_name="failures")
    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="failures")
    outcome = models.SmallIntegerField(help_text="2 failed, 3 error: collectors.parsers.results.Outcome")
    message = models.ForeignKey(FailureMessage, models.DO_NOTHING, related_name="+")

    class Meta:
        db_table = "failure"
        managed = False

    def __str__(self) -> str:
        return f"{self.case}: {self.message}"
