"""Putting branches that have names into a file's coverage: one that any entry took is taken.

Lines share what they say: two conditions whose first arm was taken and whose second was not are one object, made
once for each pattern. Nobody changes it in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, compress, islice
from operator import ne

from collectors.parsers.lines import MAX_LINE
from collectors.parsers.results import FileCoverage, LineBranches

_KNOWN, _LONGEST = 10_000, 1_000
"""Patterns that are remembered, and their length: in most reports all of them, in any little memory."""


def named(taken: dict[str, bool]) -> LineBranches:
    """The branches of one line by name; the table is theirs from then on."""
    return LineBranches(sum(taken.values()), len(taken), taken)


class _ByBlock(dict[bytes, LineBranches]):
    """A line's branches called “block,branch”, out of block, branch and taken of each with a zero between two.

    ``joint`` is what stands between the two; without one the branch alone is its name.
    """

    def __init__(self, joint: str) -> None:
        self._joint = joint

    def __missing__(self, pattern: bytes) -> LineBranches:
        taken: dict[str, bool] = {}
        for block, branch, was_taken in zip(pattern[::4], pattern[1::4], pattern[2::4], strict=True):
            _take(taken, _name(block, self._joint, branch), was_taken)
        branches = named(taken)
        if len(self) < _KNOWN and len(pattern) < _LONGEST:
            self[pattern] = branches
        return branches


class _NamesOfLines(dict[int, str]):
    """Lines as names of branches that go to them."""

    def __missing__(self, line: int) -> str:
        name = str(line)
        if len(self) < _KNOWN:
            self[line] = name
        return name


_NAMES_OF_LINES = _NamesOfLines()
_BY_BLOCK = {joint: _ByBlock(joint) for joint in (",", ".", "")}
_FIRST = bytes.maketrans(b"\x01", b"\xff")


def by_line(files: Sequence[list[int]], joint: str = ",") -> list[dict[int, LineBranches]]:
    """The branches of each file's lines, out of line, block, branch and times taken, line, block and so on.

    All files at once, as bytes: a line's branches follow each other, and a byte that nothing else has stands for a
    line where its first branch begins. Raises ValueError where the last branch of a file is not whole.
    """
    numbers = list(chain.from_iterable(files))
    if any(len(told) % 4 for told in files):
        raise ValueError("a branch is four numbers")
    lines, ends = numbers[::4], list(accumulate([len(told) // 4 for told in files]))
    firsts = bytearray(map(ne, lines, chain((None,), lines)))
    for end in ends:
        firsts[end : end + 1] = b"\x01" if end < len(lines) else b""
    numbers[::4] = firsts.translate(_FIRST)
    numbers[3::4] = [times > 0 for times in numbers[3::4]]
    try:
        patterns = bytes(numbers).split(b"\xff")[1:]
    except ValueError:  # a block or branch beyond 255
        patterns = []
    if len(patterns) != firsts.count(1) and len(files) > 1:
        return [found for told in files for found in by_line([told], joint)]
    if len(patterns) != firsts.count(1):
        return [_one_by_one(told, joint) for told in files]
    named_lines = zip(compress(lines, firsts), map(_BY_BLOCK[joint].__getitem__, patterns), strict=True)
    found = []
    for told, start, end in zip(files, [0, *ends], ends, strict=False):
        number = firsts.count(1, start, end)
        branches = dict(islice(named_lines, number))
        found.append(branches if len(branches) == number else _one_by_one(told, joint))
    return found


def _one_by_one(numbers: list[int], joint: str) -> dict[int, LineBranches]:
    """The same, whatever the numbers are and wherever a line's branches stand."""
    taken: dict[int, dict[str, bool]] = {}
    for line, block, branch, times in zip(numbers[::4], numbers[1::4], numbers[2::4], numbers[3::4], strict=True):
        _take(taken.setdefault(line, {}), _name(block, joint, branch), times)
    return {line: named(branches) for line, branches in taken.items()}


def _name(block: int, joint: str, branch: int) -> str:
    return f"{block}{joint}{branch}" if joint else str(branch)


def _take(taken: dict[str, bool], name: str, times: int) -> None:
    taken[name] = times > 0 or taken.get(name, False)


def by_target(missing: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]) -> dict[int, LineBranches]:
    """The branches of each line, called by the line that they go to, out of steps from a line to another.

    A step that is in both was taken.
    """
    found: dict[int, dict[str, bool]] = {}
    names = _NAMES_OF_LINES
    for steps, was_taken in ((missing, False), (taken, True)):
        before = None  # a line's branches follow each other
        for start, end in steps:
            if start != before:
                to, before = found.setdefault(start, {}), start
            to[names[end]] = was_taken
    return {line: LineBranches(sum(to.values()), len(to), to) for line, to in found.items()}


def on_lines(branches: dict[int, LineBranches]) -> dict[int, LineBranches]:
    """Those whose line may be one."""
    if branches and not 1 <= min(branches) <= max(branches) <= MAX_LINE:
        return {number: found for number, found in branches.items() if 1 <= number <= MAX_LINE}
    return branches


def add_named(file: FileCoverage, taken: Mapping[int, dict[str, bool]]) -> None:
    """Add branches by line and name; the tables of names are the file's from then on."""
    add(file, {number: named(found) for number, found in taken.items() if found})


def add(file: FileCoverage, branches: dict[int, LineBranches]) -> None:
    """Add branches that have names; a name that the line has already is the same branch."""
    branches = on_lines(branches)
    if not file.branches:  # a file's only entry, as nearly always: nothing to merge with
        file.branches = branches
        return
    own = file.own_branches()
    for number, found in branches.items():
        known = own.get(number)
        taken = dict(found.taken or {})
        for name, was_taken in (known.taken or {} if known else {}).items():
            taken[name] = taken.get(name, False) or was_taken
        own[number] = named(taken)
