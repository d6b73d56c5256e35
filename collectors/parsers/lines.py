"""Putting line numbers and hits into a file's coverage, with the bounds that hold for every format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import orjson
from msgspec import Meta

from collectors.parsers.results import CoverageReport, FileCoverage, LineBranches, ReportError
from collectors.parsers.text import count

MAX_LINE = 10_000_000
"""The highest line number taken. Generated sources reach a million lines; beyond this it is no line number."""

MAX_HITS = 2**31 - 1
"""More hits than this are kept as this many: loops reach billions, and only zero or not decides a figure."""

Line = Annotated[int, Meta(ge=1, le=MAX_LINE)]
Hits = Annotated[int, Meta(ge=0, le=MAX_HITS)]
"""Held while msgspec decodes, in a fifth of the time that a look at all of them takes."""

MAX_LINES = 4_000_000
"""Lines in one report: so many and their text stay within the 512 MB of a parsing process."""


_DIGITS = b"0123456789"
_AS_JSON = bytes.maketrans(b"=>", b", ")
_NEITHER = bytes(set(range(256)) - set(_DIGITS + b"=>"))


def plain_numbers(tags: bytes, shape: bytes) -> list[list[int]] | None:
    """The values of attributes by the hundred thousand, as one list for each attribute; None where one is unusual.

    ``shape`` is a start tag without its values, ``<line number="" hits=""``. Nothing else in ``tags`` may have an
    attribute or hold digits. Such a text without its letters is a JSON list, ``12,3 ,13,0``, which is read in a
    twentieth of the time of a match for each line; it has two numbers for each tag of that shape, or the text holds
    something else.
    """
    width, number = shape.count(b"="), tags.translate(None, _DIGITS).count(shape)
    try:
        found = orjson.loads(b"[0" + tags.translate(_AS_JSON, _NEITHER) + b"]")
    except orjson.JSONDecodeError:  # a leading zero, digits between the elements
        return None
    return [found[at::width] for at in range(1, width + 1)] if len(found) == width * number + 1 else None


def refuse_too_many(lines: int) -> None:
    """Raise ReportError for a report of more lines than ``MAX_LINES``."""
    if lines > MAX_LINES:
        raise ReportError(f"The report lists {lines:,} lines, more than the {MAX_LINES:,} that are read; split it.")


def refuse_too_many_in(data: bytes, commas: int) -> None:
    """The same for a list with so many commas a line; they are counted only in a file that is large enough."""
    if len(data) > MAX_LINES:
        refuse_too_many(data.count(b",") // commas)


class LineTable:
    """Adds lines to files and remembers what had to be left out."""

    def __init__(self) -> None:
        self.left_out = 0
        self.unknown = 0
        """Lines of which the report does not say whether they ran."""

    def add(
        self, file: FileCoverage, numbers: Sequence[str | bytes | int], hits: Sequence[str | bytes | int]
    ) -> None:
        """Add lines; a number that comes twice keeps its higher hits. Raises ReportError for what is no number."""
        try:
            keys, values = list(map(int, numbers)), list(map(int, hits))
        except ValueError:
            keys, values = _whole(numbers, file), _whole(hits, file)
        if not keys:
            return
        if min(keys) < 1 or max(keys) > MAX_LINE or min(values) < 0 or max(values) > MAX_HITS:
            keys, values = self._bounded(keys, values)
        lines = file.own_lines()
        fresh = dict(zip(keys, values, strict=True))
        if len(fresh) == len(keys) and lines.keys().isdisjoint(fresh):
            lines.update(fresh)
            return
        for number, hit in zip(keys, values, strict=True):
            if hit >= lines.get(number, 0):
                lines[number] = hit

    def add_plain(self, file: FileCoverage, numbers: list[int], hits: list[int]) -> None:
        """The same for numbers that are whole already."""
        fresh = dict(zip(numbers, hits, strict=True))
        if len(fresh) != len(numbers):
            for number, hit in zip(numbers, hits, strict=True):
                if hit > fresh[number]:
                    fresh[number] = hit
        if file.lines or (
            fresh and (min(fresh) < 1 or max(fresh) > MAX_LINE or min(hits) < 0 or max(hits) > MAX_HITS)
        ):
            self.add(file, numbers, hits)
        else:
            file.lines = fresh

    def add_covered(self, file: FileCoverage, covered: list[int], missed: list[int]) -> None:
        """Add lines of which is known only whether they ran: a covered one has one hit."""
        lines = dict.fromkeys(missed, 0)
        lines.update(dict.fromkeys(covered, 1))
        if file.lines or (lines and (min(lines) < 1 or max(lines) > MAX_LINE)):
            self.add(file, list(lines), list(lines.values()))
        else:
            file.lines = lines

    def add_branches(self, file: FileCoverage, number: str | bytes | int | None, branches: LineBranches) -> None:
        """Add one line's branches; of two counts of one line the better stands, a line without number none."""
        line = number if isinstance(number, int) else count(number)
        if line is None or not 1 <= line <= MAX_LINE or not 0 < branches.valid <= MAX_HITS or branches.covered < 0:
            return
        known = file.branches.get(line)
        if known is None or branches.covered > known.covered:
            file.own_branches()[line] = branches

    def warnings(self) -> list[str]:
        if not self.left_out:
            return []
        return [f"{self.left_out} lines with a number below 1 or above {MAX_LINE:,} were left out."]

    def _bounded(self, keys: list[int], values: list[int]) -> tuple[list[int], list[int]]:
        pairs = [
            (number, min(max(hit, 0), MAX_HITS))
            for number, hit in zip(keys, values, strict=True)
            if 1 <= number <= MAX_LINE
        ]
        self.left_out += len(keys) - len(pairs)
        return [number for number, _ in pairs], [hit for _, hit in pairs]


def disagreement(report: CoverageReport, covered: int | None, valid: int | None) -> list[str]:
    """A sentence where the totals that a report carries differ from its own lines (contract section 2)."""
    if covered is None or valid is None or report.totals is not None:
        return []
    counted = report.line_counts()
    if (covered, valid) == counted:
        return []
    return [
        f"The file's own totals say {covered} of {valid} lines covered, its lines give "
        f"{counted[0]} of {counted[1]}; the lines were counted."
    ]


def _whole(values: Iterable[str | bytes | int], file: FileCoverage) -> list[int]:
    """Whole numbers out of what may be written "3.0" or "1e+06"."""
    whole = []
    for value in values:
        try:
            whole.append(int(float(value)))
        except (ValueError, OverflowError) as error:
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            raise ReportError(f"“{text[:40]}” stands for a line's number or hits in {file.path[:200]}.") from error
    return whole
