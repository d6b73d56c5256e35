"""Go's coverage profile, what ``go test -coverprofile`` writes: blocks of statements with their counts.

Written by: ``go test -coverprofile`` and ``go build -cover`` with ``go tool covdata textfmt`` (Go 1.2 to 1.25), in
the modes set, count and atomic; gotestsum, ginkgo, gocovmerge; several profiles one after the other in one file.
Specified in: golang.org/x/tools/cover, ``ParseProfiles``; ``go help testflag``.
Read: every block's file, first and last line, number of statements, and count. A block that comes several times
(``-coverpkg``, merged profiles) is one block: its counts are added, in mode set any of them counts.
Dropped: columns; blocks without a statement.
Meaning: a line is valid if a block with statements lies on it, from the block's first line to its last, and
covered if any such block ran: Go says which blocks ran, not on which of its lines a statement stands. So blank
lines, comments and closing braces within a block are lines too, and a long block weighs more than its statements.
Differences:
    * go test, go tool cover: they print the share of statements that ran, and know no lines; the share of lines
      is another figure.
Notes: a path begins with the module's name; what stands behind it is found in the repository's tree by its end.
"""

from __future__ import annotations

import re
from operator import gt

import orjson

from collectors.parsers.lines import MAX_HITS, MAX_LINE, MAX_LINES, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_names

_MODE = re.compile(rb"\s*mode: (?:set|count|atomic)[ \t]*\r?(?:\n|\Z)")
_NO_BLOCKS = frozenset((b"", b"mode: set", b"mode: count", b"mode: atomic"))
_PLACE = re.compile(rb"(\d{1,18})\.(\d{1,18}),(\d{1,18})\.(\d{1,18}) (\d{1,18})")
_DIGITS = b"0123456789"
_BETWEEN = b".,. \n"
_AS_JSON = bytes.maketrans(b". \n", b",,,")
_WIDTH = 5
"""First line and column, last line and column, statements."""

_Block = tuple[bytes, int, int, int, int]
"""Path, first and last line, statements, count."""


def sniff(head: bytes) -> bool:
    """Whether the first line names the mode."""
    return bool(_MODE.match(as_utf8(head)))


def parse(data: bytes) -> CoverageReport:
    """Read the lines of every file's blocks. Raises ReportError."""
    text = as_utf8(data)
    counts = _counts(text)
    places = [block.rpartition(b":") for block in counts]
    paths = [path for path, _, _ in places]
    numbers = _numbers([place for _, _, place in places])
    if not all(paths) or numbers is None:
        raise ReportError(_mistake(text))
    starts, ends, statements = numbers[::_WIDTH], numbers[2::_WIDTH], numbers[4::_WIDTH]
    blocks = list(zip(paths, starts, ends, statements, counts.values(), strict=True))
    _refuse_absurd(blocks, starts, ends)
    files = _lines(blocks)
    names = bounded_names(b"\n".join(files).decode("utf-8", "replace").split("\n") if files else ())
    return CoverageReport(list(map(FileCoverage, names, files.values())))


def _counts(text: bytes) -> dict[bytes, int]:
    """Each block as its line has it, without its count, and the sum of its counts. Raises ReportError."""
    rows = [line.rpartition(b" ") for line in map(bytes.strip, text.split(b"\n")) if line not in _NO_BLOCKS]
    digits = [count for _, _, count in rows]
    if rows and not b"".join(digits).isdigit():
        raise ReportError(_mistake(text))
    try:
        counts = orjson.loads(b"[" + b",".join(digits) + b"]")
    except orjson.JSONDecodeError:  # a leading zero
        counts = [int(count[:19]) for count in digits]  # more digits are no count
    sums: dict[bytes, int] = {}
    so_far = sums.get
    for (block, _, _), count in zip(rows, counts, strict=True):
        sums[block] = so_far(block, 0) + count
    return sums


def _numbers(places: list[bytes]) -> list[int] | None:
    """The numbers of all blocks, one after the other; None where one is no block.

    Without what stands between them they are a JSON list, which is read in a tenth of the time.
    """
    text = b"\n".join(places) + b"\n"
    if text.translate(None, _DIGITS) == _BETWEEN * len(places):
        try:
            found = orjson.loads(b"[" + text.translate(_AS_JSON)[:-1] + b"]")
            if not found or type(max(found)) is int:  # beyond 64 bits they are floats
                return found
        except orjson.JSONDecodeError:  # a leading zero, or no digit where one belongs
            pass
    matches = list(map(_PLACE.fullmatch, places))
    return [int(number) for match in matches if match for number in match.groups()] if all(matches) else None


def _refuse_absurd(blocks: list[_Block], starts: list[int], ends: list[int]) -> None:
    """Raise ReportError for lines that cannot be, one block after the other only where there are any."""
    spans = sum(ends) - sum(starts) + len(blocks)  # each line counted once per block
    if not blocks or (
        min(starts) > 0 and max(ends) <= MAX_LINE and spans <= MAX_LINES and not any(map(gt, starts, ends))
    ):
        return
    spans = 0
    for path, start, end, statements, _ in blocks:
        if not statements:
            continue
        spans += end - start + 1
        if not 1 <= start <= end <= MAX_LINE:
            said = path[:200].decode("utf-8", "replace")
            raise ReportError(f"A block of {said} goes from line {start} to line {end}.")
        refuse_too_many(spans)


def _lines(blocks: list[_Block]) -> dict[bytes, dict[int, int]]:
    """The lines of every file and their hits."""
    files: dict[bytes, dict[int, int]] = {}
    before = None  # a file's blocks follow each other
    for path, start, end, statements, count in blocks:
        if path != before:
            lines = files.setdefault(path, {})
            known, before = lines.get, path
        if not statements:
            continue
        hits = count if count < MAX_HITS else MAX_HITS
        for number in range(start, end + 1):
            if hits >= known(number, 0):
                lines[number] = hits
    return files


def _mistake(text: bytes) -> str:
    lines = list(map(bytes.strip, text.split(b"\n")))
    for number, line in enumerate(lines, 1):
        path, _, place = line.rpartition(b":")
        place, _, count = place.rpartition(b" ")
        if line not in _NO_BLOCKS and not (path and count.isdigit() and _PLACE.fullmatch(place)):
            if number == len(lines):
                return f"The file breaks off within line {number}."
            said = line.decode("utf-8", "replace")[:80]
            return f"Line {number} is no block of a coverage profile: “{said}”."
    return "The file is no coverage profile."


GO_COVER = Format(
    "go-cover",
    "coverage",
    sniff,
    parse,
    meaning="Lines from the first to the last of each block of statements; Go's own percentage counts statements.",
)
