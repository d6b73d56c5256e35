"""Two commits of a repository side by side: which tests came, went or ended otherwise, and which files changed.

What both have in common is told by the database's ids: equal rosters, manifests and line maps are one row each, so
that only what differs is looked into.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from dashboard.models import Case, CoverageManifest, LineMap, Results, Roster, Snapshot, SnapshotGroup, SourceFile
from dashboard.packing import OUTCOME_BITS, Packed, differing, unsqueeze
from dashboard.queries.case_list import WORDS

Item = TypeVar("Item")

MOST = 500
"""Tests and files that are named of each kind; all are counted."""


@dataclass(frozen=True, slots=True)
class ComparedCommit:
    sha: str
    committed_at: datetime | None
    tests: int | None
    failing: int | None
    lines_valid: int | None
    lines_covered: int | None

    @property
    def percent(self) -> float | None:
        return 100 * (self.lines_covered or 0) / self.lines_valid if self.lines_valid else None


@dataclass(frozen=True, slots=True)
class ComparedTest:
    """How a test ended on both; None: it is not there."""

    id: int
    group: str
    classname: str
    name: str
    base: str | None
    head: str | None


@dataclass(frozen=True, slots=True)
class FileFigures:
    lines_valid: int | None
    lines_covered: int

    @property
    def percent(self) -> float | None:
        return 100 * self.lines_covered / self.lines_valid if self.lines_valid else None


@dataclass(frozen=True, slots=True)
class ComparedFile:
    path: str
    base: FileFigures | None
    head: FileFigures | None


@dataclass(frozen=True, slots=True)
class Changes(Generic[Item]):
    """The first ``MOST`` of each; ``counts`` are of all, by the same names."""

    added: tuple[Item, ...]
    removed: tuple[Item, ...]
    changed: tuple[Item, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Comparison:
    base: ComparedCommit
    head: ComparedCommit
    tests: Changes[ComparedTest]
    files: Changes[ComparedFile]


class NoSuchCommitError(Exception):
    """No commit with evidence has a SHA that begins so, or several have."""

    def __init__(self, key: str, sha: str) -> None:
        super().__init__(f"{key}: no single commit with evidence has a SHA that begins with {sha}.")


class DetailDroppedError(NoSuchCommitError):
    """The commit's figures are there, and its single tests and lines are kept no more."""

    def __init__(self, key: str, before: datetime, at: datetime | None) -> None:
        when = f" on {at:%d %b %Y}" if at else ""
        Exception.__init__(
            self, f"{key}: single tests and lines of commits before {before:%d %b %Y} were dropped{when}."
        )


def compare(repository_id: int, base: str, head: str) -> Comparison:
    """Ten queries at most. Raises NoSuchCommitError, DetailDroppedError where there is nothing to compare."""
    commits = {key: _commit(repository_id, key, sha) for key, sha in (("base", base), ("head", head))}
    one, other = commits["base"], commits["head"]
    return Comparison(
        _shown(one), _shown(other), _tests(repository_id, one, other), _files(repository_id, one, other)
    )


def _commit(repository_id: int, key: str, sha: str) -> Snapshot:
    known = Snapshot.objects.filter(repository_id=repository_id, sha__startswith=sha.lower())
    found = list(known.select_related("repository")[:2])
    if len(found) != 1:
        raise NoSuchCommitError(key, sha)
    [commit] = found
    before = commit.repository.detail_dropped_before
    if before and commit.ordered_at < before and commit.pk != commit.repository.latest_id:
        raise DetailDroppedError(key, before, commit.repository.detail_dropped_at)
    return commit


def _shown(commit: Snapshot) -> ComparedCommit:
    return ComparedCommit(
        commit.sha,
        commit.committed_at,
        commit.tests_total,
        commit.failing,
        commit.lines_valid,
        commit.lines_covered,
    )


Ids = tuple[list[int], list[int], list[int]]
"""Ids that are on the second only, on the first only, and on both but other than before."""


def _tests(repository_id: int, base: Snapshot, head: Snapshot) -> Changes[ComparedTest]:
    found = SnapshotGroup.objects.filter(
        repository_id=repository_id, snapshot__in=[base.pk, head.pk], results__isnull=False
    )
    pairs: dict[str, dict[int, int]] = {}
    for name, snapshot, results in found.values_list("name", "snapshot_id", "results_id"):
        pairs.setdefault(name, {})[snapshot] = results
    wanted = [own for own in pairs.values() if own.get(base.pk) != own.get(head.pk)]
    stored = Results.objects.defer("durations").in_bulk([pk for own in wanted for pk in own.values()])
    rosters = dict(
        Roster.objects.filter(pk__in={row.roster_id for row in stored.values()}).values_list("pk", "case_ids")
    )
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    for own in wanted:
        other_outcomes(stored.get(own.get(base.pk, 0)), stored.get(own.get(head.pk, 0)), rosters, before, after)
    return _named_tests(before, after)


