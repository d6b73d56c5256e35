"""Which test ran which lines, out of the data file's tables ``context`` with ``line_bits`` or ``arc``.

A test suite may have millions of such pairs. They are held as tuples of shared numbers, and where there are more
than a reading process can hold, or send, all are left out with a sentence: the lines themselves are read anyway.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from collectors.parsers.lines import MAX_LINE
from collectors.parsers.text import bounded_name

_MOST_CONTEXTS = 50_000
_MOST_PAIRS = 5_000_000
"""Tests of one data file, and its pairs of a test and a line that it ran: 200 MB where they are put together."""
_BYTES, _BYTES_OF_A_FILE = 48 * 1024 * 1024, 4 * 1024 * 1024
"""What all contexts, and those of one source file, may take on their way out of the reading process."""

_BITS = [tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]

Contexts = dict[str, tuple[int, ...]]


def lines_of(numbits: bytes) -> Iterator[int]:
    """The numbers in coverage.py's "numbits": bit n of the little-endian bytes stands for line n."""
    for place, byte in enumerate(numbits[: MAX_LINE // 8]):
        for bit in _BITS[byte]:
            if number := place * 8 + bit:
                yield number


def read_contexts(
    connection: sqlite3.Connection, tables: Collection[str], files: Collection[int]
) -> tuple[dict[int, Contexts], list[str]]:
    """Contexts by the id of the file, without the one that has no name; and a sentence where they are left out."""
    if "context" not in tables:
        return {}, []
    named = {number: tested(name) for number, name in connection.execute("SELECT id, context FROM context")}
    named = {number: name for number, name in named.items() if name}
    if not named:
        return {}, []
    found: dict[int, Contexts] = {number: {} for number in files}
    if len(named) <= _MOST_CONTEXTS and _fill(found, named, _rows(connection, tables)) and _can_be_sent(found):
        return {number: contexts for number, contexts in found.items() if contexts}, []
    return {}, [
        f"Which of its {len(named):,} tests ran which line is more than can be kept; the lines that ran were read."
    ]


def tested(context: object) -> str:
    """The test that a context stands for: pytest-cov adds the phase in which a line ran."""
    if not isinstance(context, str):
        return ""
    name, bar, phase = context.rpartition("|")
    return bounded_name(name if bar and phase in ("run", "setup", "teardown") else context)


def _rows(connection: sqlite3.Connection, tables: Collection[str]) -> Iterator[tuple[object, object, list[int]]]:
    """File, context and the lines of the two together."""
    if "line_bits" in tables:
        for file, context, bits in connection.execute("SELECT file_id, context_id, numbits FROM line_bits"):
            if isinstance(bits, bytes):
                yield file, context, list(lines_of(bits))
    if "arc" in tables:
        steps = connection.execute("SELECT file_id, context_id, fromno, tono FROM arc ORDER BY file_id, context_id")
        for (file, context), rows in groupby(steps, key=lambda row: row[:2]):
            ends = {end for row in rows for end in row[2:]}
            yield file, context, sorted(n for n in ends if isinstance(n, int) and 0 < n <= MAX_LINE)


def _fill(
    found: dict[int, Contexts], named: dict[int, str], rows: Iterable[tuple[object, object, list[int]]]
) -> bool:
    """Add all rows to the files' contexts; False when there are more than can be held."""
    left = _MOST_PAIRS
    # One object for each number: millions of equal integers of their own would be several times larger.
    shared: dict[int, int] = {}
    for file, context, lines in rows:
        name, contexts = named.get(context), found.get(file)  # type: ignore[call-overload]
        if not lines or name is None or contexts is None:
            continue
        left -= len(lines)
        if left < 0:
            return False
        if name in contexts:
            lines = sorted({*contexts[name], *lines})
        contexts[name] = tuple(shared.setdefault(line, line) for line in lines)
    return True


def _can_be_sent(found: dict[int, Contexts]) -> bool:
    sizes = [
        sum(len(name.encode()) + 3 * len(lines) + 8 for name, lines in contexts.items())
        for contexts in found.values()
    ]
    return sum(sizes) <= _BYTES and max(sizes, default=0) <= _BYTES_OF_A_FILE
