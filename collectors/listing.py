"""What GitHub lists of a repository, as rows: its runs and their artifacts. Nothing is downloaded here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from collectors.deep_lists import runs_between, too_deep
from collectors.github.client import GitHubClient
from collectors.github.errors import NotFound, UnexpectedAnswer
from collectors.github.facts import ArtifactFacts, RunFacts
from collectors.ingest import READER_VERSION
from dashboard import discovery
from dashboard.models import Artifact, Repository, WorkflowRun

TREND_EVENTS = WorkflowRun.TREND_EVENTS
# Uploads may be listed minutes after their run ended; a young run is looked at again.
LATE_UPLOADS = timedelta(hours=48)
# Up to this many runs that changed are asked one by one; for more, the repository's own list is cheaper.
ONE_BY_ONE = 1
EXPIRED = "It expired before it was read: collect more often, or raise its retention-days."


def take_up_again(repository: Repository) -> None:
    """What failed last time is tried again now, once; what an older reader refused is read by the present one."""
    State = Artifact.State  # noqa: N806
    refused = Q(state=State.REJECTED, reader_version__lt=READER_VERSION, run__is_trend=True)
    again = Artifact.objects.filter(Q(state=State.FAILED) | refused, repository=repository)
    again.update(state=State.LISTED, counted=False)


def list_runs(client: GitHubClient, repository: Repository, since: datetime, afresh: bool = False) -> bool:
    """Store the runs that count for the trend and began after ``since``; False when GitHub says nothing changed.

    ``afresh`` asks without the stored ETag.

    The unfiltered list is read and filtered here: GitHub's filtered lists come from an index that may be stale.
    """
    assert repository.github_id is not None
    etag = repository.runs_etag if repository.collected_through and not afresh else ""
    first_etag, oldest = "", timezone.now()
    try:
        for page in client.runs(repository.github_id, etag=etag or None):
            if page.not_modified:
                return False
            first_etag = first_etag or page.etag
            _store_runs(repository, page.items)
            oldest = min([oldest, *(run.created_at for run in page.items if run.created_at)])
            if page.items and all(_before(run.created_at, since) for run in page.items):
                break
    except UnexpectedAnswer as error:
        if not too_deep(error):
            raise
        # A day more: the list is only about newest first.
        for runs in runs_between(client, repository.github_id, since, oldest + timedelta(days=1)):
            _store_runs(repository, runs)
    repository.runs_etag = first_etag
    return True


def _before(moment: datetime | None, limit: datetime) -> bool:
    return moment is not None and moment < limit


def _store_runs(repository: Repository, runs: Iterable[RunFacts]) -> None:
    rows = [
        _run_row(repository, run, counts)
        for run in runs
        if (counts := counts_for_trend(repository, run)) or _is_wanted_beside(repository, run)
    ]
    WorkflowRun.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["repository", "github_id"],
        update_fields=[
            "run_attempt", "status", "conclusion", "started_at", "updated_at", "title", "is_trend", "workflow_name",
        ],
    )  # fmt: skip


def counts_for_trend(repository: Repository, run: RunFacts) -> bool:
    """Contract rule 1: the repository's own run, on its default branch, by push, schedule or dispatch."""
    return (
        run.head_repository_id == repository.github_id
        and run.head_branch == repository.default_branch
        and run.event in TREND_EVENTS
    )


def _is_wanted_beside(repository: Repository, run: RunFacts) -> bool:
    """Whether it is a pull request's, of the last days, where these are collected."""
    recent = timezone.now() - timedelta(days=settings.COLLECT_WINDOW_DAYS)
    return (
        repository.collects_pull_requests
        and run.event in WorkflowRun.PULL_REQUEST_EVENTS
        and not _before(run.created_at, recent)
    )


def _run_row(repository: Repository, run: RunFacts, counts: bool) -> WorkflowRun:
    epoch = datetime.fromtimestamp(0, UTC)
    created = run.created_at or run.run_started_at or epoch
    return WorkflowRun(
        repository=repository,
        github_id=run.id,
        workflow_path=run.workflow_path,
        workflow_name=run.workflow_name,
        title=run.display_title,
        run_number=run.run_number,
        run_attempt=run.run_attempt,
        event=run.event,
        status=run.status,
        conclusion=run.conclusion,
        head_branch=run.head_branch,
        head_sha=run.head_sha,
        head_repository_id=run.head_repository_id,
        is_trend=counts,
        committed_at=run.committed_at,
        created_at=created,
        started_at=run.run_started_at or created,
        updated_at=run.updated_at or created,
        url=run.url,
    )


