"""Which repositories are worth asking at all: one GraphQL question for each 25 of them.

    entries of a night ─▶ sort_out() ─▶ nothing ran: ended as unchanged, no REST request
                                   └──▶ something ran: its runs are stored, its artifacts are worth listing
                                   └──▶ not told (first time, --since, too much has happened): ask by REST

The mark of an answer is kept on the repository only when its part of the night has ended well, so that a crash at
any moment asks again rather than forgets.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from collectors import branches
from collectors.clients import client_for
from collectors.github.client import GitHubClient
from collectors.github.errors import GitHubError, GraphQLMissing, RateLimited
from collectors.github.pulse import Pulse, SuiteRun
from collectors.ingest import READER_VERSION
from collectors.listing import LATE_UPLOADS, TREND_EVENTS
from collectors.log_fallback import with_unread_logs
from collectors.putting_off import put_off
from collectors.tags import store_tags
from dashboard.credentials import CredentialUnreadableError
from dashboard.models import Artifact, Repository, RepositoryCollection, WorkflowRun

State = RepositoryCollection.State

BATCH = 25
"""Repositories in one question. A hundred run into GitHub's limit of ten seconds now and then, fifty take half."""
ASK_AGAIN_SECONDS = 3600.0
"""A server that has no GraphQL is not asked for it again by this process for an hour."""

_without_graphql: dict[str, float] = {}


def batches(entry_ids: Sequence[int]) -> list[list[int]]:
    """The entries in handfuls that one credential can ask for, in their order."""
    organizations = dict(
        RepositoryCollection.objects.filter(pk__in=entry_ids).values_list("pk", "repository__organization_id")
    )
    open_batches: dict[int, list[int]] = {}
    made: list[list[int]] = []
    for entry_id in entry_ids:
        organization = organizations[entry_id]
        batch = open_batches.get(organization)
        if batch is None or len(batch) >= BATCH:
            batch = open_batches[organization] = []
            made.append(batch)
        batch.append(entry_id)
    return made


def worth_asking(entry_ids: Sequence[int]) -> Iterator[int]:
    """The entries that need more than the one question; the others have ended when this goes on."""
    for batch in batches(entry_ids):
        yield from sort_out(batch)


def sort_out(entry_ids: Sequence[int], may_put_off: bool = False) -> list[int]:
    """End the entries where nothing ran; give back those to collect. All belong to one organization.

    Trouble with the question ends nothing: every entry is then asked for by REST, which tells what is wrong. Only
    spent points are waited for, with ``may_put_off``: REST would cost two requests each, of which most are in vain.
    """
    entries = list(
        RepositoryCollection.objects.filter(pk__in=entry_ids)
        .exclude(state__in=RepositoryCollection.ENDED)
        .select_related("repository__organization", "collection")
    )
    askable = {entry.repository.node_id: entry for entry in entries if _can_be_told(entry)}
    if askable:
        _tell(askable, may_put_off)
    ended = set(
        RepositoryCollection.objects.filter(
            pk__in=[entry.pk for entry in entries], state__in=(*RepositoryCollection.ENDED, State.PUT_OFF)
        ).values_list("pk", flat=True)
    )
    standing = {entry.pk for entry in entries} - ended
    return [entry_id for entry_id in entry_ids if entry_id in standing]


def _can_be_told(entry: RepositoryCollection) -> bool:
    """Whether an answer could end it: it was collected before, is not lost, and its past is not asked for."""
    repository = entry.repository
    return bool(
        entry.state == State.WAITING
        and repository.node_id
        and repository.collected_through
        and repository.lost_at is None
        and entry.collection.since is None
    )


def _tell(askable: dict[str, RepositoryCollection], may_put_off: bool) -> None:
    first = next(iter(askable.values()))
    try:
        client = client_for(first.repository.organization)
    except (GitHubError, CredentialUnreadableError):
        return
    pulses: dict[str, Pulse] = {}
    with client:
        try:
            pulses = ask(client, list(askable))
        except RateLimited as error:
            if may_put_off:
                for entry in askable.values():
                    put_off(entry, error)
        except GitHubError:
            pass
        book(first, client)
    if pulses:
        _apply(askable, pulses)


def ask(client: GitHubClient, node_ids: Sequence[str]) -> dict[str, Pulse]:
    """``client.pulses``, and nothing where the server has no GraphQL."""
    if _without_graphql.get(client.address, 0.0) > time.monotonic():
        return {}
    try:
        return client.pulses(node_ids)
    except GraphQLMissing:
        _without_graphql[client.address] = time.monotonic() + ASK_AGAIN_SECONDS
        return {}


def book(entry: RepositoryCollection, client: GitHubClient) -> None:
    """The question belongs to the whole batch; it is booked on the batch's first repository."""
    before = entry.requests or {}
    counts = client.counts.as_dict()
    entry.requests = {**before, **{name: before.get(name, 0) + number for name, number in counts.items()}}
    entry.requests |= client.left()
    RepositoryCollection.objects.filter(pk=entry.pk).update(requests=entry.requests)


