"""Two commits of a repository side by side: which tests came, went or ended otherwise, and which files changed.

What both have in common is told by the database's ids: equal rosters, manifests and line maps are one row each, so
that only what differs is looked into. Four questions, whatever the size: the commits, the results that differ, what
these are results of, and the names of what is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from dashboard.models.figures import percent_of
from dashboard.packing import OUTCOME_BITS
from dashboard.packing.squeezing import Packed, differing, unsqueeze
from dashboard.queries.case_list import WORDS
from dashboard.queries.rows import named_rows
from dashboard.queries.stored_lists import StoredRoster, other_maps, stored_lists

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
        return percent_of(self.lines_covered, self.lines_valid)


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


# A SHA of hexadecimal digits has nothing that a pattern would take for its own.
COMMIT = """
    (select '{key}' as key, s.id, s.sha, s.committed_at, s.ordered_at, s.manifest_id,
            s.tests_total, s.tests_failed, s.tests_errors, s.lines_valid, s.lines_covered,
            r.latest_id, r.detail_dropped_before, r.detail_dropped_at
     from snapshot s join repository r on r.id = s.repository_id
     where s.repository_id = %(repository)s and s.sha like %({key})s
     limit 2)
"""
COMMITS = " union all ".join(COMMIT.format(key=key) for key in ("base", "head"))
# A group that ended alike on both commits points at one row of results, and is left out.
OTHER_RESULTS = """
    with found as (
        select snapshot_id, name, results_id from snapshot_group
        where repository_id = %(repository)s and snapshot_id in (%(base)s, %(head)s) and results_id is not null
    )
    select found.snapshot_id, found.name, r.roster_id, r.outcomes
    from found join test_results r on r.id = found.results_id
    where not exists (
        select 1 from found other
        where other.snapshot_id <> found.snapshot_id
            and other.name = found.name and other.results_id = found.results_id
    )
"""
NAMES = """
    select 'test' as kind, id, "group", classname, name, null::int as valid, null::int as covered
    from test_case where id = any(%(tests)s)
    union all
    select 'file', id, '', '', path, null, null from source_file where id = any(%(files)s)
    union all
    select 'map', id, '', '', '', valid, covered from line_map where id = any(%(maps)s)
"""


def compare(repository_id: int, base: str, head: str) -> Comparison:
    """Four queries. Raises NoSuchCommitError, DetailDroppedError where there is nothing to compare."""
    one, other = _commits(repository_id, {"base": base, "head": head})
    results = _other_results(repository_id, one.id, other.id)
    manifests = {one.manifest_id, other.manifest_id} - {None} if one.manifest_id != other.manifest_id else set()
    lists = stored_lists({row.roster_id for pair in results for row in pair if row}, manifests)
    tests: _Sides = ({}, {})
    for pair in results:
        other_outcomes(*pair, lists.rosters, *tests)
    files = other_maps(*(lists.manifests.get(manifest or 0) for manifest in (one.manifest_id, other.manifest_id)))
    return Comparison(_shown(one), _shown(other), *_named(tests, files))


def _commits(repository_id: int, shas: Mapping[str, str]) -> list[Any]:
    """The commit that each of the SHAs begins, by "base" and "head", with what is stored of it; one query."""
    rows = named_rows(COMMITS, {"repository": repository_id} | {key: f"{shas[key].lower()}%" for key in shas})
    return [_only(key, sha, [row for row in rows if row.key == key]) for key, sha in shas.items()]


def _only(key: str, sha: str, rows: Sequence[Any]) -> Any:
    if len(rows) != 1:
        raise NoSuchCommitError(key, sha)
    [row] = rows
    before = row.detail_dropped_before
    if before and row.ordered_at < before and row.id != row.latest_id:
        raise DetailDroppedError(key, before, row.detail_dropped_at)
    return row


def _shown(row: Any) -> ComparedCommit:
    failing = None if row.tests_total is None else (row.tests_failed or 0) + (row.tests_errors or 0)
    return ComparedCommit(row.sha, row.committed_at, row.tests_total, failing, row.lines_valid, row.lines_covered)


def _other_results(repository_id: int, base: int, head: int) -> list[tuple[Any, Any]]:
    """Of each group that differs its stored results on both commits, None where it is not there; one query."""
    pairs: dict[str, dict[int, Any]] = {}
    for row in named_rows(OTHER_RESULTS, {"repository": repository_id, "base": base, "head": head}):
        pairs.setdefault(row.name, {})[row.snapshot_id] = row
    return [(own.get(base), own.get(head)) for own in pairs.values()]


class Stored(Protocol):
    """Results as they are stored: a roster's number, and packed outcomes in its order."""

    @property
    def roster_id(self) -> int: ...
    @property
    def outcomes(self) -> Packed: ...


