"""Old commits let go of their detail: results, failures, lines. Figures, days, runs and artifacts stay for ever.

    a commit older than its repository's days of detail, neither its newest nor one that the newest carries from
      ├─ its groups, its snapshot, its reports  ─▶ point at no results and no lines any more
      └─ detail_dropped_before, detail_dropped_at ─▶ on the repository, for the pages to say so

Nothing is deleted here; ``orphans`` takes away what nothing points at, ``partitions`` whole months of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from dashboard.models import CommitSources, Report, Repository, Snapshot, SnapshotGroup

COMMITS_AT_ONCE = 50


def let_go(repository: Repository, now: datetime) -> int:
    """Apply a repository's retention as of ``now``; how many commits lost their detail. Its lock is held.

    Each batch of commits is a transaction; the repository says first from when on it may lack detail.
    """
    days = repository.detail_days
    if not days:
        return 0
    cutoff = now - timedelta(days=days)
    commits = _with_detail(repository, cutoff)
    if not commits:
        return 0
    before = max(cutoff, repository.detail_dropped_before or cutoff)
    repository.detail_dropped_before, repository.detail_dropped_at = before, timezone.now()
    repository.save(update_fields=["detail_dropped_before", "detail_dropped_at"])
    for at in range(0, len(commits), COMMITS_AT_ONCE):
        _drop(repository, commits[at : at + COMMITS_AT_ONCE])
    return len(commits)


def _with_detail(repository: Repository, cutoff: datetime) -> list[tuple[int, str]]:
    """(id, sha) of the commits before ``cutoff`` that still point at detail, oldest first."""
    old = Snapshot.objects.filter(repository=repository, ordered_at__lt=cutoff)
    pointing = {
        *old.exclude(manifest=None, own_manifest=None).values_list("pk", flat=True),
        *SnapshotGroup.objects.filter(snapshot__in=old)
        .exclude(results=None, manifest=None)
        .values_list("snapshot", flat=True),
    }
    kept = {repository.latest_id}
    kept |= set(SnapshotGroup.objects.filter(snapshot=repository.latest_id).values_list("carried_from", flat=True))
    chosen = Snapshot.objects.filter(pk__in=pointing - kept).oldest_first()
    return list(chosen.values_list("pk", "sha"))


def _drop(repository: Repository, commits: Sequence[tuple[int, str]]) -> None:
    ids, shas = [pk for pk, _ in commits], [sha for _, sha in commits]
    with transaction.atomic():
        SnapshotGroup.objects.filter(repository=repository, snapshot__in=ids).update(results=None, manifest=None)
        Snapshot.objects.filter(pk__in=ids).update(manifest=None, own_manifest=None)
        CommitSources.objects.filter(repository=repository, sha__in=shas).delete()
        Report.objects.filter(repository=repository, artifact__run__head_sha__in=shas).update(
            results=None, manifest=None
        )
