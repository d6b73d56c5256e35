"""What changed at each of some commits, by name: tests that broke, were fixed, came or went; files' coverage.

A commit is held against the nearest earlier one that is complete and still on the branch; one that is incomplete
itself has lost nothing. Three queries, whatever the number of commits; how much is compared is bounded.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.packing.squeezing import Packed
from dashboard.queries.compare import other_outcomes
from dashboard.queries.rows import Question, Remembered, named_rows
from dashboard.queries.stored_lists import StoredLists, StoredManifest, StoredRoster, other_maps, stored_lists
from dashboard.queries.trend import Point
from dashboard.wording import exact_percent, percent

MOST_TESTS = 300_000
"""Results that are looked into; older commits than these reach are not told apart by name."""
MOST_FILES = 100_000
LONGEST_NAME = 160
PASSED, FAILING = 1, (2, 3)


@dataclass(frozen=True, slots=True)
class ChangedTest:
    id: int
    classname: str
    name: str


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """Percents of its lines; never equal."""

    path: str
    before: float
    after: float

    @property
    def told(self) -> str:
        """Both percents, with as many digits as tell them apart."""
        short = percent(self.before), percent(self.after)
        return " → ".join(short if short[0] != short[1] else map(exact_percent, (self.before, self.after)))


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of change: the first few by name, and how many there are. ``mark`` is a mark of the sprite."""

    word: str
    mark: str
    tests: tuple[ChangedTest, ...]
    files: tuple[ChangedFile, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.tests) - len(self.files)


@dataclass(frozen=True, slots=True)
class CommitChanges:
    """``since``: the commit that it is held against."""

    since: str
    parts: tuple[Part, ...]

    @property
    def since_short(self) -> str:
        return self.since[:8]


class _Stored(NamedTuple):
    roster_id: int
    outcomes: Packed


Results = Mapping[str, tuple[int, _Stored]]
"""By report group: the number of the row, and what is in it."""


class _Commit(NamedTuple):
    results: Results
    manifest_id: int | None


class _Pair(NamedTuple):
    """Ids of what changed from one commit to the next: of tests those that are named, and how many there are."""

    since: str
    tests: Mapping[str, tuple[Sequence[int], int]]
    files: Mapping[int, tuple[int, int]]


PAIRS: Remembered[_Pair] = Remembered(3_000)
"""What is stored of two commits never changes: they are held against each other once."""


STORED = """
    select s.sha, s.manifest_id, g.name, g.results_id, r.roster_id, r.outcomes
    from snapshot s
    left join snapshot_group g on g.repository_id = s.repository_id and g.snapshot_id = s.id
        and g.results_id is not null
    left join test_results r on r.id = g.results_id
    where s.repository_id = %(repository)s and s.sha = any(%(shas)s)
"""
NAMES = """
    select 'test' as kind, id, left(classname, %(longest)s) as above, left(name, %(longest)s) as name,
           null::int as valid, null::int as covered
    from test_case where id = any(%(tests)s)
    union all
    select 'file', id, '', path, null, null from source_file where id = any(%(files)s)
    union all
    select 'map', id, '', '', valid, covered from line_map where id = any(%(maps)s)
"""
TESTS = (("Broke", "broke"), ("Fixed", "passing"), ("New", ""), ("Gone", ""))
"""Kinds of change of a test, with their marks. One that is new and fails counts as broken."""
MOST_FILES_COMPARED = 200
"""Files of a commit whose percents are looked up; where more changed, the others are not told."""


def changes_of(
    repository_id: int, points: Sequence[Point], newest: int, named: int
) -> Question[dict[str, CommitChanges]]:
    """By SHA, of the ``newest`` of these points (oldest first); ``named`` of each kind by name.

    The first of the points has nothing before it; a commit at which nothing changed is not in it. Two queries, one
    where all were held against each other before, and the question of what the changed tests and files are called.
    """
    pairs = list(_pairs(points, newest))
    if not pairs:
        return Question("", {}, lambda rows: {})
    stored = _stored(repository_id, {point.sha for pair in pairs for point in pair})
    names = {head.sha: _name_of(base, head, stored, named) for base, head in pairs}
    found = {sha: pair for sha, name in names.items() if (pair := PAIRS.get(name))}
    others = [(base, head) for base, head in pairs if head.sha not in found]
    lists = _lists([(stored[base.sha], stored[head.sha]) for base, head in others])
    for base, head in others:
        pair = _held_against(base, head, stored, lists, named)
        found[head.sha] = PAIRS.put(names[head.sha], pair)
    return _named({head.sha: found[head.sha] for _, head in pairs}, named)


def _stored(repository_id: int, shas: Collection[str]) -> dict[str, _Commit]:
    results: dict[str, dict[str, tuple[int, _Stored]]] = {sha: {} for sha in shas}
    manifests: dict[str, int | None] = {}
    for row in named_rows(STORED, {"repository": repository_id, "shas": list(shas)}, any_value=True):
        manifests[row.sha] = row.manifest_id
        if row.results_id:
            results[row.sha][row.name] = (row.results_id, _Stored(row.roster_id, row.outcomes))
    return {sha: _Commit(results[sha], manifests.get(sha)) for sha in shas}


def _name_of(base: Point, head: Point, stored: Mapping[str, _Commit], named: int) -> tuple[Hashable, ...]:
    """All that tells these two from any others."""
    one, other = stored[base.sha], stored[head.sha]
    rows = (tuple(sorted((name, pk) for name, (pk, _) in each.results.items())) for each in (one, other))
    return base.sha, head.sha, head.complete, named, *rows, one.manifest_id, other.manifest_id


