"""Several legs of one commit put together (contract rules 4 and 5): values in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from collectors.parsers.results import LineBranches
from dashboard.packing import Branches, Lines

_MANNERS = re.compile(r"(?P<lcov>e?\d+,)|(?P<numbered>\d+\.\d+$)|(?P<place>[^\s:]*:\S*$)")


@dataclass(slots=True)
class LegResults:
    """One leg's tests, parallel lists; outcomes 0 skipped, 1 passed, 2 failed, 3 error; durations in seconds."""

    case_ids: Sequence[int]
    outcomes: Sequence[int]
    flaky: Sequence[bool]
    durations: Sequence[float | None]


def merge_results(legs: Sequence[LegResults]) -> LegResults:
    """Each test once: its worst outcome, its longest duration, flaky where any leg says so; ascending by id."""
    merged: dict[int, tuple[int, bool, float | None]] = {}
    for leg in legs:
        for case, outcome, flaky, duration in zip(
            leg.case_ids, leg.outcomes, leg.flaky, leg.durations, strict=True
        ):
            known = merged.get(case)
            if known is not None:
                outcome, flaky = max(outcome, known[0]), flaky or known[1]
                duration = max((d for d in (duration, known[2]) if d is not None), default=None)
            merged[case] = (outcome, flaky, duration)
    cases = sorted(merged)
    return LegResults(
        case_ids=cases,
        outcomes=[merged[case][0] for case in cases],
        flaky=[merged[case][1] for case in cases],
        durations=[merged[case][2] for case in cases],
    )


def merge_lines(reports: Sequence[Lines]) -> Lines:
    """The union of what several reports say of one file.

    A line is valid if any report calls it executable, covered if any report covers it; its hits are the highest
    count. A report that knows only executed lines adds hits to lines that another calls executable, and no line.
    """
    exact = [lines for lines in reports if not lines.executed_only]
    if not exact:
        return Lines(_highest(lines.hits for lines in reports), executed_only=True)
    hits = _highest(lines.hits for lines in exact)
    for lines in reports:
        if lines.executed_only:
            for number, count in lines.hits.items():
                if number in hits:
                    hits[number] = max(hits[number], count)
    branches: dict[int, Branches] = {}
    for lines in exact:
        for number, found in lines.branches.items():
            known = branches.get(number)
            branches[number] = merge_branches(known, found) if known else found
    return Lines(hits, branches)


def _highest(counts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    merged: dict[int, int] = {}
    for hits in counts:
        for number, count in hits.items():
            if count >= merged.get(number, 0):
                merged[number] = count
    return merged


def as_reported(line: LineBranches) -> Branches:
    """One line's branches as a report gives them. Names that do not fit the counts are no identities."""
    covered, valid, taken, missing = line.covered, line.valid, line.taken or None, line.missing
    if taken is not None and _best(taken) != (covered, valid):
        taken = None
    if missing is None or taken is not None or len(set(missing)) != valid - covered:
        return Branches(covered, valid, taken)
    return Branches(covered, valid, None, {valid: tuple(sorted(missing))})


def merge_branches(one: Branches, other: Branches) -> Branches:
    """By identity where both give one (complementary halves make a whole), else the better counts.

    A branch that any report took is taken. Where reports name only the branches that were missed, those are missed
    that every report with as many branches names. Reports that name their branches in different manners (LCOV's
    "0,1", coverage.py's line numbers) do not mean different branches: each manner is counted for itself, and the
    best count stands.
    """
    if one == other:
        return one
    taken = _union(one.taken, other.taken)
    missing = _common(one.missing, other.missing)
    counts = [one[:2], other[:2]]
    if taken:
        counts.append(_best(taken))
    if missing:
        counts += [(valid - len(names), valid) for valid, names in missing.items()]
    return Branches(max(c for c, _ in counts), max(v for _, v in counts), taken, missing)


def _union(one: dict[str, bool] | None, other: dict[str, bool] | None) -> dict[str, bool] | None:
    if one is None or other is None:
        return one if other is None else other
    return {name: one.get(name, False) or other.get(name, False) for name in {**one, **other}}


def _common(
    one: dict[int, tuple[str, ...]] | None, other: dict[int, tuple[str, ...]] | None
) -> dict[int, tuple[str, ...]] | None:
    if one is None or other is None:
        return one if other is None else other
    both = {**one, **other}
    for valid in one.keys() & other.keys():
        both[valid] = tuple(name for name in one[valid] if name in other[valid])
    return both


def _best(taken: dict[str, bool]) -> tuple[int, int]:
    """Covered and valid of the names of one manner, the highest over the manners."""
    manners = {_manner(name) for name in taken}
    if len(manners) < 2:
        return sum(taken.values()), len(taken)
    counts = [[was for name, was in taken.items() if _manner(name) == manner] for manner in manners]
    return max(map(sum, counts)), max(map(len, counts))


@lru_cache(maxsize=2_000)  # places on a line, lines that branches go to: the same names in every file
def _manner(name: str) -> str:
    """What tells one manner of naming from another: LCOV's "0,1", "3.1", a place in the source, anything else."""
    found = _MANNERS.match(name)
    return found.lastgroup or "" if found else ""
