"""What a tool counts and a list of lines by number cannot hold; it stands beside the file, so that totals agree.

The entries are placeholders: their line numbers mean nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from collectors.parsers.results import FileCoverage, LineBranches
from collectors.parsers.text import bounded_name

INSTANCES = "(lines of further template instances)"
OFF_THE_LINES = "(branches on lines where no statement begins)"


def instances(file: FileCoverage, numbers: Iterable[int], covered: Iterable[bool]) -> list[FileCoverage]:
    """An entry for the lines that a report lists and its tool counts more than once."""
    listed: Counter[int] = Counter()
    ran: Counter[int] = Counter()
    for number, was_covered in zip(numbers, covered, strict=True):
        listed[number] += 1
        ran[number] += was_covered
    further = sum(listed[number] - 1 for number in file.lines)
    reached = sum(ran[number] - 1 for number, hits in file.lines.items() if hits)
    if further < 1:
        return []
    lines = {number: int(number <= reached) for number in range(1, further + 1)}
    return [FileCoverage(bounded_name(f"{file.path} {INSTANCES}"), lines, placeholder=True)]


def off_the_lines(covered: int, valid: int) -> list[FileCoverage]:
    """An entry for branches that a report counts and hangs on no line."""
    if not 0 <= covered <= valid or not valid:
        return []
    return [FileCoverage(OFF_THE_LINES, {}, {1: LineBranches(covered, valid)}, placeholder=True)]
