"""Completeness and carry-forward in the database (contract rules 6 and 7): what ``judging`` decides, written down.

    snapshots not settled ─▶ judge their whole neighbourhood ─▶ missing legs, carried groups ─▶ figures anew

A carried group's tests are those of the commit that it comes from. Of its lines only files count that no fresh
report names and whose bytes are the same on both commits; the others are stale: shown, and not counted.
Every step computes from what is stored, so that running it twice, or after a crash, ends in the same figures.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from collectors import interning
from collectors.github.client import GitHubClient
from collectors.github.errors import GitHubError
from collectors.group_figures import TESTS, line_figures, together
from collectors.judging import CommitPoint, Verdict, judge
from collectors.trees import Tree, tree_at
from dashboard.models import Artifact, Case, CoverageManifest, Repository, Snapshot, SnapshotGroup, SourceFile

logger = logging.getLogger(__name__)

MOST_TREES = 12
"""Trees that one step may ask for, a request each; what is not compared counts as stale until the next step."""


@dataclass(slots=True)
class Carrying:
    """One pass over a repository; ``trees`` by commit, None where there is none to be had."""

    repository: Repository
    client: GitHubClient | None
    snapshots: dict[int, Snapshot] = field(default_factory=dict)
    fresh: dict[int, dict[str, SnapshotGroup]] = field(default_factory=dict)
    trees: dict[str, Tree | None] = field(default_factory=dict)
    asked: int = 0


def bring_forward(repository: Repository, client: GitHubClient | None = None) -> bool:
    """Judge the commits that were put together since the last time, and those that they bear on.

    True when any figure changed. Without a client no tree is asked for. The caller holds the repository's lock.
    """
    limit = timedelta(days=settings.CARRY_FORWARD_DAYS)
    # What logs tell has no groups: nothing of it is carried, and nothing is carried to it.
    points = Snapshot.objects.filter(repository=repository, evidence=Repository.Evidence.REPORT).reachable()
    if repository.detail_dropped_before is not None:
        # What was dropped cannot be judged anew, nor what carries from it.
        points = points.filter(ordered_at__gte=repository.detail_dropped_before)
        whole = points.filter(ordered_at__gte=repository.detail_dropped_before + limit + timedelta(days=1))
    else:
        whole = points
    unsettled = whole.filter(Q(settled=False) | Q(complete=False)).order_by("ordered_at").first()
    if unsettled is None:
        return False
    neighbours = points.filter(ordered_at__gte=unsettled.ordered_at - limit - timedelta(days=1)).oldest_first()
    carrying = Carrying(repository, client, {snapshot.pk: snapshot for snapshot in neighbours})
    groups = SnapshotGroup.objects.filter(repository=repository, snapshot__in=list(carrying.snapshots))
    stored: dict[int, dict[str, SnapshotGroup]] = defaultdict(dict)
    for row in groups.select_related("manifest"):
        if row.carried_from_id is None:
            carrying.fresh.setdefault(row.snapshot_id, {})[row.name] = row
        else:
            stored[row.snapshot_id][row.name] = row
    unfinished = _unfinished(repository, [snapshot.sha for snapshot in carrying.snapshots.values()])
    commits = [
        CommitPoint(
            pk,
            snapshot.ordered_at,
            {name: frozenset(row.leg_names) for name, row in carrying.fresh.get(pk, {}).items()},
            tuple(unfinished[snapshot.sha]),
        )
        for pk, snapshot in carrying.snapshots.items()
    ]
    verdicts = judge(commits, limit, lambda *asked: _renamed(carrying, *asked))
    changed = [
        _settle(carrying, verdict, stored[verdict.id])
        for verdict in verdicts
        if carrying.snapshots[verdict.id].ordered_at >= unsettled.ordered_at
    ]
    return any(changed)


def _unfinished(repository: Repository, shas: Sequence[str]) -> dict[str, list[str]]:
    """By commit, a sentence for each run that brought evidence and has not ended, or was cancelled."""
    brought = Artifact.objects.filter(
        repository=repository,
        run__head_sha__in=shas,
        run__is_trend=True,
        state__in=(Artifact.State.READ, Artifact.State.SAME),
    ).exclude(Q(run__status="completed") & ~Q(run__conclusion="cancelled"))
    told: dict[str, list[str]] = defaultdict(list)
    for sha, name, number, status in sorted(
        set(brought.values_list("run__head_sha", "run__workflow_name", "run__run_number", "run__status"))
    ):
        ended = "was cancelled" if status == "completed" else "has not ended"
        told[sha].append(f"run {name or 'of a workflow'} #{number} {ended}")
    return told


def _renamed(carrying: Carrying, source: int, group: str, newer: int, new: frozenset[str]) -> bool:
    """Whether half or more of a group's tests are in a group that is new on the newer commit."""
    before = _tests_of(carrying.fresh[source][group])
    if not before:
        return False
    return any(2 * len(before & _tests_of(carrying.fresh[newer][name])) >= len(before) for name in new)


def _tests_of(row: SnapshotGroup) -> set[tuple[str, str, str]]:
    if row.results is None:
        return set()
    cases = Case.objects.filter(pk__in=row.results.roster.case_ids)
    return set(cases.values_list("suite", "classname", "name"))


