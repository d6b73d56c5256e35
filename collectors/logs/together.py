"""The logs of a commit's jobs put together (contract rules 3 and 4, as far as counts can follow them).

Jobs that differ in version, system or shard number only are legs of one group, and run the same tests: a leg stands
for its group, one with failures before others, then the one with most tests. Groups are different tests and add up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from collectors.logs.counts import MOST, Counts, Lines, LogCounts
from collectors.logs.totals import agreed
from dashboard.groups import group_of


@dataclass(frozen=True, slots=True)
class CommitCounts:
    """``executions`` are those of all legs."""

    tests: Counts | None
    executions: int | None
    lines: Lines | None


def together(jobs: Iterable[tuple[str, str, LogCounts]]) -> CommitCounts:
    """``jobs`` as (workflow file, name, what its log told)."""
    groups: dict[tuple[str, str], list[LogCounts]] = defaultdict(list)
    for workflow, name, told in jobs:
        groups[workflow, group_of(name)].append(told)
    tests, lines, executions = [], [], 0
    for legs in groups.values():
        ran = [leg.tests for leg in legs if leg.tests is not None]
        if ran:
            tests.append(max(ran, key=lambda leg: (leg.failing > 0, leg.total, leg.failing)))
            executions += sum(leg.total for leg in ran)
        measured = [leg.lines for leg in legs if leg.lines is not None]
        if measured:
            lines.append(max(measured, key=lambda leg: (leg.valid, leg.covered)))
    whole = Counts.of_all(tests)
    return CommitCounts(whole, executions if whole and executions <= MOST else None, agreed(lines))