def _apply(askable: dict[str, RepositoryCollection], pulses: dict[str, Pulse]) -> None:
    told = [(askable[node_id], pulse) for node_id, pulse in pulses.items() if node_id in askable]
    busy = _busy([entry.repository_id for entry, _ in told])
    busy |= with_unread_logs([entry.repository for entry, _ in told])
    stored = _stored_runs([entry.repository_id for entry, _ in told])
    store_tags((entry.repository_id, pulse.tags) for entry, pulse in told if pulse.id == entry.repository.github_id)
    quiet: list[RepositoryCollection] = []
    for entry, pulse in told:
        repository = entry.repository
        if pulse.id != repository.github_id:
            continue
        entry.told = branches.told_by(pulse)
        if not same_facts(repository, pulse):
            entry.save(update_fields=["told"])
            continue  # renamed, moved, archived, another default branch: REST tells the rest of it
        if repository.collects_pull_requests:
            entry.save(update_fields=["told"])
            continue  # whose runs are not on these commits
        known_mark, _, known_head = repository.pulse.partition(" ")
        if pulse.mark == known_mark and entry.repository_id not in busy:
            quiet.append(entry)
        elif covers(pulse, known_head or repository.head_sha):
            entry.pulse = f"{pulse.mark} {pulse.commits[0] if pulse.commits else ''}"
            if entry.repository_id not in busy and _tells_nothing_new(repository, pulse, stored):
                quiet.append(entry)
                continue
            with transaction.atomic():
                store_runs(repository, pulse.runs)
                entry.save(update_fields=["pulse", "told"])
        else:
            entry.save(update_fields=["told"])
    _end_unchanged(quiet)


RunState = tuple[str, str, datetime | None]


def _stored_runs(repository_ids: Sequence[int]) -> dict[tuple[int, int], RunState]:
    """(repository, GitHub's number of a run) to what was stored of it."""
    rows = WorkflowRun.objects.filter(repository__in=repository_ids, is_trend=True).values_list(
        "repository_id", "github_id", "status", "conclusion", "updated_at"
    )
    return {(repository, number): (status, ended, at) for repository, number, status, ended, at in rows}


def _tells_nothing_new(repository: Repository, pulse: Pulse, stored: dict[tuple[int, int], RunState]) -> bool:
    """Whether REST has told all of this before, as it has in the night after a repository's first."""
    return pulse.commits[0] == repository.head_sha and all(
        stored.get((repository.pk, run.id)) == (run.status, run.conclusion, run.updated_at)
        for run in pulse.runs
        if counts(repository, run)
    )


def _busy(repository_ids: Sequence[int]) -> set[int]:
    """Repositories where something is still to do although nothing ran: unread or refused by an older reader, or
    a run so young that an upload of it may be late."""
    Kind = Artifact.State  # noqa: N806
    unfinished = Artifact.objects.filter(
        Q(state__in=(Kind.LISTED, Kind.FAILED))
        | Q(state__in=Artifact.STANDING, counted=False)
        | Q(state=Kind.REJECTED, reader_version__lt=READER_VERSION),
        repository__in=repository_ids,
        run__is_trend=True,
    )
    young = WorkflowRun.objects.filter(
        repository__in=repository_ids, is_trend=True, updated_at__gt=timezone.now() - LATE_UPLOADS
    )
    return set(unfinished.values_list("repository", flat=True)) | set(young.values_list("repository", flat=True))


def same_facts(repository: Repository, pulse: Pulse) -> bool:
    """Whether GitHub still says of a repository what its row says."""
    return (
        pulse.full_name == repository.full_name
        and pulse.default_branch == repository.default_branch
        and pulse.archived == repository.archived_on_github
        and pulse.private == repository.private
    )


def covers(pulse: Pulse, known_head: str) -> bool:
    """Whether the answer shows every run since the commit that was the newest last time."""
    return (
        pulse.whole
        and known_head in pulse.commits
        and all(run.workflow_path and run.created_at and run.updated_at for run in pulse.runs)
    )


def counts(repository: Repository, run: SuiteRun) -> bool:
    """Whether a run counts for the trend (contract rule 1), as far as a check suite shows it."""
    return run.branch == repository.default_branch and run.event in TREND_EVENTS


def store_runs(repository: Repository, runs: Iterable[SuiteRun]) -> None:
    """Store the runs that count for the trend.

    What it does not show (attempt, title) stays as REST told it before.
    """
    rows = [_row(repository, run) for run in runs if counts(repository, run)]
    WorkflowRun.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["repository", "github_id"],
        update_fields=["status", "conclusion", "updated_at", "is_trend"],
    )


def _row(repository: Repository, run: SuiteRun) -> WorkflowRun:
    created = run.created_at or datetime.fromtimestamp(0, UTC)
    return WorkflowRun(
        repository=repository,
        github_id=run.id,
        workflow_path=run.workflow_path,
        workflow_name=run.workflow_name,
        run_number=run.run_number,
        event=run.event,
        status=run.status,
        conclusion=run.conclusion,
        head_branch=run.branch,
        head_sha=run.sha,
        # The commit is the repository's own: its suites are never those of a fork.
        head_repository_id=repository.github_id,
        is_trend=True,
        committed_at=run.committed_at,
        created_at=created,
        started_at=created,
        updated_at=run.updated_at or created,
        url=run.url,
    )


def _end_unchanged(quiet: Sequence[RepositoryCollection]) -> None:
    now = timezone.now()
    ids = [entry.pk for entry in quiet]
    seen = {entry.repository_id for entry in quiet}
    marked = []
    for entry in quiet:
        if entry.pulse:
            entry.repository.pulse = entry.pulse
            marked.append(entry.repository)
    with transaction.atomic():
        waiting = RepositoryCollection.objects.filter(pk__in=ids, state=State.WAITING)
        times = {"started_at": now, "finished_at": now, "lit_at": now}
        waiting.filter(repository__latest=None).update(state=State.NO_EVIDENCE, **times)
        waiting.update(state=State.UNCHANGED, **times)
        Repository.objects.filter(pk__in=seen).update(collected_through=now, error="", error_at=None)
        Repository.objects.bulk_update(marked, ["pulse"])
