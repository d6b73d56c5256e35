"""A collection (a night, or one started by hand) and how each repository fared in it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dashboard.models.repository import Repository
from dashboard.models.stored import Stored


class Collection(Stored):
    """Running until ``finished_at`` is set; counts are sums over its repositories."""

    class Trigger(models.TextChoices):
        NIGHT = "night", "nightly"
        COMMAND = "command", "by command"
        ADMIN = "admin", "from the admin"

    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    since = models.DateField(null=True, help_text="--since: how far back to look")
    note = models.TextField(blank=True, default="")
    sandbox = models.JSONField(
        default=list, help_text="The layers around a reader where it ran: name, whether it held, and a sentence."
    )
    requests = models.JSONField(default=dict)
    """Totals as in contract section 4, and ``limit``, ``remaining``, ``reset`` as last seen."""
    fared = models.JSONField(null=True)
    """Of an ended one: how many repositories fared how, ``{"public": …, "all": …}``, as ``queries.night_totals``
    counts them; NULL while it runs, and until a sweep has counted one that an earlier release ended."""
    parts = models.JSONField(null=True)
    """The same by organization and state; apart, because a list of nights wants only their sums."""

    class Meta:
        db_table = "collection"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.get_trigger_display()} of {self.started_at:%d %b %Y}"


class RepositoryCollection(Stored):
    """One repository in one collection, moving from ``waiting`` to one of the four outcomes.

    ``put_off`` is no outcome: GitHub's limit was reached, and it is taken up again after ``not_before``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        LISTING = "listing", "asking GitHub"
        READING = "reading", "reading"
        BACKFILLING = "backfilling", "reading its past"
        COLLECTED = "collected", "read"
        UNCHANGED = "unchanged", "unchanged"
        NO_EVIDENCE = "no_evidence", "nothing to read"
        PUT_OFF = "put_off", "put off"
        FAILED = "failed", "failed"

    ENDED = (State.COLLECTED, State.UNCHANGED, State.NO_EVIDENCE, State.FAILED)

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="repositories", db_index=False)
    repository = models.ForeignKey(Repository, models.CASCADE, related_name="collections", db_index=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    error = models.TextField(blank=True, default="")
    warnings = ArrayField(models.TextField(), default=list)
    """Sentences about artifacts refused or expired in this collection, bounded."""
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lit_at = models.DateTimeField(null=True, help_text="when its newest commit was on the page")
    pending = models.IntegerField(default=0, help_text="artifacts still to read")
    artifacts = models.IntegerField(default=0)
    reports = models.IntegerField(default=0)
    tests = models.IntegerField(default=0)
    same = models.IntegerField(default=0, help_text="artifacts not downloaded: same bytes as one already read")
    rejected = models.IntegerField(default=0)
    expired = models.IntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    requests = models.JSONField(default=dict)
    pulse = models.TextField(blank=True, default="")
    """What GraphQL told before this began; its runs are stored, and it goes onto the repository at a good end."""
    told = models.JSONField(default=dict)
    """The newest commits of the branch as GraphQL told them: ``commits``, newest first, ``head_at``, ``at``."""
    not_before = models.DateTimeField(null=True, help_text="put off: when it may be taken up again")
    handed_out_at = models.DateTimeField(null=True, help_text="when it was last given to a worker")
    deaths = models.PositiveSmallIntegerField(default=0, help_text="how many workers died while they had it")

    class Meta:
        db_table = "repository_collection"
        constraints = [
            models.UniqueConstraint("collection", "repository", name="repository_is_collected_once_a_night")
        ]
        indexes = [
            models.Index("repository", models.F("id").desc(), name="collections_of_repository"),
            # How a night's repositories fared is counted by the index alone.
            models.Index(fields=["collection", "state"], name="collections_by_state"),
            # Asked each time that one ends: is there any other?
            models.Index(
                "collection",
                name="unended_of_collection",
                condition=~models.Q(state__in=("collected", "unchanged", "no_evidence", "failed")),
            ),
            # What the page of a large night says a word of.
            models.Index(
                "collection",
                name="troubled_of_collection",
                condition=models.Q(state="failed") | ~models.Q(warnings=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.repository_id}: {self.state}"
