"""The artifacts that a collection read last, with what their reports say before any merging."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from dashboard.models import Artifact, Report, Repository
from dashboard.queries.prepared import prepared, prepared_by_keys
from dashboard.queries.readable import readable_path
from dashboard.queries.standing import content_id
from dashboard.queries.uploads import COST_COLUMNS, LONGEST_NAME, Cost, cost_of
from dashboard.visibility import Reader

MOST = 20
MOST_OF_ONE = 2
LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class JustRead:
    """An artifact and the sums of its reports."""

    read_at: datetime
    full_name: str
    owner: str
    name: str
    artifact: str
    artifact_id: int
    """GitHub's id, as in the artifact's address."""
    sha256: str
    size: int
    state: str
    word: str
    reason: str
    tests: int | None
    failing: int | None
    percent: float | None
    cost: Cost | None

    @property
    def is_trouble(self) -> bool:
        return self.state == Artifact.State.REJECTED


def just_read(reader: Reader, started_at: datetime, finished_at: datetime | None) -> tuple[JustRead, ...]:
    """The newest artifacts that were read between these moments; two queries."""
    artifacts = _newest(reader, since=started_at, until=finished_at)
    contents = list({content_id(artifact) for artifact in artifacts})
    sums = {row["artifact"]: row for row in _sums(contents=contents)} if contents else {}
    return tuple(_read_row(artifact, sums.get(content_id(artifact), {})) for artifact in artifacts)


@prepared_by_keys
def _newest(reader: Reader, *, since: datetime, until: datetime | None) -> QuerySet[Any]:
    read = Q(read_at__gte=since) & (Q(read_at__lte=until) if until else Q())
    newest = Artifact.objects.filter(read, repository__in=Repository.objects.visible_to(reader)).order_by(
        "-read_at", "-id"
    )
    # One repository's past may be a hundred artifacts long: a few of each say more about the night.
    nth = Window(RowNumber(), partition_by="repository", order_by=("-read_at", "-id"))
    return (
        Artifact.objects.filter(pk__in=newest.values("pk")[:LOOKED_AT])
        .annotate(nth_of_repository=nth)
        .filter(nth_of_repository__lte=MOST_OF_ONE)
        .select_related("repository__organization")
        .only(*COLUMNS)
        .order_by("-read_at", "-id")[:MOST]
    )


@prepared
def _sums(*, contents: list[int]) -> QuerySet[Any]:
    by_artifact = Report.objects.filter(artifact__any=contents, error="").order_by().values("artifact")
    return by_artifact.annotate(
        tests=Sum("tests_total"),
        failing=Sum(F("tests_failed") + F("tests_errors")),
        valid=Sum("lines_valid"),
        covered=Sum("lines_covered", filter=Q(lines_valid__isnull=False)),
    )


COLUMNS = (
    *("name", "size", "digest", "sha256", "state", "reason", "read_at", "same_as_id", "github_id"),
    *COST_COLUMNS,
    *("repository__full_name", "repository__name", "repository__organization__login"),
)


def _read_row(artifact: Artifact, sums: dict[str, Any]) -> JustRead:
    assert artifact.read_at is not None
    return JustRead(
        read_at=artifact.read_at,
        full_name=artifact.repository.full_name,
        owner=artifact.repository.organization.login,
        name=artifact.repository.name,
        artifact=readable_path(artifact.name, LONGEST_NAME),
        artifact_id=artifact.github_id,
        sha256=artifact.sha256 or artifact.digest,
        size=artifact.size,
        state=artifact.state,
        word=artifact.get_state_display(),
        reason=artifact.reason,
        tests=sums.get("tests"),
        failing=sums.get("failing"),
        cost=None if artifact.same_as_id else cost_of(artifact),
        percent=100 * sums["covered"] / sums["valid"] if sums.get("valid") else None,
    )
