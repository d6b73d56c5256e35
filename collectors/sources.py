"""Lines that could have run, for commits whose data files know only what ran (contract rule 5).

    standing reports ── executed only? ──▶ tree ─▶ settings ─▶ source of each file, once ever ──▶ CommitSources

Between reading a commit's artifacts and putting the commit together. Whatever goes wrong here, the executed lines
are stored and stay: then valid lines and percentages are unknown, with a sentence that says how to get them.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings as installation

from collectors import interning
from collectors.coverage_settings import Settings
from collectors.github.client import GitHubClient
from collectors.github.errors import Forbidden, GitHubError, NotFound
from collectors.paths import PathResolver
from collectors.source_lines import measured, united
from collectors.source_reader import SourceReader, SpentError
from collectors.trees import tree_at
from dashboard.models import CommitSources, CoverageManifest, LineMap, Report, Repository, SourceFile
from dashboard.packing import Lines, unpack_lines
from dashboard.queries.source_notes import basis_of
from dashboard.queries.standing import standing_reports

logger = logging.getLogger(__name__)

FORMAT = "coverage-data"
OTHERWISE = "Let the workflow run “coverage xml” or “coverage json” and upload its file to see valid lines."
HOW_TO = (
    "give the token “Contents: read”, or let the workflow run “coverage xml” or “coverage json” "
    "and upload its file."
)
COMMITS_TAKEN_UP = 3
"""Commits of earlier nights whose source is asked for again in one night: each costs a request even in vain."""


@dataclass(slots=True)
class Measured:
    """A file that only data files know: what ran, and whether branches were measured."""

    ids: set[int] = field(default_factory=set)
    lines: list[Lines] = field(default_factory=list)
    with_branches: bool = False


@dataclass(slots=True)
class Learnt:
    """What the source tells of a commit's files, by path, and of how many it tells nothing."""

    files: dict[str, Lines] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)
    unknown: dict[str, str] = field(default_factory=dict)
    waiting: int = 0
    sentences: list[str] = field(default_factory=list)


def learn(repository: Repository, client: GitHubClient, sha: str) -> bool:
    """Bring the commit's source analysis up to date; False while some of its source is still to be had.

    Asks GitHub only for files of which no report of the commit tells the executable lines.
    """
    reports = [report for report in standing_reports(repository.pk, sha) if report.manifest_id]
    if not any(report.format == FORMAT for report in reports):
        CommitSources.objects.filter(repository=repository, sha=sha).delete()
        return True
    learnt = Learnt()
    try:
        _learn(repository, client, sha, reports, learnt)
    except GitHubError as error:
        learnt = Learnt(waiting=1, sentences=[_refused(error)])
    except Exception:
        logger.exception("source of %s at %s", repository.full_name, sha)
        learnt = Learnt(waiting=1, sentences=["Its source could not be analysed; the log of the worker says why."])
    _store(repository, sha, reports, learnt)
    return not learnt.waiting


def unfinished(repository: Repository) -> list[str]:
    """Commits whose source is still to be asked for, the newest that stand in the trend first."""
    waiting = CommitSources.objects.filter(repository=repository, waiting__gt=0).values("sha")
    newest = repository.snapshots.filter(sha__in=waiting).newest_first()
    return list(newest.values_list("sha", flat=True)[:COMMITS_TAKEN_UP])


def _learn(
    repository: Repository, client: GitHubClient, sha: str, reports: Sequence[Report], learnt: Learnt
) -> None:
    files, exact = _executed_only(reports)
    if not files:
        return
    if not installation.SOURCE_FILES_PER_COMMIT:
        learnt.sentences.append(f"Reading source is switched off (SOURCE_FILES_PER_COMMIT is 0). {OTHERWISE}")
        return
    reader = SourceReader(
        repository, client, sha, tree_at(repository, client, sha), installation.SOURCE_FILES_PER_COMMIT
    )
    placed = _placed(files, reader, learnt)
    for path in placed.keys() & exact:
        # Another name of a file that a report knows: its lines join that report's.
        learnt.files[path] = united(placed.pop(path).lines)
    by_folder: dict[str, list[str]] = defaultdict(list)
    settings: dict[str, Settings] = {}
    for path in placed:
        folder, settings[path] = reader.settings_above(path)
        by_folder[folder].append(path)
    for folder, paths in by_folder.items():
        for path in reader.left_out(folder, settings[paths[0]], paths):
            learnt.left_out |= placed.pop(path).ids
    _analyse(placed, settings, reader, learnt)
    plugins = sorted({plugin for one in settings.values() for plugin in one.plugins})
    if plugins and learnt.files:
        learnt.sentences.append(
            f"coverage.py's plugins ({', '.join(plugins)[:200]}) may leave out lines that are counted here."
        )


