"""One repository in one collection: ask what ran, read what it left, put its commits together.

    begin() ─▶ waiting ─▶ light(): facts, runs, artifacts, newest commit ─▶ deepen(): older commits, a few at a time
                                     │ nothing new: unchanged                      │ nothing left: collected
                                     └ any trouble: failed, with a sentence ◀──────┤
                                       a limit of GitHub's: put off until it ends ◀┘

State is in PostgreSQL; each function may be run again at any time and goes on from what is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from collectors import branches, day_sums, listing, pull_requests, repository_facts, rollup, sources
from collectors.artifacts import read_pending
from collectors.carrying import bring_forward
from collectors.clients import client_for
from collectors.contexts import forget_older_contexts
from collectors.github.client import GitHubClient
from collectors.github.errors import GitHubError, NotFound, RateLimited
from collectors.log_fallback import fall_back
from collectors.putting_off import put_off
from collectors.remembered import StoredBodies
from collectors.snapshots import put_together
from dashboard.credentials import CredentialUnreadableError
from dashboard.models import Artifact, Repository, RepositoryCollection

logger = logging.getLogger(__name__)

State = RepositoryCollection.State

# How long GitHub keeps artifacts at the most: public repositories 90 days, private ones up to 400.
KEPT_PUBLIC = timedelta(days=91)
KEPT_PRIVATE = timedelta(days=401)
# After a gap, what ran shortly before the last collection is read again: clocks differ, uploads lag.
OVERLAP = timedelta(days=2)
LOST_ASKED_EVERY = timedelta(days=7)
# Older commits read in one go, before others get their turn and the pages are brought up to date.
COMMITS_AT_ONCE = 15
LOCK_CLASS = 0x7265706F
LOCK_WAIT = "10min"


_held: ContextVar[frozenset[int]] = ContextVar("_held", default=frozenset())


@contextmanager
def only_collector_of(repository_id: int) -> Iterator[None]:
    """Hold the repository for this process: two collections of it never mix. Who holds it already goes on."""
    if repository_id in _held.get():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET lock_timeout = '{LOCK_WAIT}'; SELECT pg_advisory_lock(%s, %s)", [LOCK_CLASS, repository_id]
        )
    before = _held.set(_held.get() | {repository_id})
    try:
        yield
    finally:
        _held.reset(before)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s); SET lock_timeout = 0", [LOCK_CLASS, repository_id])


def light(entry_id: int, may_put_off: bool = False) -> bool:
    """Bring a repository's newest commit onto the page; True when older commits are still to be read.

    With ``may_put_off`` a spent limit of GitHub's puts the repository off until it ends, for a sweep to take up;
    without, there is nobody who would, and it fails.
    """
    return _step(entry_id, _light, may_put_off)


def deepen(entry_id: int, may_put_off: bool = False) -> bool:
    """Read the next older commits; True when there are more. ``may_put_off`` as in ``light``."""
    return _step(entry_id, _deepen, may_put_off)


Step = Callable[[RepositoryCollection, GitHubClient], bool]


def _step(entry_id: int, step: Step, may_put_off: bool) -> bool:
    """Run one step with its repository held, its requests counted and any trouble kept to this repository."""
    entries = RepositoryCollection.objects.filter(pk=entry_id)
    with only_collector_of(entries.values_list("repository", flat=True).get()):
        entry = entries.select_related("repository__organization", "collection").get()
        if entry.state in RepositoryCollection.ENDED:
            return False
        client = None
        try:
            client = client_for(entry.repository.organization)
            client.bodies = StoredBodies(client.address, entry.repository)
            if entry.repository.github_id is not None:
                client.names[entry.repository.github_id] = entry.repository.full_name
            return step(entry, client)
        except RateLimited as error:
            if not (may_put_off and put_off(entry, error)):
                _fail(entry, error.sentence)
        except GitHubError as error:
            _fail(entry, error.sentence, lost=isinstance(error, NotFound))
        except CredentialUnreadableError as error:
            _fail(entry, str(error))
        except Exception as error:
            logger.exception("collecting %s", entry.repository.full_name)
            _fail(
                entry,
                f"Clerestory stumbled over itself ({type(error).__name__}); the log of the worker says where.",
            )
        finally:
            if client is not None:
                _count_requests(entry, client)
                client.close()
            # Its end and its requests at once: whoever ends the night finds both.
            entry.save(update_fields=["state", "error", "finished_at", "pending", "requests"])
        return False


def _light(entry: RepositoryCollection, client: GitHubClient) -> bool:
    repository = entry.repository
    if repository.lost_at and timezone.now() - repository.lost_at < LOST_ASKED_EVERY:
        _end(entry, State.UNCHANGED if repository.latest_id else State.NO_EVIDENCE)
        return False
    entry.state, entry.started_at = State.LISTING, entry.started_at or timezone.now()
    entry.save(update_fields=["state", "started_at"])
    listing.take_up_again(repository)
    since = _since(entry)
    if entry.pulse:
        changed = True  # GraphQL has told the facts and the runs
    else:
        repository_facts.refresh_facts(client, repository)
        changed = listing.list_runs(client, repository, since, afresh=entry.collection.since is not None)
    moved = (changed or bool(entry.told)) and branches.follow(repository, client, entry.told)
    if changed:
        listing.list_artifacts(client, repository, since)
    if not entry.pulse:
        # Only now: with the ETag stored and the artifacts not, they would never be listed.
        repository.save(update_fields=["facts_etag", "runs_etag"])
    commits = _pending_commits(repository)
    late = _take_up_sources(repository, client, commits)
    if commits:
        entry.state = State.READING
        entry.pending = _pending(repository).count()
        entry.save(update_fields=["state", "pending"])
        _read_commits(entry, client, commits[:1])
        bring_forward(repository, client)
        rollup.refresh_repository(repository)
    elif bring_forward(repository, client) or changed or late or moved:
        rollup.refresh_repository(repository)
    day_sums.sum_up_in_passing()
    entry.lit_at = timezone.now()
    entry.save(update_fields=["lit_at"])
    return _go_on(entry, client, more=len(commits) > 1)


def _take_up_sources(repository: Repository, client: GitHubClient, commits: list[str]) -> list[str]:
    """Ask again for the source that earlier nights left waiting; the commits that are whole now."""
    waiting = [sha for sha in sources.unfinished(repository) if sha not in commits]
    whole = [sha for sha in waiting if sources.learn(repository, client, sha)]
    for sha in whole:
        put_together(repository, sha)
    return whole


def _deepen(entry: RepositoryCollection, client: GitHubClient) -> bool:
    commits = _pending_commits(entry.repository)[:COMMITS_AT_ONCE]
    if not commits:
        pull_requests.read_some(entry, client)
    _read_commits(entry, client, commits)
    bring_forward(entry.repository, client)
    rollup.refresh_repository(entry.repository)
    day_sums.sum_up_in_passing()
    return _go_on(entry, client, more=bool(_pending_commits(entry.repository)))


def _go_on(entry: RepositoryCollection, client: GitHubClient, more: bool) -> bool:
    """End the repository's part, or say that there is more to read."""
    beside = pull_requests.waiting(entry.repository).count()
    entry.pending = _pending(entry.repository).count() + beside
    if more or beside:
        entry.state = State.BACKFILLING
        entry.save(update_fields=["state", "pending"])
        return True
    told = fall_back(entry.repository, client)
    _remember(entry)
    unread = Artifact.objects.filter(repository=entry.repository, run__is_trend=True, state=Artifact.State.FAILED)
    first = unread.order_by("created_at").first()
    if first is not None:
        _fail(entry, first.reason)
    elif entry.artifacts or entry.same or entry.rejected or told:
        _end(entry, State.COLLECTED)
    else:
        _end(entry, State.UNCHANGED if entry.repository.latest_id else State.NO_EVIDENCE)
    return False


