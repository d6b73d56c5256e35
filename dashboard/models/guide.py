"""What is known while an organization is being set up: what GitHub was asked, and what could be collected."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from dashboard.models.organization import Organization
from dashboard.models.stored import Stored


class Question(Stored):
    """Something that the admin wants to know of GitHub: a worker asks, and writes the answer here.

    ``answer`` of CREDENTIAL: ``{"findings": [{"about", "state", "sentence", "cure"}]}``; that of REPOSITORIES is in
    the candidates. ``error`` says why there is none, or why it is not all. ``candidates``: only these rows
    are looked into.
    """

    class Kind(models.TextChoices):
        CREDENTIAL = "credential", "what the credential may do"
        REPOSITORIES = "repositories", "which repositories there are"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        ASKING = "asking", "being asked"
        ANSWERED = "answered", "answered"
        FAILED = "failed", "not answered"

    PATIENCE = timedelta(minutes=12)
    """A worker that has not answered by then has died."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="questions")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    candidates = models.JSONField(default=list)
    progress = models.TextField(blank=True, default="")
    answer = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "question"
        constraints = [models.UniqueConstraint("organization", "kind", name="question_of_a_kind_is_one")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.organization}"

    @property
    def open(self) -> bool:
        """Whether an answer is still to be hoped for."""
        unanswered = self.state in (self.State.WAITING, self.State.ASKING)
        return unanswered and timezone.now() - self.asked_at < self.PATIENCE


class Candidate(Stored):
    """A repository that GitHub lists and that may be chosen; nothing is collected of it.

    ``uploads`` are ``[run, name, bytes]`` of its newest day with artifacts on the default branch. ``artifacts`` and
    ``has_runs`` are NULL until it was looked into; ``trouble`` says why it could not be.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="candidates")
    github_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    default_branch = models.CharField(max_length=255, blank=True, default="")
    visibility = models.CharField(max_length=16)
    archived = models.BooleanField(default=False)
    fork = models.BooleanField(default=False)
    pushed_at = models.DateTimeField(null=True)
    has_runs = models.BooleanField(null=True)
    artifacts = models.IntegerField(null=True)
    uploads = models.JSONField(default=list)
    uploaded_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True, default="")
    chosen = models.BooleanField(default=False)

    class Meta:
        db_table = "candidate"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("organization", "github_id", name="candidate_is_listed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organization.login}/{self.name}"