class Stored(Protocol):
    """Results as they are stored: a roster's number, and packed outcomes in its order."""

    @property
    def roster_id(self) -> int: ...
    @property
    def outcomes(self) -> Packed: ...


def other_outcomes(
    base: Stored | None,
    head: Stored | None,
    rosters: Mapping[int, Sequence[int]],
    before: dict[int, int],
    after: dict[int, int],
) -> None:
    """Add what the two do not share, test → outcome, to ``before`` and ``after``."""
    one, other = (_outcomes(row) for row in (base, head))
    if base and head and base.roster_id == head.roster_id:
        ids = rosters[base.roster_id]
        places = differing(one, other)
        before.update((ids[place], one[place]) for place in places)
        after.update((ids[place], other[place]) for place in places)
        return
    olds = set(zip(rosters[base.roster_id], one, strict=True)) if base else set()
    news = set(zip(rosters[head.roster_id], other, strict=True)) if head else set()
    before.update(olds - news)
    after.update(news - olds)


_WITHOUT_FLAKY = bytes(code & OUTCOME_BITS for code in range(256))


def _outcomes(row: Stored | None) -> bytes:
    return unsqueeze(row.outcomes).translate(_WITHOUT_FLAKY) if row else b""


def _named_tests(before: Mapping[int, int], after: Mapping[int, int]) -> Changes[ComparedTest]:
    ids = _parted(before, after)
    rows = Case.objects.in_bulk([pk for part in ids for pk in part[:MOST]])

    def named(part: Iterable[int]) -> tuple[ComparedTest, ...]:
        shown = [rows[pk] for pk in part if pk in rows]
        return tuple(
            ComparedTest(
                row.pk,
                row.group,
                row.classname,
                row.name,
                WORDS[before[row.pk]] if row.pk in before else None,
                WORDS[after[row.pk]] if row.pk in after else None,
            )
            for row in sorted(shown, key=lambda row: (row.group, row.classname, row.name, row.pk))
        )

    return _changes(ids, *(named(part[:MOST]) for part in ids))


def _files(repository_id: int, base: Snapshot, head: Snapshot) -> Changes[ComparedFile]:
    if base.manifest_id == head.manifest_id:
        return _changes(([], [], []), (), (), ())
    found = CoverageManifest.objects.in_bulk([pk for pk in (base.manifest_id, head.manifest_id) if pk])
    one, other = (_maps(found.get(commit.manifest_id or 0)) for commit in (base, head))
    before, after = dict(one - other), dict(other - one)
    ids = _parted(before, after)
    shown = [pk for part in ids for pk in part[:MOST]]
    paths = dict(SourceFile.objects.filter(pk__in=shown).values_list("pk", "path"))
    maps = {maps[pk] for maps in (before, after) for pk in shown if pk in maps}
    figures = {
        pk: FileFigures(valid, covered)
        for pk, valid, covered in LineMap.objects.filter(pk__in=maps).values_list("pk", "valid", "covered")
    }

    def named(part: Iterable[int]) -> tuple[ComparedFile, ...]:
        return tuple(
            ComparedFile(paths[pk], figures.get(before.get(pk, 0)), figures.get(after.get(pk, 0)))
            for pk in sorted((pk for pk in part if pk in paths), key=lambda pk: paths[pk])
        )

    return _changes(ids, *(named(part[:MOST]) for part in ids))


def _maps(manifest: CoverageManifest | None) -> set[tuple[int, int]]:
    return set(zip(manifest.file_ids, manifest.line_map_ids, strict=True)) if manifest else set()


def _parted(before: Mapping[int, Any], after: Mapping[int, Any]) -> Ids:
    return (
        sorted(after.keys() - before.keys()),
        sorted(before.keys() - after.keys()),
        sorted(before.keys() & after.keys()),
    )


def _changes(
    ids: Ids, added: tuple[Item, ...], removed: tuple[Item, ...], changed: tuple[Item, ...]
) -> Changes[Item]:
    counts = dict(zip(("added", "removed", "changed"), map(len, ids), strict=True))
    return Changes(added, removed, changed, counts)