def _executed_only(reports: Iterable[Report]) -> tuple[dict[tuple[str, bool], Measured], set[str]]:
    """Files by (path, resolved) of which no report of the commit tells the executable lines; and the others."""
    manifests = CoverageManifest.objects.in_bulk({r.manifest_id for r in reports if r.manifest_id})
    pairs = [
        (manifest.pk, file_id, map_id)
        for manifest in manifests.values()
        for file_id, map_id in zip(manifest.file_ids, manifest.line_map_ids, strict=True)
    ]
    unknown = set(
        LineMap.objects.filter(pk__in={pair[2] for pair in pairs}, valid=None).values_list("pk", flat=True)
    )
    known = {file_id for _, file_id, map_id in pairs if map_id not in unknown}
    paths = SourceFile.objects.in_bulk({file_id for _, file_id, _ in pairs})
    wanted = [pair for pair in pairs if pair[1] not in known]
    maps = LineMap.objects.in_bulk({map_id for _, _, map_id in wanted})
    lines = {pk: unpack_lines(row.packed) for pk, row in maps.items()}
    with_branches = {manifest for manifest, _, map_id in wanted if lines[map_id].branches}
    files: dict[tuple[str, bool], Measured] = defaultdict(Measured)
    for manifest, file_id, map_id in wanted:
        one = files[paths[file_id].path, paths[file_id].resolved]
        one.ids.add(file_id)
        one.lines.append(lines[map_id])
        one.with_branches |= manifest in with_branches
    return files, {paths[file_id].path for file_id in known if paths[file_id].resolved}


def _placed(
    files: Mapping[tuple[str, bool], Measured], reader: SourceReader, learnt: Learnt
) -> dict[str, Measured]:
    """The files by their path in this commit's tree; one that was in doubt may be certain now."""
    doubtful = [path for path, _ in files if path not in reader.tree]
    found = reader.renamed(doubtful)
    # All of them: the certain ones show where the doubtful ones stand.
    rest = [path for path, _ in files if path not in found]
    known = PathResolver(reader.tree).resolve_all([(path, ()) for path in rest])
    found |= {path: place for path, (place, certain) in zip(rest, known, strict=True) if certain}
    placed: dict[str, Measured] = defaultdict(Measured)
    for (path, _), one in files.items():
        place = path if path in reader.tree else found.get(path)
        if place is None:
            learnt.unknown[path] = "it is not in the repository's tree"
            continue
        if place != path:
            learnt.left_out |= one.ids
        placed[place].ids |= one.ids
        placed[place].lines += one.lines
        placed[place].with_branches |= one.with_branches
    return placed


def _analyse(
    placed: Mapping[str, Measured], settings: Mapping[str, Settings], reader: SourceReader, learnt: Learnt
) -> None:
    for path, one in sorted(placed.items()):
        if not _is_python(path):
            learnt.unknown[path] = "it is no Python"
            continue
        if settings[path].error:
            learnt.unknown[path] = settings[path].error
            continue
        try:
            source = reader.lines_of(path, settings[path])
        except SpentError:
            learnt.waiting += 1
            continue
        if source.error:
            learnt.unknown[path] = source.error
        else:
            learnt.files[path] = measured(source, united(one.lines), one.with_branches)
    if learnt.waiting:
        learnt.sentences.append(
            f"The source of {learnt.waiting} of {len(placed)} files is still to be read, "
            f"{installation.SOURCE_FILES_PER_COMMIT} in a night (SOURCE_FILES_PER_COMMIT); "
            "until then valid lines are unknown."
        )


def _is_python(path: str) -> bool:
    """As coverage.py has it: anything named .py…, or without an ending."""
    name = path.rpartition("/")[2]
    return "." not in name or name.rpartition(".")[2].startswith("py")


def _refused(error: GitHubError) -> str:
    if isinstance(error, Forbidden | NotFound):
        return f"Which lines could have run is unknown, GitHub does not give the source ({error.status}): {HOW_TO}"
    return f"Which lines could have run is unknown until GitHub gives the source: {error.sentence}"


def _store(repository: Repository, sha: str, reports: Sequence[Report], learnt: Learnt) -> None:
    # Half of the files would be half of a percentage: all of them or, while some are still to come, none.
    complete = {(path, True): lines for path, lines in learnt.files.items()} if not learnt.waiting else {}
    sentences = list(learnt.sentences)
    if learnt.unknown:
        path, reason = next(iter(sorted(learnt.unknown.items())))
        first = f"{path[:200]}: {reason[:300].rstrip('.')}"
        few = "Of 1 file" if len(learnt.unknown) == 1 else f"Of {len(learnt.unknown)} files"
        sentences.append(f"{few} the executable lines are unknown ({first}); they count in no percentage.")
        if not learnt.files:
            sentences.append(f"To get them {HOW_TO}")
    CommitSources.objects.update_or_create(
        repository=repository,
        sha=sha,
        defaults={
            "basis": basis_of(reports),
            "manifest": interning.intern_manifest(repository, complete) if complete else None,
            "left_out": sorted(learnt.left_out) if complete or not learnt.waiting else [],
            "waiting": learnt.waiting,
            "unknown": len(learnt.unknown),
            "reason": " ".join(sentences),
        },
    )
