"""Putting branches that have names into a file's coverage: one that any entry took is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collectors.parsers.lines import MAX_LINE
from collectors.parsers.results import FileCoverage, LineBranches

_KNOWN = 10_000
"""Pairs of block and branch whose name is remembered: in most reports all of them, in any little memory."""


class _Names(dict[tuple[int, int], str]):
    """What a block's branch is called, put together once for each pair."""

    def __missing__(self, pair: tuple[int, int]) -> str:
        name = f"{pair[0]},{pair[1]}"
        if len(self) < _KNOWN:
            self[pair] = name
        return name


_NAMES = _Names()


def by_line(numbers: Sequence[int]) -> dict[int, dict[str, bool]]:
    """The branches of each line by name, out of line, block, branch and times taken, line, block and so on.

    Raises ValueError where the last of them is not whole.
    """
    taken: dict[int, dict[str, bool]] = {}
    branches: dict[str, bool] = {}
    before = None  # a line's branches follow each other
    names = map(_NAMES.__getitem__, zip(numbers[1::4], numbers[2::4], strict=True))
    for line, name, times in zip(numbers[::4], names, numbers[3::4], strict=True):
        if line != before:
            before = line
            branches = taken.setdefault(line, {})
        if times or name not in branches:
            branches[name] = times > 0
    return taken


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
