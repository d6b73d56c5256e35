"""A collection as a whole: begun, joined, handed out, ended, summed up."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from collectors import day_sums
from collectors.clients import client_for
from collectors.github.client import GitHubClient
from collectors.github.errors import GitHubError
from collectors.remembered import forget_old, told_of_servers
from collectors.repository_facts import apply_facts
from collectors.untold import tell_tags
from dashboard.credentials import CredentialUnreadableError
from dashboard.models import Artifact, Collection, Organization, Repository, RepositoryCollection
from dashboard.nights import day_of
from dashboard.queries.night_totals import ended_sums

logger = logging.getLogger(__name__)

State = RepositoryCollection.State
REQUEST_KINDS = ("graphql", "rest", "not_modified", "downloads", "retried")
"""Contract section 4; beside these a collection keeps SUMMED, and what GitHub said last was LEFT."""
SUMMED = (*REQUEST_KINDS, "predicted", "backed_off", "bytes", "download_bytes")
LEFT = ("limit", "remaining", "reset", "points_limit", "points_remaining", "points_reset")
BEGIN_LOCK = 0x6E696768
COUNTED_AT_ONCE = 40
SHORT_LIVED, SHORT_LIVED_SEEN_WITHIN = timedelta(hours=36), timedelta(days=14)


def begin(
    trigger: str, repositories: QuerySet[Repository] | None = None, since: date | None = None
) -> tuple[Collection, list[int]]:
    """Start a collection, or join the running one; returns it and the ids of the entries to work on.

    Entries of the running collection that have not ended are among them: handing an entry out twice is harmless,
    and one whose worker died is taken up again. Those put off wait for their time.
    """
    chosen = (Repository.objects.all() if repositories is None else repositories).enabled()  # type: ignore[attr-defined]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BEGIN_LOCK])
        collection = Collection.objects.filter(finished_at=None, since=since).order_by("-id").first()
        if collection is None:
            collection = Collection.objects.create(trigger=trigger, since=since, note=told_of_servers())
        RepositoryCollection.objects.bulk_create(
            [RepositoryCollection(collection=collection, repository=repository) for repository in chosen],
            ignore_conflicts=True,
        )
    unfinished = collection.repositories.exclude(state__in=RepositoryCollection.ENDED).exclude(state=State.PUT_OFF)
    # What GitHub will have deleted first, then what was active last: what people look at is lit first.
    ordered = list(
        unfinished.order_by("-repository__evidence_at", "repository__full_name").values_list("pk", "repository")
    )
    hurried = _whose_uploads_live_short()
    ordered.sort(key=lambda entry: entry[1] not in hurried)
    return collection, [pk for pk, _ in ordered]


def _whose_uploads_live_short() -> set[int]:
    """Repositories whose last uploads were kept for a day or so: a night that comes to them late finds none."""
    lately = Artifact.objects.filter(created_at__gt=timezone.now() - SHORT_LIVED_SEEN_WITHIN)
    short = lately.filter(expires_at__lte=F("created_at") + SHORT_LIVED)
    return set(short.values_list("repository", flat=True).distinct())


def discover(organizations: Iterable[Organization]) -> list[str]:
    """Add repositories that organizations with ``discover`` have and we do not; sentences for what went wrong."""
    troubles = []
    for organization in organizations:
        try:
            with client_for(organization) as client:
                _add_new(organization, client)
        except (GitHubError, CredentialUnreadableError) as error:
            troubles.append(f"{organization.login}: {getattr(error, 'sentence', error)}")
    return troubles


def _add_new(organization: Organization, client: GitHubClient) -> None:
    known_ids = set(Repository.objects.exclude(github_id=None).values_list("github_id", flat=True))
    for facts in client.organization_repositories(organization.login):
        if facts.id in known_ids:
            continue
        owner, _, name = facts.full_name.partition("/")
        repository = Repository.objects.named(owner, name).first() or Repository(
            organization=organization, name=name
        )
        apply_facts(repository, facts)


def finish_if_done(collection_id: int) -> bool:
    """End the collection when all of its repositories have ended; True when this call ended it.

    The days are summed up before the end is written down, and how its repositories fared together with it: who
    dies in between leaves it open, and the sweep does both again.
    """
    unended = RepositoryCollection.objects.filter(collection_id=collection_id).exclude(
        state__in=RepositoryCollection.ENDED
    )
    running = Collection.objects.filter(pk=collection_id, finished_at=None)
    if unended.exists() or not running.exists():
        return False
    forget_old()
    tell_tags(collection_id)
    day_sums.sum_up(day_of(timezone.now()), all_up_to_today=True)
    with transaction.atomic(), connection.cursor() as cursor:
        # Who joins it in this moment brings work that has not ended.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BEGIN_LOCK])
        if unended.exists():
            return False
        sums = ended_sums(collection_id) | {"requests": _summed_requests(collection_id)}
        return bool(running.update(finished_at=timezone.now(), **sums))


def count_ended() -> int:
    """Count the newest nights that an earlier release ended, which counted none; how many."""
    uncounted = Collection.objects.filter(fared__isnull=True, finished_at__isnull=False).order_by("-id")
    ids = list(uncounted.values_list("pk", flat=True)[:COUNTED_AT_ONCE])
    for collection_id in ids:
        uncounted.filter(pk=collection_id).update(**ended_sums(collection_id))
    return len(ids)


def _summed_requests(collection_id: int) -> dict[str, Any]:
    total: Counter[str] = Counter(dict.fromkeys(SUMMED, 0))
    last: dict[str, Any] = {}
    rows = RepositoryCollection.objects.filter(collection_id=collection_id).order_by("finished_at", "id")
    for requests in rows.values_list("requests", flat=True):
        total.update({kind: requests.get(kind, 0) for kind in SUMMED})
        last |= {key: requests[key] for key in LEFT if key in requests}
    return dict(total) | last


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a collection is; counts of repositories by outcome, and what was read."""

    repositories: int
    collected: int
    unchanged: int
    no_evidence: int
    failed: int
    put_off: int
    lit: int
    pending: int
    artifacts: int
    reports: int
    rejected: int
    tests: int

    @property
    def ended(self) -> int:
        return self.collected + self.unchanged + self.no_evidence + self.failed


