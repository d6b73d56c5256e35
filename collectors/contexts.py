"""Which test ran which line, kept for the newest commit that tells it; a newer one takes its place."""

from __future__ import annotations

from collectors import interning
from collectors.parsers.results import CoverageReport, FileCoverage
from collectors.paths import PathResolver
from dashboard.models import ContextNames, LineContexts, Report, Repository, SourceFile
from dashboard.packing import pack_contexts, pack_names
from dashboard.queries.standing import standing_reports

COMMITS_SEARCHED = 30
"""Newest commits among which the one that tells contexts is looked for."""


def store_contexts(report: Report, coverage: CoverageReport, resolver: PathResolver) -> None:
    """Keep the contexts of a stored report, unless a newer commit's are known. Its files are stored already."""
    files = [file for file in coverage.files if file.contexts]
    if not files or _is_superseded(report):
        return
    names = sorted({name for file in files for name in file.contexts or ()})
    places = {name: place for place, name in enumerate(names)}
    paths = resolver.resolve_all([(file.path, file.roots) for file in files])
    by_path: dict[str, dict[int, set[int]]] = {}
    for file, (path, _) in zip(files, paths, strict=True):
        _add(by_path.setdefault(path, {}), file, places)
    ids = dict(
        SourceFile.objects.filter(repository_id=report.repository_id, path__in=list(by_path)).values_list(
            "path", "id"
        )
    )
    stored = ContextNames.objects.create(
        repository_id=report.repository_id, report=report, packed=pack_names(names)
    )
    LineContexts.objects.bulk_create(
        [
            LineContexts(
                repository_id=report.repository_id, names=stored, file_id=ids[path], packed=pack_contexts(ran)
            )
            for path, ran in by_path.items()
            if path in ids
        ],
        batch_size=interning.BATCH,
    )


def _add(ran: dict[int, set[int]], file: FileCoverage, places: dict[str, int]) -> None:
    for name, lines in (file.contexts or {}).items():
        ran.setdefault(places[name], set()).update(lines)


def _is_superseded(report: Report) -> bool:
    run = report.artifact.run
    newer = ContextNames.objects.filter(
        repository_id=report.repository_id, report__artifact__run__started_at__gt=run.started_at
    )
    return newer.exclude(report__artifact__run__head_sha=run.head_sha).exists()


def forget_older_contexts(repository: Repository) -> None:
    """Drop all contexts but those of the newest commit that has any."""
    held = set(ContextNames.objects.filter(repository=repository).values_list("report_id", flat=True))
    if not held:
        return
    for snapshot in repository.snapshots.reachable().newest_first()[:COMMITS_SEARCHED]:
        standing = held & {report.pk for report in standing_reports(repository.pk, snapshot.sha)}
        if standing:
            ContextNames.objects.filter(repository=repository).exclude(report_id__in=standing).delete()
            return
