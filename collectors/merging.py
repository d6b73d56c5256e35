"""Several legs of one commit put together (contract rules 4 and 5): values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.packing import Branches, Lines


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


def _highest(counts: Iterable[dict[int, int]]) -> dict[int, int]:
    merged: dict[int, int] = {}
    for hits in counts:
        for number, count in hits.items():
            if count >= merged.get(number, 0):
                merged[number] = count
    return merged


def merge_branches(one: Branches, other: Branches) -> Branches:
    """By identity where both give one (complementary halves make a whole), else the better count."""
    if one.taken is not None and other.taken is not None:
        taken = dict(one.taken)
        for identity, was_taken in other.taken.items():
            taken[identity] = taken.get(identity, False) or was_taken
        return Branches(sum(taken.values()), len(taken), taken)
    return max(one, other, key=lambda b: (b.valid, b.covered))
