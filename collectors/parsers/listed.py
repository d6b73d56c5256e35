"""Lines and branches in the form in which a report lists them, read as the dictionaries that other reports become.

    [null, 3, 0]              ListedLines      {2: 3, 3: 0}
    [2, 0, 0, 5, 2, 0, 1, 0]  ListedBranches   {2: LineBranches(1, 2, {"0,0": True, "0,1": False})}

One call decodes such a list, and an entry of a dictionary for each line takes several times as long. So the list
goes as it is out of the reader and through the sandbox's pipe. Storage wants columns, which is what the lines are;
branches become a dictionary once, behind the pipe.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence, ValuesView
from typing import Any, Literal, get_args

from collectors.parsers.branches import by_line, on_lines
from collectors.parsers.results import FileCoverage, LineBranches

Joint = Literal[",", ".", ""]
"""What stands between block and branch in a branch's name; nothing where the branch alone is its name."""


class ListedLines(Mapping[int, int]):
    """Hits by line number; ``counts`` has those of line n at place n - 1, and None for what is no line.

    The list is this object's from then on, and stays as it is. It is no longer than ``MAX_LINE``.
    """

    __slots__ = ("_number", "counts")

    def __init__(self, counts: list[int | None]) -> None:
        self.counts = counts
        self._number = -1  # not counted yet

    def __getitem__(self, number: int) -> int:
        hits = self.counts[number - 1] if 0 < number <= len(self.counts) else None
        if hits is None:
            raise KeyError(number)
        return hits

    def __iter__(self) -> Iterator[int]:
        return iter([number for number, hits in enumerate(self.counts, 1) if hits is not None])

    def __len__(self) -> int:
        if self._number < 0:
            self._number = len(self.counts) - self.counts.count(None)
        return self._number

    def get(self, number: int, default: Any = None) -> Any:
        hits = self.counts[number - 1] if 0 < number <= len(self.counts) else None
        return default if hits is None else hits

    def values(self) -> list[int]:  # type: ignore[override]  # a view asks back for each line
        return [hits for hits in self.counts if hits is not None]


class ListedBranches(Mapping[int, LineBranches]):
    """Branches by line number, made when somebody asks for the first of them.

    ``told`` are line, block, branch and times taken, line, block and so on: a multiple of four, none below 0.
    What is on no line (1 to ``MAX_LINE``) is not there. The list is this object's from then on, and stays as it is;
    where the report has another one, ``told`` makes it of that.
    """

    __slots__ = ("_found", "_told", "joint")

    def __init__(self, told: list[int] | Callable[[], list[int]], joint: Joint = ",") -> None:
        self._told = told
        self.joint = joint
        self._found: dict[int, LineBranches] | None = None

    @property
    def numbers(self) -> list[int]:
        if not isinstance(self._told, list):
            self._told = self._told()
        return self._told

    def found(self) -> dict[int, LineBranches]:
        if self._found is None:
            (found,) = by_line([self.numbers], self.joint)
            self._found = on_lines(found)
        return self._found

    def __getitem__(self, number: int) -> LineBranches:
        return self.found()[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self.found())

    def __len__(self) -> int:
        return len(self.found())

    def items(self) -> ItemsView[int, LineBranches]:
        return self.found().items()

    def values(self) -> ValuesView[LineBranches]:
        return self.found().values()


# By ``type`` and not ``isinstance``, which takes a microsecond for a Mapping, and there are three for each file.


def size_of(table: Mapping[int, Any]) -> int:
    """About how many entries of a dictionary take as much to keep or to send; nothing is made to find out.

    A place takes less than half of what an entry does, and stands in a report that is bounded by its commas.
    """
    if type(table) is ListedLines:
        return (len(table.counts) + 1) // 2
    return len(table.numbers) // 4 if type(table) is ListedBranches else len(table)


def as_sent(value: object) -> Any:
    """What msgspec encodes for one of these."""
    if type(value) is ListedLines:
        return value.counts
    if type(value) is ListedBranches:
        return value.joint, value.numbers
    raise NotImplementedError(f"{type(value)} is not sent")


def take_in(files: Sequence[FileCoverage]) -> None:
    """Make of what was sent lines and branches again. Raises ValueError where a branch is not whole."""
    sent: dict[str, list[FileCoverage]] = {joint: [] for joint in get_args(Joint)}
    for file in files:
        lines: Any = file.lines
        branches: Any = file.branches
        if type(lines) is list:
            file.lines = ListedLines(lines)
        if type(branches) is tuple:
            joint, file.branches = branches
            sent[joint].append(file)
    for joint, listed in sent.items():
        numbers: Any = [file.branches for file in listed]
        for file, found in zip(listed, by_line(numbers, joint), strict=True):
            file.branches = on_lines(found)