def _read_commits(entry: RepositoryCollection, client: GitHubClient, shas: list[str]) -> None:
    """Read the pending artifacts of some commits, newest commit first, and put each commit together."""
    for sha in shas:
        read_pending(entry, client, sha)
        sources.learn(entry.repository, client, sha)
        put_together(entry.repository, sha)
    forget_older_contexts(entry.repository)


def _pending(repository: Repository) -> QuerySet[Artifact]:
    """Artifacts to read, and those whose commit was not put together since they were read (a crash lay between)."""
    to_read = Q(state=Artifact.State.LISTED) | Q(state__in=Artifact.STANDING, counted=False)
    return Artifact.objects.filter(to_read, repository=repository, run__is_trend=True)


def _pending_commits(repository: Repository) -> list[str]:
    """The commits that something is pending for, newest first in the order of the trend."""
    newest: dict[str, datetime] = {}
    rows = _pending(repository).values_list("run__head_sha", "run__committed_at", "run__created_at")
    for sha, committed_at, created_at in rows:
        stood_at = min(committed_at, created_at) if committed_at else created_at
        newest[sha] = min(stood_at, newest.get(sha, stood_at))
    return sorted(newest, key=lambda sha: (newest[sha], sha), reverse=True)


def _since(entry: RepositoryCollection) -> datetime:
    """How far back to look: --since; else all that GitHub may still have; else the window, longer after a gap."""
    now = timezone.now()
    if entry.collection.since:
        return datetime.combine(entry.collection.since, time(), UTC)
    through = entry.repository.collected_through
    if through is None:
        return now - (KEPT_PRIVATE if entry.repository.private else KEPT_PUBLIC)
    return min(now - timedelta(days=settings.COLLECT_WINDOW_DAYS), through - OVERLAP)


def _remember(entry: RepositoryCollection) -> None:
    """The repository was read up to here, whatever becomes of single artifacts."""
    repository = entry.repository
    repository.collected_through = entry.started_at
    repository.error, repository.error_at = "", None
    repository.pulse = entry.pulse
    repository.save(update_fields=["collected_through", "error", "error_at", "pulse"])


def _end(entry: RepositoryCollection, state: str, error: str = "") -> None:
    entry.state, entry.error, entry.finished_at = state, error, timezone.now()


def _fail(entry: RepositoryCollection, sentence: str, lost: bool = False) -> None:
    """Record the trouble on the repository and on its part of the collection; other repositories go on."""
    now = timezone.now()
    fields = {"error": sentence, "error_at": now}
    if lost:
        fields["lost_at"] = now
    Repository.objects.filter(pk=entry.repository_id).update(**fields)
    _end(entry, State.FAILED, sentence)


def _count_requests(entry: RepositoryCollection, client: GitHubClient) -> None:
    """Add the step's requests to what its earlier steps made, with GitHub's last word on what is left."""
    counts = client.counts.as_dict()
    before = entry.requests or {}
    entry.requests = before | {name: before.get(name, 0) + number for name, number in counts.items()}
    entry.requests |= client.left()