def other_outcomes(
    base: Stored | None,
    head: Stored | None,
    rosters: Mapping[int, StoredRoster],
    before: dict[int, int],
    after: dict[int, int],
) -> None:
    """Add what the two do not share, test → outcome, to ``before`` and ``after``."""
    one, other = (_Side(rosters[row.roster_id], _outcomes(row)) if row else None for row in (base, head))
    if one and other and one.roster is other.roster:
        for place in differing(one.outcomes, other.outcomes):
            pk = one.roster.id_at(place)
            before[pk], after[pk] = one.outcomes[place], other.outcomes[place]
        return
    if one and other and one.roster.base_id == other.roster.base_id:
        _other_on_base(one, other, before, after)
        return
    was, now = (dict(zip(side.roster.ids, side.outcomes, strict=True)) if side else {} for side in (one, other))
    before.update((pk, outcome) for pk, outcome in was.items() if now.get(pk) != outcome)
    after.update((pk, outcome) for pk, outcome in now.items() if was.get(pk) != outcome)


class _Side(NamedTuple):
    roster: StoredRoster
    outcomes: bytes

    @property
    def on_base(self) -> bytes:
        told = self.roster.told
        return bytes(told.on_base(self.outcomes, _ABSENT)) if told.told else self.outcomes

    @property
    def came(self) -> dict[int, int]:
        return dict(zip(self.roster.came, self.roster.told.came(self.outcomes), strict=True))


_ABSENT = 255
"""Where a set of tests lacks one of those that it is told by."""


def _other_on_base(one: _Side, other: _Side, before: dict[int, int], after: dict[int, int]) -> None:
    """Of two sets that are told by one: the tests of it in its order, then the few that came."""
    was, now = one.on_base, other.on_base
    for place in differing(was, now):
        pk = one.roster.base[place]
        if was[place] != _ABSENT:
            before[pk] = was[place]
        if now[place] != _ABSENT:
            after[pk] = now[place]
    came = one.came, other.came
    before.update(came[0].items() - came[1].items())
    after.update(came[1].items() - came[0].items())


_WITHOUT_FLAKY = bytes(code & OUTCOME_BITS for code in range(256))


def _outcomes(row: Stored | None) -> bytes:
    return unsqueeze(row.outcomes).translate(_WITHOUT_FLAKY) if row else b""


_Sides = tuple[dict[int, int], dict[int, int]]
"""What the two commits do not share, on the first and on the second: test → outcome, or file → line map."""
_Ids = tuple[list[int], list[int], list[int]]
"""Ids that are on the second only, on the first only, and on both but other than before."""


def _named(tests: _Sides, files: _Sides) -> tuple[Changes[ComparedTest], Changes[ComparedFile]]:
    """What is told of each side by name, the first ``MOST`` of each kind of change; one query."""
    test_ids, file_ids = _parted(*tests), _parted(*files)
    shown_tests, shown_files = ([part[:MOST] for part in ids] for ids in (test_ids, file_ids))
    maps = {side[pk] for side in files for part in shown_files for pk in part if pk in side}
    names = _names([pk for part in shown_tests for pk in part], [pk for part in shown_files for pk in part], maps)
    return (
        _changes(test_ids, [_named_tests(part, names["test"], tests) for part in shown_tests]),
        _changes(file_ids, [_named_files(part, names["file"], names["map"], files) for part in shown_files]),
    )


def _names(tests: Sequence[int], files: Sequence[int], maps: Collection[int]) -> dict[str, dict[int, Any]]:
    """By kind and id; no query where nothing is to be named."""
    names: dict[str, dict[int, Any]] = {"test": {}, "file": {}, "map": {}}
    if tests or files:
        for row in named_rows(NAMES, {"tests": list(tests), "files": list(files), "maps": list(maps)}):
            names[row.kind][row.id] = row
    return names


def _named_tests(part: Sequence[int], names: Mapping[int, Any], sides: _Sides) -> tuple[ComparedTest, ...]:
    def outcome(side: Mapping[int, int], pk: int) -> str | None:
        return WORDS[side[pk]] if pk in side else None

    rows = sorted(
        (names[pk] for pk in part if pk in names), key=lambda row: (row.group, row.classname, row.name, row.id)
    )
    return tuple(
        ComparedTest(row.id, row.group, row.classname, row.name, *(outcome(side, row.id) for side in sides))
        for row in rows
    )


def _named_files(
    part: Sequence[int], names: Mapping[int, Any], maps: Mapping[int, Any], sides: _Sides
) -> tuple[ComparedFile, ...]:
    def figures(side: Mapping[int, int], pk: int) -> FileFigures | None:
        row = maps.get(side.get(pk, 0))
        return FileFigures(row.valid, row.covered) if row else None

    rows = sorted((names[pk] for pk in part if pk in names), key=lambda row: row.name)
    return tuple(ComparedFile(row.name, *(figures(side, row.id) for side in sides)) for row in rows)


def _parted(before: Mapping[int, int], after: Mapping[int, int]) -> _Ids:
    return (
        sorted(after.keys() - before.keys()),
        sorted(before.keys() - after.keys()),
        sorted(before.keys() & after.keys()),
    )


def _changes(ids: _Ids, named: Sequence[tuple[Item, ...]]) -> Changes[Item]:
    added, removed, changed = named
    counts = dict(zip(("added", "removed", "changed"), map(len, ids), strict=True))
    return Changes(added, removed, changed, counts)
