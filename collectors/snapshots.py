"""A commit's standing legs put together into its one point (contract rules 2 to 5 and 11)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min

from collectors import interning
from collectors.merging import LegResults, merge_lines, merge_results
from collectors.parsers.results import Outcome
from dashboard.models import (
    Artifact,
    CommitSources,
    CoverageManifest,
    LineMap,
    Report,
    Repository,
    Results,
    Snapshot,
    SnapshotGroup,
    SourceFile,
    WorkflowRun,
)
from dashboard.packing import Lines, unpack_lines, unpack_outcomes
from dashboard.queries.source_notes import sources_of
from dashboard.queries.standing import content_id, standing_artifacts, standing_reports


@dataclass(slots=True)
class Group:
    """One report group of the commit: its merged results and how many executions they stand for."""

    name: str
    results: Results
    legs: int
    executions: int


def put_together(repository: Repository, sha: str) -> Snapshot | None:
    """Rebuild the snapshot of a commit from its reports; None, and no snapshot, when none can be read.

    Rebuilding from the same reports gives the same snapshot. The caller holds the repository's lock.
    """
    with transaction.atomic():
        artifacts = standing_artifacts(repository.pk, sha)
        reports = standing_reports(repository.pk, sha)
        snapshot = None
        if reports:
            snapshot = _rebuilt(repository, sha, artifacts, reports)
        else:
            _remove(repository, sha)
        Artifact.objects.filter(repository=repository, run__head_sha=sha, counted=False).exclude(
            state__in=(Artifact.State.LISTED, Artifact.State.FAILED)
        ).update(counted=True)
    return snapshot


def _remove(repository: Repository, sha: str) -> None:
    Repository.objects.filter(pk=repository.pk, latest__sha=sha).update(latest=None)
    Snapshot.objects.filter(repository=repository, sha=sha).delete()


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
    groups = _groups([report for report in reports if report.results_id])
    with_lines = [report for report in reports if report.manifest_id]
    manifest = _manifest(repository, with_lines, sources_of(repository.pk, sha, with_lines))
    snapshot, _ = Snapshot.objects.update_or_create(
        repository=repository,
        sha=sha,
        defaults={
            "committed_at": committed_at,
            "ordered_at": min(committed_at, first_start) if committed_at else first_start,
            "run_started_at": first_start,
            "run": newest.run,
            "title": newest.run.title,
            "evidence": Repository.Evidence.REPORT,
            "evidence_at": newest.created_at,
            "manifest": manifest,
            **_test_figures(groups, reports),
            **_coverage_figures(manifest, [report for report in reports if report.kind == "coverage"]),
        },
    )
    SnapshotGroup.objects.filter(repository=repository, snapshot=snapshot).delete()
    SnapshotGroup.objects.bulk_create(
        SnapshotGroup(
            repository=repository, snapshot=snapshot, name=group.name, results=group.results, legs=group.legs
        )
        for group in groups
    )
    return snapshot


def _groups(reports: Sequence[Report]) -> list[Group]:
    by_name: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        by_name[report.group].append(report)
    return [_group(name, legs) for name, legs in sorted(by_name.items())]


def _group(name: str, reports: Sequence[Report]) -> Group:
    rows = Results.objects.select_related("roster").in_bulk([report.results_id for report in reports])
    executions = sum(len(rows[report.results_id].roster.case_ids) for report in reports if report.results_id)
    if len(rows) == 1:
        [only] = rows.values()
        return Group(name, only, len(reports), executions)
    merged = merge_results([LegResults(*interning.unpacked(row)) for row in rows.values()])
    roster = interning.intern_roster_of_ids(reports[0].repository, merged.case_ids)
    results = interning.store_results(roster, merged.outcomes, merged.flaky, merged.durations)
    return Group(name, results, len(reports), executions)


def _test_figures(groups: Sequence[Group], reports: Sequence[Report]) -> dict[str, int | None]:
    """All groups' tests together; None throughout when no report of the commit holds tests."""
    names = ("total", "passed", "failed", "errors", "skipped", "executions", "flaky")
    if not groups:
        return dict.fromkeys([*(f"tests_{name}" for name in names), "duration_ms"])
    tally: Counter[int] = Counter()
    flaky = 0
    for group in groups:
        outcomes, wavering = unpack_outcomes(group.results.outcomes)
        tally.update(outcomes)
        flaky += sum(wavering)
    durations = [report.duration_ms for report in reports if report.duration_ms is not None]
    return {
        "tests_total": tally.total(),
        "tests_passed": tally[Outcome.PASSED],
        "tests_failed": tally[Outcome.FAILED],
        "tests_errors": tally[Outcome.ERROR],
        "tests_skipped": tally[Outcome.SKIPPED],
        "tests_executions": sum(group.executions for group in groups),
        "tests_flaky": flaky,
        "duration_ms": sum(durations) if durations else None,
    }