def _held_against(base: Point, head: Point, stored: Mapping[str, _Commit], lists: StoredLists, named: int) -> _Pair:
    one, other = stored[base.sha], stored[head.sha]
    tests = _tests(one.results, other.results, lists.rosters, head.complete)
    files = _files(one.manifest_id, other.manifest_id, lists.manifests)
    return _Pair(base.sha, {kind: (tuple(ids[:named]), len(ids)) for kind, ids in tests.items()}, files)


def _pairs(points: Sequence[Point], newest: int) -> Iterator[tuple[Point, Point]]:
    """Each commit of reports with what it is held against, newest first, as far as the bounds reach."""
    before: Point | None = None
    pairs = []
    wanted = {point.sha for point in points[-newest:]}
    for point in points:
        if point.evidence != "report" or not point.reachable:
            continue
        if before is not None and point.sha in wanted:
            pairs.append((before, point))
        if point.complete:
            before = point
    tests, files = MOST_TESTS, MOST_FILES
    for base, head in reversed(pairs):
        tests -= head.tests or 0
        files -= head.files or 0
        if tests < 0 or files < 0:
            return
        yield base, head


def _lists(pairs: Iterable[tuple[_Commit, _Commit]]) -> StoredLists:
    """The rosters and manifests of what differs."""
    rosters: set[int] = set()
    wanted: set[int] = set()
    for one, other in pairs:
        for name in one.results.keys() | other.results.keys():
            both = [side.results[name] for side in (one, other) if name in side.results]
            if len({number for number, _ in both}) > 1 or len(both) == 1:
                rosters |= {stored.roster_id for _, stored in both}
        both_manifests = {one.manifest_id, other.manifest_id}
        if len(both_manifests) == 2 and None not in both_manifests:
            wanted |= {number for number in both_manifests if number}
    return stored_lists(rosters, wanted)


def _tests(
    base: Results, head: Results, rosters: Mapping[int, StoredRoster], complete: bool
) -> dict[str, list[int]]:
    """Ids of tests by kind of change."""
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    for name in base.keys() | head.keys():
        one, other = base.get(name), head.get(name)
        if (one and one[0]) != (other and other[0]):
            other_outcomes(one and one[1], other and other[1], rosters, before, after)
    broke = [pk for pk, outcome in after.items() if outcome in FAILING and before.get(pk) not in FAILING]
    fixed = [pk for pk, outcome in after.items() if outcome == PASSED and before.get(pk) in FAILING]
    new = [pk for pk, outcome in after.items() if pk not in before and outcome not in FAILING]
    gone = [pk for pk in before if pk not in after] if complete else []
    return {"Broke": sorted(broke), "Fixed": sorted(fixed), "New": sorted(new), "Gone": sorted(gone)}


def _files(
    base: int | None, head: int | None, manifests: Mapping[int, StoredManifest]
) -> dict[int, tuple[int, int]]:
    """File → its line maps before and after, where both commits have it and they differ."""
    if base is None or head is None or base == head or not {base, head} <= manifests.keys():
        return {}
    before, after = other_maps(manifests[base], manifests[head])
    both = sorted(before.keys() & after.keys())[:MOST_FILES_COMPARED]
    return {pk: (before[pk], after[pk]) for pk in both}


def _named(found: Mapping[str, _Pair], named: int) -> Question[dict[str, CommitChanges]]:
    tests = {pk for pair in found.values() for ids, _ in pair.tests.values() for pk in ids}
    files = {pk for pair in found.values() for pk in pair.files}
    maps = {pk for pair in found.values() for both in pair.files.values() for pk in both}
    values = {"tests": list(tests), "files": list(files), "maps": list(maps), "longest": LONGEST_NAME}
    return Question(NAMES if tests or files else "", values, lambda rows: _told(found, rows, named))


def _told(found: Mapping[str, _Pair], rows: Iterable[Any], named: int) -> dict[str, CommitChanges]:
    names: dict[str, dict[int, Any]] = {"test": {}, "file": {}, "map": {}}
    for row in rows:
        names[row.kind][row.id] = row
    told = {
        sha: CommitChanges(pair.since, (*_test_parts(pair, names["test"]), *_file_parts(pair, names, named)))
        for sha, pair in found.items()
    }
    return {sha: changes for sha, changes in told.items() if changes.parts}


def _test_parts(pair: _Pair, names: Mapping[int, Any]) -> Iterator[Part]:
    for word, mark in TESTS:
        ids, count = pair.tests[word]
        if ids:
            rows = [names[pk] for pk in ids if pk in names]
            yield Part(word, mark, tuple(ChangedTest(row.id, row.above, row.name) for row in rows), (), count)


def _file_parts(pair: _Pair, names: Mapping[str, Mapping[int, Any]], named: int) -> Iterator[Part]:
    moved = [
        ChangedFile(names["file"][pk].name, before, after)
        for pk, both in pair.files.items()
        for before, after in [tuple(_percent(names["map"].get(each)) for each in both)]
        if pk in names["file"] and before is not None and after is not None and before != after
    ]
    for word, mark, part in (("Fell", "fell", _fell), ("Rose", "", _rose)):
        files = sorted(filter(part, moved), key=lambda file: (-abs(file.after - file.before), file.path))
        if files:
            yield Part(word, mark, (), tuple(files[:named]), len(files))


def _fell(file: ChangedFile) -> bool:
    return file.after < file.before


def _rose(file: ChangedFile) -> bool:
    return file.after > file.before


def _percent(lines: Any) -> float | None:
    return 100 * lines.covered / lines.valid if lines is not None and lines.valid else None