def _settle(carrying: Carrying, verdict: Verdict, stored: Mapping[str, SnapshotGroup]) -> bool:
    """Write a verdict on its snapshot; True when that changed what the snapshot says."""
    snapshot = carrying.snapshots[verdict.id]
    rows, whole = [], True
    for name, source in verdict.carried.items():
        row, known = _carried(carrying, snapshot, carrying.fresh[source][name], stored.get(name))
        rows.append(row)
        whole = whole and known
    same = (
        snapshot.settled
        and list(verdict.missing) == snapshot.missing_legs
        and {row.name: _told(row) for row in rows} == {row.name: _told(row) for row in stored.values()}
    )
    if same:
        return False
    fresh = list(carrying.fresh.get(verdict.id, {}).values())
    with transaction.atomic():
        if stored:
            SnapshotGroup.objects.filter(snapshot=snapshot).exclude(carried_from=None).delete()
        for row in rows:
            row.pk, row._state.adding = None, True
        SnapshotGroup.objects.bulk_create(rows)
        manifest = _united(carrying.repository, snapshot.own_manifest, rows)
        for name, value in together(manifest, [*fresh, *rows]).items():
            setattr(snapshot, name, value)
        snapshot.manifest = manifest
        snapshot.complete, snapshot.missing_legs = verdict.complete, list(verdict.missing)
        snapshot.tests_carried = any(row.tests_total is not None for row in rows)
        snapshot.coverage_carried = any(row.lines_covered is not None for row in rows)
        snapshot.settled = whole
        snapshot.save()
    return True


def _told(row: SnapshotGroup) -> tuple[object, ...]:
    return (row.carried_from_id, row.results_id, row.manifest_id, row.tests_total, row.lines_valid, row.stale)


def _carried(
    carrying: Carrying, snapshot: Snapshot, source: SnapshotGroup, before: SnapshotGroup | None
) -> tuple[SnapshotGroup, bool]:
    """The row of a group that an earlier commit stands in for, and whether its files could be compared."""
    manifest, stale, known = None, list[int](), True
    figures = {name: getattr(source, name) for name in (*TESTS, "duration_ms")}
    if source.manifest is not None:
        kept, stale, known = _compared(carrying, snapshot, source)
        manifest = _restricted(carrying.repository, source.manifest, kept)
        figures |= line_figures(manifest)
    elif source.lines_valid is not None:
        # Totals name no file, so that nothing can be told of what changed: they are the group's last figures.
        figures |= {name: getattr(source, name) for name in ("lines_valid", "lines_covered")}
        figures |= {name: getattr(source, name) for name in ("branches_valid", "branches_covered")}
    row = SnapshotGroup(
        repository=carrying.repository,
        snapshot=snapshot,
        name=source.name,
        results=source.results,
        manifest=manifest,
        legs=source.legs,
        leg_names=source.leg_names,
        carried_from_id=source.snapshot_id,
        stale=stale,
        **figures,
    )
    return row, known


def _compared(carrying: Carrying, snapshot: Snapshot, source: SnapshotGroup) -> tuple[set[int], list[int], bool]:
    """(files that are the same on both commits, files that are not, whether both trees were there to tell).

    Files that a fresh report names are in neither: their fresh lines count.
    """
    assert source.manifest is not None
    named = set(snapshot.own_manifest.file_ids) if snapshot.own_manifest else set()
    candidates = [file_id for file_id in source.manifest.file_ids if file_id not in named]
    if not candidates:
        return set(), [], True
    then = _tree(carrying, carrying.snapshots[source.snapshot_id].sha)
    now = _tree(carrying, snapshot.sha)
    if then is None or now is None:
        return set(), sorted(candidates), carrying.asked < MOST_TREES and carrying.client is not None
    paths = dict(SourceFile.objects.filter(pk__in=candidates).values_list("pk", "path"))
    kept = {pk for pk, path in paths.items() if path in now and then.get(path) == now[path]}
    return kept, sorted(set(candidates) - kept), True


def _tree(carrying: Carrying, sha: str) -> Tree | None:
    if sha not in carrying.trees:
        if carrying.client is None or carrying.asked >= MOST_TREES:
            return None
        try:
            carrying.asked += 1
            carrying.trees[sha] = tree_at(carrying.repository, carrying.client, sha)
        except GitHubError as error:
            logger.info("what %s carries forward is stale: %s", carrying.repository.full_name, error.sentence)
            carrying.trees[sha] = None
    return carrying.trees[sha]


def _restricted(repository: Repository, manifest: CoverageManifest, kept: set[int]) -> CoverageManifest | None:
    if not kept:
        return None
    pairs = [(f, m) for f, m in zip(manifest.file_ids, manifest.line_map_ids, strict=True) if f in kept]
    return interning.intern_manifest_of_ids(repository, pairs)


def _united(
    repository: Repository, own: CoverageManifest | None, rows: Iterable[SnapshotGroup]
) -> CoverageManifest | None:
    """The commit's own lines and the carried ones; of a file that two carried groups have, the newer commit's."""
    carried = sorted(
        (row for row in rows if row.manifest is not None),
        key=lambda row: row.carried_from_id or 0,
    )
    if not carried:
        return own
    pairs: dict[int, int] = {}
    for manifest in [row.manifest for row in carried] + ([own] if own else []):
        assert manifest is not None
        pairs.update(zip(manifest.file_ids, manifest.line_map_ids, strict=True))
    return interning.intern_manifest_of_ids(repository, sorted(pairs.items()))
