"""A GitHub organization (or a user's account) whose repositories are collected."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from dashboard.models.stored import Stored

LOGIN = RegexValidator(
    r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,98})$",
    "A login holds letters, digits and hyphens only: the part after github.com/ in the organization's address.",
)


def keeps_enough(days: int) -> None:
    """What is carried forward, and what is read again, needs its detail."""
    least = settings.LEAST_DETAIL_DAYS
    if 0 < days < least:
        raise ValidationError(f"Detail is kept for {least} days at the least; 0 keeps it for ever.")


class Organization(Stored):
    """``layer`` is its place in the dependency order, 1 first; NULL stands free of it."""

    github_id = models.BigIntegerField(
        "GitHub id",
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text="Filled in by the first collection.",
    )
    login = models.CharField(
        max_length=100,
        validators=[LOGIN],
        help_text="The part after github.com/ in the organization's address, for example “organvm-i-theoria”.",
    )
    title = models.CharField(
        max_length=200, blank=True, help_text="What people call it; shown in headings instead of the login."
    )
    layer = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Position in the dependency order: a repository may depend on the same or a lower number. "
        "Leave it empty when the organization stands outside that order.",
    )
    discover = models.BooleanField(
        default=False,
        help_text="Also collect repositories of this organization that are not listed here; "
        "they are added when a collection first sees them.",
    )
    read_logs = models.BooleanField(
        "read job logs",
        default=True,
        help_text="Where a run uploads no report, count its tests from the summary in its jobs' logs, one request "
        "a job. Such counts are marked as weaker and stay out of totals. A repository can say otherwise.",
    )
    pull_requests = models.BooleanField(
        "collect pull requests",
        default=False,
        help_text="Also read what pull requests upload, and show it apart. It never moves a trend, a total or a "
        "badge. A repository can say otherwise.",
    )
    artifact_include = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        verbose_name="artifacts to read",
        help_text="Name patterns separated by commas, for example “test-results-*, coverage*”. * stands for any "
        "text. Empty: every artifact whose name sounds like tests or coverage. A repository can say otherwise.",
    )
    artifact_exclude = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        verbose_name="artifacts to pass over",
        help_text="Name patterns separated by commas; they win over the patterns above. A repository can say "
        "otherwise.",
    )
    report_groups = ArrayField(
        models.CharField(max_length=300),
        default=list,
        blank=True,
        help_text="Which tests belong together, as “pattern = group” separated by commas, for example "
        "“unit-* = unit, tests-win = unit”. Empty: told by the artifact's name without versions and machines. "
        "Holds for what is read from then on. A repository can say otherwise.",
    )
    detail_days = models.PositiveIntegerField(
        "days of detail",
        null=True,
        blank=True,
        validators=[keeps_enough],
        help_text="How long the results of single tests, failures and lines of old commits are kept; 0 for ever. "
        "Figures of commits and days stay in any case. Empty: as the installation's KEEP_DETAIL_DAYS says. "
        "A repository can say otherwise.",
    )
    token_encrypted = models.TextField(
        blank=True, editable=False, help_text="This organization's own credential, encrypted with SECRET_KEY."
    )
    guide_step = models.CharField(max_length=16, blank=True, default="", editable=False)
    """How far its guided set-up has come; "" where there was none, "done" at its end."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "organization"
        ordering = ["login"]
        constraints = [
            models.UniqueConstraint(Lower("login"), name="organization_login_in_any_case_is_one"),
        ]
        indexes = [models.Index(fields=["layer", "login"], name="organization_in_order")]

    def __str__(self) -> str:
        return self.title or self.login
