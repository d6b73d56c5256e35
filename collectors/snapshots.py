"""A commit's standing legs put together into its one point (contract rules 2 to 5 and 11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Min

from collectors import interning
from collectors.group_figures import coverage_figures, test_figures, together
from collectors.legs import leg_name
from collectors.merging import LegResults, merge_lines, merge_results
from dashboard.models import (
    Artifact,
    CommitSources,
    CoverageManifest,
    LineMap,
    Report,
    Repository,
    RepositoryDay,
    Results,
    Snapshot,
    SnapshotGroup,
    SourceFile,
    WorkflowRun,
)
from dashboard.packing import Lines, unpack_lines
from dashboard.packing.squeezing import unsqueeze
from dashboard.queries.source_notes import sources_of
from dashboard.queries.standing import content_id, reports_of, standing_artifacts


def put_together(repository: Repository, sha: str) -> Snapshot | None:
    """Rebuild the snapshot of a commit from its reports; None, and no snapshot, when none can be read.

    Rebuilding from the same reports gives the same snapshot. One whose detail was dropped stays as it stands: there
    is nothing to build it of. The caller holds the repository's lock.
    """
    with transaction.atomic():
        if (kept := _without_detail(repository, sha)) is not None:
            Artifact.objects.filter(repository=repository, run__head_sha=sha, counted=False).update(counted=True)
            return kept
        artifacts = standing_artifacts(repository.pk, sha)
        reports = reports_of(artifacts)
        snapshot = None
        if reports:
            snapshot = _rebuilt(repository, sha, artifacts, reports)
        else:
            _remove(repository, sha)
        Artifact.objects.filter(repository=repository, run__head_sha=sha, counted=False).exclude(
            state__in=(Artifact.State.LISTED, Artifact.State.FAILED)
        ).update(counted=True)
    return snapshot


def _without_detail(repository: Repository, sha: str) -> Snapshot | None:
    """The commit's snapshot where retention took its detail away."""
    before = repository.detail_dropped_before
    if before is None:
        return None
    old = Snapshot.objects.filter(
        repository=repository, sha=sha, ordered_at__lt=before, evidence=Repository.Evidence.REPORT
    )
    return old.exclude(groups__results__isnull=False).exclude(groups__manifest__isnull=False).first()


def _remove(repository: Repository, sha: str) -> None:
    """A point that was told by logs stays: reports have no say in it while there are none."""
    gone = Snapshot.objects.filter(repository=repository, sha=sha, evidence=Repository.Evidence.REPORT)
    Repository.objects.filter(pk=repository.pk, latest__in=gone).update(latest=None)
    # Days go with their point, and what was summed up from them is to be summed up anew.
    days = RepositoryDay.objects.filter(repository=repository, snapshot__in=gone)
    first = days.aggregate(first=Min("day"))["first"]
    if first is not None:
        repository.days_due = min(first, repository.days_due or first)
        repository.save(update_fields=["days_due"])
    gone.delete()


def _rebuilt(
    repository: Repository, sha: str, artifacts: Sequence[Artifact], reports: Sequence[Report]
) -> Snapshot:
    read = {report.artifact_id for report in reports}
    newest = max(
        (artifact for artifact in artifacts if content_id(artifact) in read),
        key=lambda artifact: artifact.created_at,
    )
    first_start = WorkflowRun.objects.filter(repository=repository, head_sha=sha, is_trend=True).aggregate(
        first=Min("created_at")
    )["first"]
    committed_at = newest.run.committed_at
    with_lines = [report for report in reports if report.manifest_id]
    sources = sources_of(repository.pk, sha, with_lines)
    manifest = _manifest(repository, with_lines, sources)
    rows = _groups(repository, artifacts, reports, sources)
    snapshot = Snapshot.objects.filter(repository=repository, sha=sha).first()
    if snapshot is None:
        snapshot = Snapshot(repository=repository, sha=sha)
    else:
        SnapshotGroup.objects.filter(repository=repository, snapshot=snapshot).delete()
    values = {
        "committed_at": committed_at,
        "ordered_at": min(committed_at, first_start) if committed_at else first_start,
        "run_started_at": first_start,
        "run": newest.run,
        "title": newest.run.title,
        "evidence": Repository.Evidence.REPORT,
        "evidence_at": newest.created_at,
        "manifest": manifest,
        "own_manifest": manifest,
        "settled": False,
        **together(manifest, rows),
    }
    for name, value in values.items():
        setattr(snapshot, name, value)
    snapshot.save()
    for row in rows:
        row.snapshot = snapshot
    SnapshotGroup.objects.bulk_create(rows)
    return snapshot