def progress(collection: Collection, entry_ids: list[int] | None = None) -> Progress:
    """The state of a collection, or of some of its entries, right now."""
    rows = collection.repositories.all() if entry_ids is None else collection.repositories.filter(pk__in=entry_ids)
    by_state = {state: Count("pk", filter=Q(state=state)) for state in (*RepositoryCollection.ENDED, State.PUT_OFF)}
    sums = rows.aggregate(
        **{str(state.value): count for state, count in by_state.items()},
        repositories=Count("pk"),
        lit=Count("pk", filter=Q(lit_at__isnull=False)),
        **{
            f"{name}_sum": Sum(name, default=0) for name in ("pending", "artifacts", "reports", "rejected", "tests")
        },
    )
    return Progress(
        repositories=sums["repositories"],
        collected=sums[State.COLLECTED.value],
        unchanged=sums[State.UNCHANGED.value],
        no_evidence=sums[State.NO_EVIDENCE.value],
        failed=sums[State.FAILED.value],
        put_off=sums[State.PUT_OFF.value],
        lit=sums["lit"],
        pending=sums["pending_sum"],
        artifacts=sums["artifacts_sum"],
        reports=sums["reports_sum"],
        rejected=sums["rejected_sum"],
        tests=sums["tests_sum"],
    )


def summary(collection: Collection, entry_ids: list[int]) -> dict[str, Any]:
    """Contract section 4's object for the repositories that were asked for."""
    now = progress(collection, entry_ids)
    rows = collection.repositories.filter(pk__in=entry_ids)
    requests: Counter[str] = Counter(dict.fromkeys(REQUEST_KINDS, 0))
    for counted in rows.values_list("requests", flat=True):
        requests.update({kind: counted.get(kind, 0) for kind in REQUEST_KINDS})
    # What is put off has failed for now, as far as somebody is concerned who will not wait for it.
    errors = rows.filter(state__in=(State.FAILED, State.PUT_OFF)).order_by("repository__full_name")
    ended = collection.finished_at or timezone.now()
    return {
        "repositories": now.repositories,
        "collected": now.collected,
        "unchanged": now.unchanged,
        "no_evidence": now.no_evidence,
        "failed": now.failed + now.put_off,
        "artifacts": now.artifacts,
        "reports": now.reports,
        "rejected_artifacts": now.rejected,
        "tests": now.tests,
        "requests": dict(requests),
        "seconds": round((ended - collection.started_at).total_seconds(), 3),
        "errors": [
            {"repository": name, "error": error}
            for name, error in errors.values_list("repository__full_name", "error")
        ],
    }
