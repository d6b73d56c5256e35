"""Putting branches that have names into a file's coverage: one that any entry took is taken."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.parsers.lines import MAX_LINE
from collectors.parsers.results import FileCoverage, LineBranches


def add_named(file: FileCoverage, branches: Mapping[int, dict[str, bool]]) -> None:
    """Add branches by line and name; a name that the line has already is the same branch.

    The tables of names are the file's from then on.
    """
    if not file.branches:  # a file's only entry, as nearly always: nothing to merge with
        file.branches = {
            number: LineBranches(sum(found.values()), len(found), found)
            for number, found in branches.items()
            if found and 1 <= number <= MAX_LINE
        }
        return
    for number, found in branches.items():
        if not found or not 1 <= number <= MAX_LINE:
            continue
        known = file.branches.get(number)
        taken = dict(found)
        if known and known.taken:
            for name, was_taken in known.taken.items():
                taken[name] = taken.get(name, False) or was_taken
        file.branches[number] = LineBranches(list(taken.values()).count(True), len(taken), taken)