def list_artifacts(client: GitHubClient, repository: Repository, since: datetime) -> None:
    """Store the artifacts of completed runs that are new, changed, or young enough for a late upload."""
    assert repository.github_id is not None
    now = timezone.now()
    wanted = Q(is_trend=True)
    if repository.collects_pull_requests:
        wanted |= Q(event__in=WorkflowRun.PULL_REQUEST_EVENTS)
    runs = list(
        WorkflowRun.objects.filter(
            Q(listed_at=None) | Q(listed_at__lt=F("updated_at")) | Q(updated_at__gt=now - LATE_UPLOADS),
            wanted,
            repository=repository,
            status="completed",
            updated_at__gte=since,
        )
    )
    if not runs:
        return
    changed = [run for run in runs if run.listed_at is None or run.listed_at < run.updated_at]
    if len(changed) <= ONE_BY_ONE:
        by_run = {run.github_id: _run_artifacts(client, repository.github_id, run) for run in runs}
    else:
        by_run = _listed_together(client, repository.github_id, runs)
    in_vain = _names_in_vain(repository)
    with transaction.atomic():
        for run in runs:
            listed = by_run.get(run.github_id, ())
            if listed is not None:
                _store_artifacts(repository, run, listed, in_vain)
            run.listed_at = now
        WorkflowRun.objects.bulk_update(runs, ["listed_at", "artifacts_etag"])


def _run_artifacts(client: GitHubClient, repository_id: int, run: WorkflowRun) -> Sequence[ArtifactFacts] | None:
    """A run's artifacts; None when the list is as it was last time."""
    try:
        listed, run.artifacts_etag = client.run_artifacts(repository_id, run.github_id, run.artifacts_etag)
    except NotFound:
        return ()  # The run was deleted between the two lists.
    return listed


def _listed_together(
    client: GitHubClient, repository_id: int, runs: Sequence[WorkflowRun]
) -> dict[int, Sequence[ArtifactFacts] | None]:
    """The artifacts of many runs out of the repository's own list, which is cheaper then."""
    by_run: dict[int, list[ArtifactFacts]] = defaultdict(list)
    oldest, shown = min(run.created_at for run in runs) - timedelta(days=1), timezone.now()
    try:
        for page in client.artifacts(repository_id):
            for artifact in page.items:
                if artifact.run_id is not None:
                    by_run[artifact.run_id].append(artifact)
                shown = min(shown, artifact.created_at or shown)
            if page.items and all(_before(artifact.created_at, oldest) for artifact in page.items):
                break
    except UnexpectedAnswer as error:
        if not too_deep(error):
            raise
        older = [run for run in runs if run.created_at <= shown + timedelta(days=1)]
        return {**by_run, **{run.github_id: _run_artifacts(client, repository_id, run) for run in older}}
    return {**by_run}


def _names_in_vain(repository: Repository) -> set[str]:
    """Names whose newest artifacts that were looked into held no report."""
    looked_into = Artifact.objects.filter(
        repository=repository, run__is_trend=True, read_at__isnull=False, reader_version=READER_VERSION
    )
    told = set(looked_into.values_list("name", "state").distinct())
    fruitful = {name for name, state in told if state != Artifact.State.PASSED_OVER}
    return {name for name, _ in told} - fruitful


def _store_artifacts(
    repository: Repository, run: WorkflowRun, listed: Sequence[ArtifactFacts], in_vain: set[str]
) -> None:
    known = {artifact.github_id: artifact for artifact in Artifact.objects.filter(repository=repository, run=run)}
    newest: dict[str, ArtifactFacts] = {}
    for facts in listed:
        standing = newest.get(facts.name)
        if standing is None or _made(facts, run) > _made(standing, run):
            newest[facts.name] = facts
    patterns = discovery.Patterns(repository.artifacts_to_read, repository.artifacts_to_pass_over)
    offers = [discovery.Offer(facts.name, facts.size_bytes or 0) for facts in newest.values()]
    left_out = discovery.passed_over(offers, patterns, in_vain)
    new: list[Artifact] = []
    changed: list[Artifact] = []
    for facts in listed:
        row = known.get(facts.id) or _artifact_row(repository, run, facts)
        settled = _settle(row, facts, newest[facts.name] is facts, left_out.get(facts.name, ""))
        if row.pk is None:
            new.append(row)
        elif settled:
            changed.append(row)
    Artifact.objects.bulk_create(new)
    Artifact.objects.bulk_update(changed, ["state", "reason", "counted"])


def _made(facts: ArtifactFacts, run: WorkflowRun) -> datetime:
    return facts.created_at or run.started_at


def _artifact_row(repository: Repository, run: WorkflowRun, facts: ArtifactFacts) -> Artifact:
    return Artifact(
        repository=repository,
        run=run,
        github_id=facts.id,
        name=facts.name[:400],
        size=facts.size_bytes or 0,
        digest=facts.digest.removeprefix("sha256:"),
        created_at=_made(facts, run),
        expires_at=facts.expires_at,
    )


def _settle(row: Artifact, facts: ArtifactFacts, stands: bool, left_out: str) -> bool:
    """Decide what is to be done with an artifact that was not read yet; True when its row changed."""
    State = Artifact.State  # noqa: N806
    unread = row.read_at is None and row.state != State.SAME
    refused_by_older = row.state == State.REJECTED and row.reader_version < READER_VERSION
    if not (unread or refused_by_older):
        return False
    before = (row.state, row.reason)
    if not stands:
        row.state, row.reason = State.SUPERSEDED, ""
    elif left_out:
        row.state, row.reason = State.PASSED_OVER, left_out
    elif facts.expired:
        row.state, row.reason = State.EXPIRED, EXPIRED
    elif row.state != State.FAILED:
        row.state, row.reason = State.LISTED, ""
    row.counted = row.state != State.LISTED
    return (row.state, row.reason) != before
