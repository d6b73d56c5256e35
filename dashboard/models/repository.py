"""A repository: its identity, what is asked of it, and its current figures."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Cast, Greatest, Lower, NullIf, Upper

from dashboard.models.figures import Figures, figure_constraints
from dashboard.models.organization import Organization, keeps_enough
from dashboard.models.stored import Stored
from dashboard.wording import NOTABLE_POINTS

if TYPE_CHECKING:
    from dashboard.visibility import Reader

NAME = RegexValidator(
    r"^[A-Za-z0-9._-]{1,100}$",
    "A repository's name holds letters, digits, dots, hyphens and underscores only, without its owner.",
)


REPORTED = models.Q(archived=False, evidence="report")
MEASURED = REPORTED & models.Q(lines_valid__gt=0)
PERCENT = (
    100.0
    * Cast("lines_covered", models.FloatField())
    / NullIf(Cast("lines_valid", models.FloatField()), models.Value(0.0))
)
"""Line coverage of 100; NULL where the valid lines are unknown or none."""
# Most evidence says what the night before said, and moves nothing.
MOVED = (
    models.Q(tests_delta__lt=0)
    | models.Q(tests_delta__gt=0)
    | models.Q(failing_delta__lt=0)
    | models.Q(failing_delta__gt=0)
    | models.Q(percent_delta__lte=-NOTABLE_POINTS)
    | models.Q(percent_delta__gte=NOTABLE_POINTS)
)
CHANGED_AT = Greatest(
    models.Case(models.When(MOVED, then=models.F("evidence_at"))), "failing_since", "silent_since", "created_at"
)
"""When a repository last gave news: figures that moved, a first failure, silence, or itself."""
LARGEST_FIRST = {
    "repository_by_tests": models.F("tests_total").desc(nulls_last=True),
    "repository_by_failing_tests": (models.F("tests_failed") + models.F("tests_errors")).desc(nulls_last=True),
    "repository_by_lines": models.F("lines_valid").desc(nulls_last=True),
}
"""The indexes by which a total is taken apart, what weighs most first."""


class RepositoryQuerySet(models.QuerySet["Repository"]):
    def visible_to(self, reader: Reader) -> RepositoryQuerySet:
        """The one visibility rule: staff see all; others the public repositories of a public installation.

        Finer permissions go here and nowhere else: every page, endpoint and count starts from this queryset.
        """
        if reader.is_staff:
            return self
        if reader.public_installation:
            return self.filter(private=False)
        return self.none()

    def hidden_from(self, reader: Reader) -> RepositoryQuerySet:
        """What ``visible_to`` leaves out: little as a rule, so that all are soonest counted without these."""
        if reader.is_staff:
            return self.none()
        return self.filter(private=True) if reader.public_installation else self

    def named(self, owner: str, name: str) -> RepositoryQuerySet:
        """The repository of that owner and name, in any case."""
        return self.called(f"{owner}/{name}")

    def called(self, full_name: str) -> RepositoryQuerySet:
        """The repository of that full name, in any case; by the index, which ``iexact`` would not find."""
        return self.alias(name_in_any_case=Lower("full_name")).filter(
            name_in_any_case=Lower(models.Value(full_name))
        )

    def enabled(self) -> RepositoryQuerySet:
        return self.filter(enabled=True)

    def active(self) -> RepositoryQuerySet:
        return self.filter(archived=False)

    def measured(self) -> RepositoryQuerySet:
        """Those that weigh in coverage: active ones whose reports tell the valid lines (contract rules 5, 9)."""
        return self.filter(MEASURED)

    def with_news(self, since: datetime | None) -> RepositoryQuerySet:
        """Active ones whose figures moved, that began to fail, fell silent or came then or later; by an index.

        None is since ever. To order by, there is ``changed_at``, when that was.
        """
        rows = self.active().alias(changed_at=CHANGED_AT)
        return rows.filter(changed_at__gte=since) if since else rows


class Repository(Figures):
    """Identity is GitHub's numeric id; the name is an attribute that renames and transfers change.

    The ``Figures`` columns are those of ``latest``; they are written by a roll-up and by nothing else, so that a
    list of repositories is one indexed scan.
    """

    class Condition(models.TextChoices):
        """What a row says about its repository; ``broke`` is told from ``failing`` by ``failing_since``."""

        FAILING = "failing", "failing"
        RAN_NOTHING = "ran-nothing", "ran no tests"
        SILENT = "silent", "silent"
        PASSING = "passing", "passing"
        NO_EVIDENCE = "no-evidence", "no evidence"

    class Evidence(models.TextChoices):
        """The grade of contract rule 12."""

        REPORT = "report", "report"
        LOG = "log", "log"
        NONE = "none", "none"

    # Who it is
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="repositories",
        help_text="Its owner on GitHub; leave it empty when you paste the whole address as the name.",
    )
    github_id = models.BigIntegerField("GitHub id", null=True, blank=True, unique=True, editable=False)
    node_id = models.TextField(blank=True, default="", editable=False)
    name = models.CharField(
        max_length=100, validators=[NAME], help_text="Without the owner, for example “recursive-engine”."
    )
    full_name = models.CharField(max_length=201, editable=False)
    description = models.TextField(blank=True, default="", editable=False)
    language = models.CharField(max_length=60, blank=True, default="", editable=False)
    url = models.URLField("address", max_length=400, blank=True, default="", editable=False)
    default_branch = models.CharField(max_length=255, blank=True, default="", editable=False)
    private = models.BooleanField(
        default=True, help_text="Private repositories are shown to staff only. Kept up to date from GitHub."
    )

    # What is asked of it
    enabled = models.BooleanField(
        default=True, help_text="Collected each night. Switched off, it keeps its figures."
    )
    archived = models.BooleanField(
        default=False,
        editable=False,
        help_text="Collected and shown, but left out of totals. Set when GitHub or the loaded file says so.",
    )
    archived_by_file = models.BooleanField(
        "archived", default=False, help_text="Keep it out of totals even if GitHub does not call it archived."
    )
    archived_on_github = models.BooleanField(default=False, editable=False)
    tags = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="Separated by commas, for example “flagship”.",
    )
    artifact_include = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        verbose_name="artifacts to read",
        help_text="Name patterns separated by commas, for example “test-results-*, coverage*”. "
        "Empty: as its organization says.",
    )
    artifact_exclude = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        verbose_name="artifacts to pass over",
        help_text="Name patterns separated by commas; they win over the patterns above. "
        "Empty: as its organization says.",
    )

    report_groups = ArrayField(
        models.CharField(max_length=300),
        default=list,
        blank=True,
        help_text="Which tests belong together, as “pattern = group” separated by commas, for example "
        "“unit-* = unit, tests-win = unit”. Empty: as its organization says, else told by the artifact's name "
        "without versions and machines. Holds for what is read from then on.",
    )

    read_logs = models.BooleanField(
        "read job logs",
        null=True,
        blank=True,
        help_text="Count tests from job logs where a run uploads no report. Unknown: as its organization says.",
    )
    pull_requests = models.BooleanField(
        "collect pull requests",
        null=True,
        blank=True,
        help_text="Also read what pull requests upload, and show it apart. Unknown: as its organization says.",
    )

    own_detail_days = models.PositiveIntegerField(
        "days of detail",
        null=True,
        blank=True,
        validators=[keeps_enough],
        help_text="How long the results of single tests, failures and lines of old commits are kept; 0 for ever. "
        "Empty: as its organization says.",
    )

    # What the collector remembers
    facts_etag = models.TextField(blank=True, default="", editable=False)
    runs_etag = models.TextField(blank=True, default="", editable=False)
    pulse = models.TextField(blank=True, default="", editable=False)
    """The mark of GraphQL's last answer and the newest commit in it: the same mark means that nothing ran."""
    collected_through = models.DateTimeField(null=True, editable=False)
    lost_at = models.DateTimeField(null=True, editable=False)
    error = models.TextField(blank=True, default="", editable=False)
    error_at = models.DateTimeField(null=True, editable=False)

    detail_dropped_before = models.DateTimeField(null=True, editable=False)
    """Commits that stood before this have their figures and no detail any more; when that was done last."""
    detail_dropped_at = models.DateTimeField(null=True, editable=False)

    # Where its HEAD stands
    branch_head = models.CharField(max_length=64, blank=True, default="", editable=False)
    """The newest commit of the default branch as GitHub told it, with its date and when that was; it may have no
    run. What ran since stands after it."""
    branch_head_at = models.DateTimeField(null=True, editable=False)
    branch_told_at = models.DateTimeField(null=True, editable=False)
    head_sha = models.CharField(max_length=64, blank=True, default="", editable=False)
    head_committed_at = models.DateTimeField(null=True, editable=False)
    head_state = models.CharField(max_length=24, blank=True, default="", editable=False)
    head_run_url = models.URLField(max_length=400, blank=True, default="", editable=False)

    # What it says now
    latest = models.ForeignKey("Snapshot", models.SET_NULL, null=True, editable=False, related_name="+")
    evidence = models.CharField(max_length=8, choices=Evidence.choices, default=Evidence.NONE, editable=False)
    condition = models.CharField(
        max_length=16, choices=Condition.choices, default=Condition.NO_EVIDENCE, editable=False
    )
    reason = models.TextField(blank=True, default="", editable=False)
    """Why there is no evidence, or why it is silent: one sentence for the row."""
    evidence_at = models.DateTimeField(null=True, editable=False)
    """When the newest artifact that counts was made; "seen" on the pages."""
    failing_since = models.DateTimeField(null=True, editable=False)
    """When the first commit of the present unbroken run of failing commits stood."""
    silent_since = models.DateTimeField(null=True, editable=False)
    tests_delta = models.IntegerField(null=True, editable=False)
    """Against the point before ``latest``: tests, failing tests, and percentage points of line coverage."""
    failing_delta = models.IntegerField(null=True, editable=False)
    percent_delta = models.FloatField(null=True, editable=False)
    failure_headline = models.TextField(blank=True, default="", editable=False)
    """The first line of the message that most failing tests share."""
    nights = models.BinaryField(default=b"", editable=False)
    """The last 60 nights with evidence, packed by ``dashboard.packing.pack_nights``."""
    days_due = models.DateField(null=True, editable=False)
    """Its oldest day that the days of its organization and of the estate were not summed up from yet."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RepositoryQuerySet.as_manager()

    class Meta:
        db_table = "repository"
        verbose_name_plural = "repositories"
        ordering = ["full_name"]
        constraints = [
            models.UniqueConstraint(Lower("full_name"), name="repository_name_in_any_case_is_one"),
            *figure_constraints("repository"),
        ]
        indexes = [
            models.Index("organization", "archived", name="repository_of_organization"),
            GinIndex(fields=["tags"], name="repository_by_tag"),
            # As the ORM's "icontains" compares; names do not change, so that writing a night leaves it alone.
            GinIndex(OpClass(Upper("full_name"), name="gin_trgm_ops"), name="repository_by_part_of_name"),
            models.Index(Upper("language"), name="repository_by_language"),
            models.Index("full_name", name="repository_by_name"),
            models.Index("id", name="repository_private", condition=models.Q(private=True)),
            *(
                models.Index(order, "full_name", name=name, condition=REPORTED)
                for name, order in LARGEST_FIRST.items()
            ),
            models.Index(
                PERCENT,
                name="repository_by_coverage",
                condition=MEASURED,
                include=["private", "lines_valid", "lines_covered"],
            ),
            models.Index(CHANGED_AT, name="repository_by_last_change", condition=models.Q(archived=False)),
            models.Index("evidence_at", name="repository_by_evidence", condition=models.Q(archived=False)),
            models.Index("days_due", name="repository_days_due", condition=models.Q(days_due__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: object, **kwargs: object) -> None:
        self.full_name = f"{self.organization.login}/{self.name}"
        self.archived = self.archived_by_file or self.archived_on_github
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # the two computed columns are all we add

    @property
    def artifacts_to_read(self) -> tuple[str, ...]:
        """Patterns of artifacts' names: its own, else its organization's; empty means by words in the name."""
        return tuple(self.artifact_include or self.organization.artifact_include)

    @property
    def artifacts_to_pass_over(self) -> tuple[str, ...]:
        return tuple(self.artifact_exclude or self.organization.artifact_exclude)

    @property
    def groups_chosen(self) -> tuple[str, ...]:
        """Lines of “pattern = group”: its own, else its organization's."""
        return tuple(self.report_groups or self.organization.report_groups)

    @property
    def collects_pull_requests(self) -> bool:
        """Whether what pull requests upload is read: its own word, else its organization's."""
        return self.organization.pull_requests if self.pull_requests is None else self.pull_requests

    @property
    def detail_days(self) -> int:
        """Days for which a commit's detail is kept, 0 for ever: its own word, its organization's, the estate's."""
        for days in (self.own_detail_days, self.organization.detail_days):
            if days is not None:
                return days
        return int(settings.KEEP_DETAIL_DAYS)

    @property
    def reads_logs(self) -> bool:
        """Whether counts out of its jobs' logs are wanted: its own word, else its organization's."""
        return self.organization.read_logs if self.read_logs is None else self.read_logs


class FormerName(Stored):
    """A name that a repository had before it was renamed or moved; addresses with it lead to the new one.

    A repository that takes the name over wins: its row is asked for first.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="former_names")
    full_name = models.CharField(max_length=201)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "former_name"
        constraints = [models.UniqueConstraint(Lower("full_name"), name="former_name_leads_to_one_repository")]

    def __str__(self) -> str:
        return self.full_name