def _manifest(
    repository: Repository, reports: Sequence[Report], sources: CommitSources | None
) -> CoverageManifest | None:
    """The union of the commit's coverage reports and of what its source tells; of one report its own manifest."""
    ids = {report.manifest_id for report in reports}
    left_out = set(sources.left_out) if sources else set()
    if sources and sources.manifest_id:
        ids.add(sources.manifest_id)
    manifests = CoverageManifest.objects.in_bulk(ids)
    if not manifests:
        return None
    if len(manifests) == 1 and not left_out:
        [only] = manifests.values()
        return only
    by_file: dict[int, list[int]] = defaultdict(list)
    for manifest in manifests.values():
        for file_id, map_id in zip(manifest.file_ids, manifest.line_map_ids, strict=True):
            if file_id not in left_out and map_id not in by_file[file_id]:
                by_file[file_id].append(map_id)
    files = SourceFile.objects.in_bulk(list(by_file))
    maps = LineMap.objects.in_bulk({map_id for ids in by_file.values() for map_id in ids})
    lines = {pk: unpack_lines(row.packed) for pk, row in maps.items()}
    merged: dict[tuple[str, bool], Lines] = {
        (files[file_id].path, files[file_id].resolved): merge_lines([lines[map_id] for map_id in map_ids])
        for file_id, map_ids in by_file.items()
    }
    return interning.intern_manifest(repository, merged) if merged else None


def _coverage_figures(manifest: CoverageManifest | None, reports: Sequence[Report]) -> dict[str, int | None]:
    """The commit's coverage: its lines, and totals of the groups that have a total and no line (rule 5)."""
    figures = _line_figures(manifest)
    with_lines = {report.group for report in reports if report.manifest_id}
    if len({report.manifest_id for report in reports}) == 1 and not figures["branches_valid"]:
        # One report as it stands: it may know branches that it hangs on no line.
        figures |= {name: getattr(reports[0], name) for name in ("branches_valid", "branches_covered")}
    best: dict[str, Report] = {}
    for report in reports:
        if report.lines_valid is not None and report.group not in with_lines:
            known = best.setdefault(report.group, report)
            if (report.lines_valid, report.lines_covered) > (known.lines_valid, known.lines_covered):
                best[report.group] = report
    for report in best.values():
        for name in ("lines_valid", "lines_covered", "branches_valid", "branches_covered"):
            figures[name] = (figures[name] or 0) + (getattr(report, name) or 0)
    return figures


def _line_figures(manifest: CoverageManifest | None) -> dict[str, int | None]:
    """Sums over the files whose valid lines are known; where none is, only the executed lines are (rule 5)."""
    names = ("lines_valid", "lines_covered", "lines_partial", "branches_valid", "branches_covered", "files")
    unknown: dict[str, int | None] = dict.fromkeys(names)
    if manifest is None:
        return unknown
    rows = LineMap.objects.filter(pk__in=set(manifest.line_map_ids))
    maps = {row.pk: row for row in rows.defer("packed")}
    lines = [maps[pk] for pk in manifest.line_map_ids]
    exact = [row for row in lines if row.valid is not None]
    if lines and not exact:
        return unknown | {"lines_covered": sum(row.covered for row in lines), "files": len(lines)}
    return {
        "lines_valid": sum(row.valid or 0 for row in exact),
        "lines_covered": sum(row.covered for row in exact),
        "lines_partial": sum(row.partial or 0 for row in exact),
        "branches_valid": sum(row.branches_valid or 0 for row in exact),
        "branches_covered": sum(row.branches_covered or 0 for row in exact),
        "files": len(lines),
    }