def _groups(
    repository: Repository,
    artifacts: Sequence[Artifact],
    reports: Sequence[Report],
    sources: CommitSources | None,
) -> list[SnapshotGroup]:
    """A row for each report group of the commit, not saved yet."""
    by_name: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        by_name[report.group].append(report)
    legs = _legs(artifacts, reports)
    rows = []
    for name, own in sorted(by_name.items()):
        with_tests = [report for report in own if report.results_id]
        with_lines = [report for report in own if report.manifest_id]
        results, executions = _results(with_tests) if with_tests else (None, 0)
        manifest = _manifest(repository, with_lines, sources, only_theirs=len(by_name) > 1)
        rows.append(
            SnapshotGroup(
                repository=repository,
                name=name,
                results=results,
                manifest=manifest,
                legs=len(with_tests) or len(own),
                leg_names=sorted({legs[report.pk] for report in own}),
                **test_figures(results, executions, own),
                **coverage_figures(manifest, [report for report in own if report.kind == "coverage"]),
            )
        )
    return rows


def _legs(artifacts: Sequence[Artifact], reports: Sequence[Report]) -> dict[int, str]:
    """The name of the leg that each report is."""
    read: dict[int, list[Report]] = defaultdict(list)
    for report in reports:
        read[report.artifact_id].append(report)
    return {
        report.pk: leg_name(
            artifact.run.workflow_path, artifact.name, report.member, len(read[content_id(artifact)])
        )
        for artifact in artifacts
        for report in read[content_id(artifact)]
    }


def _results(reports: Sequence[Report]) -> tuple[Results, int]:
    """A group's legs merged, and how many executions they stand for."""
    rows = Results.objects.in_bulk([report.results_id for report in reports])
    executions = sum(len(unsqueeze(rows[report.results_id].outcomes)) for report in reports if report.results_id)
    if len(rows) == 1:
        [only] = rows.values()
        return only, executions
    rows = Results.objects.select_related("roster__base").in_bulk(rows)
    merged = merge_results([LegResults(*interning.unpacked(row)) for row in rows.values()])
    roster = interning.intern_roster_of_ids(reports[0].repository, merged.case_ids, merged.durations)
    return interning.store_results(roster, merged.outcomes, merged.flaky, merged.durations), executions


def _manifest(
    repository: Repository,
    reports: Sequence[Report],
    sources: CommitSources | None,
    *,
    only_theirs: bool = False,
) -> CoverageManifest | None:
    """The union of some coverage reports and of what their source tells; of one report its own manifest.

    ``only_theirs``: of what the source tells only those files that the reports name.
    """
    own = {report.manifest_id for report in reports}
    if not own:
        return None
    ids = set(own)
    left_out = set(sources.left_out) if sources else set()
    if sources and sources.manifest_id:
        ids.add(sources.manifest_id)
    manifests = CoverageManifest.objects.in_bulk(ids)
    if not manifests:
        return None
    if len(manifests) == 1 and not left_out:
        [only] = manifests.values()
        return only
    named = {file_id for pk, row in manifests.items() if pk in own for file_id in row.file_ids}
    by_file: dict[int, list[int]] = defaultdict(list)
    for manifest in manifests.values():
        for file_id, map_id in zip(manifest.file_ids, manifest.line_map_ids, strict=True):
            if file_id not in left_out and (file_id in named or not only_theirs) and map_id not in by_file[file_id]:
                by_file[file_id].append(map_id)
    files = SourceFile.objects.in_bulk(list(by_file))
    maps = LineMap.objects.in_bulk({map_id for ids in by_file.values() for map_id in ids})
    lines = {pk: unpack_lines(row.packed) for pk, row in maps.items()}
    merged: dict[tuple[str, bool], Lines] = {
        (files[file_id].path, files[file_id].resolved): merge_lines([lines[map_id] for map_id in map_ids])
        for file_id, map_ids in by_file.items()
    }
    return interning.intern_manifest(repository, merged) if merged else None
