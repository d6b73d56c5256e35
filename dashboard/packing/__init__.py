"""The compact storage: results, durations, lines and nights as a few bytes each.

Any results in give the same results out; only durations are rounded, to within 4.2 % (``quantised`` says to what).
Every packed value starts with one byte that names its layout, so that an old row stays readable for ever.
Nothing here knows a database.
"""

from __future__ import annotations

import hashlib
import math
import struct
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import accumulate
from operator import sub
from typing import Any, NamedTuple

import orjson

from dashboard.packing.squeezing import Packed, added, squeeze, squeeze_codes, subtracted, unsqueeze

FLAKY_BIT = 0b100
OUTCOME_BITS = 0b011

# Durations: one byte on a logarithmic scale from 0.1 ms to a little over a day. 0 is unknown, 1 is zero.
SHORTEST = 0.0001
LONGEST = 90_000.0
STEP = math.log(LONGEST / SHORTEST) / 253
SECONDS = (0.0, 0.0, *(SHORTEST * math.exp(STEP * code) for code in range(254)))
MILLISECONDS = (None, *(round(1000 * seconds) for seconds in SECONDS[1:]))

# Hits are counters that some tools let overflow; past this a line is simply "very often".
MOST_HITS = 2**32 - 1

UNKNOWN = 2**32 - 1
NIGHT = struct.Struct("<HIIII")
LAST_DAY = 2**16 - 1


def digest_of(*parts: bytes) -> bytes:
    """The 16 bytes that name a content; parts are length-prefixed, so that ("a", "bc") is not ("ab", "c")."""
    prefixed = b"".join([len(part).to_bytes(8, "little") + part for part in parts])
    return hashlib.blake2b(prefixed, digest_size=16).digest()


Digest = hashlib.blake2b
SIZES = [size.to_bytes(8, "little") for size in range(1024)]


def begun_digest(*parts: bytes) -> Digest:
    """``digest_of`` these parts and one more, which ``ended_digest`` adds: for many that begin in the same way."""
    return Digest(b"".join([len(part).to_bytes(8, "little") + part for part in parts]), digest_size=16)


def ended_digest(begun: Digest, last: bytes) -> bytes:
    digest = begun.copy()
    size = len(last)
    digest.update((SIZES[size] if size < len(SIZES) else size.to_bytes(8, "little")) + last)
    return digest.digest()


def pack_outcomes(outcomes: Sequence[int], flaky: Sequence[bool]) -> bytes:
    """Outcomes (0 skipped, 1 passed, 2 failed, 3 error) and whether each was flaky, in the roster's order."""
    return squeeze_codes(
        bytes(outcome | (FLAKY_BIT if wavers else 0) for outcome, wavers in zip(outcomes, flaky, strict=True))
    )


def unpack_outcomes(packed: Packed) -> tuple[list[int], list[bool]]:
    raw = unsqueeze(packed)
    return [code & OUTCOME_BITS for code in raw], [bool(code & FLAKY_BIT) for code in raw]


# Reports round to the millisecond, so that the same few durations come again and again.
@lru_cache(maxsize=2**16)
def duration_code(seconds: float | None) -> int:
    if seconds is None or math.isnan(seconds):
        return 0
    if seconds < SHORTEST / 2:
        return 1
    return 2 + min(253, max(0, round(math.log(min(seconds, LONGEST) / SHORTEST) / STEP)))


def quantised(seconds: float | None) -> float | None:
    """What a stored duration will read as."""
    code = duration_code(seconds)
    return SECONDS[code] if code else None


def duration_codes(seconds: Iterable[float | None]) -> bytes:
    return bytes(map(duration_code, seconds))


def pack_durations(codes: bytes, usual: bytes = b"") -> bytes:
    """Codes of durations, kept as differences to what the same tests usually take; "": not known."""
    return squeeze_codes(subtracted(codes, usual) if usual else codes)


def unpack_durations(packed: Packed, usual: bytes = b"") -> bytes:
    """The codes again, with the same ``usual``."""
    return added(unsqueeze(packed), usual) if usual else unsqueeze(packed)


def duration_of(code: int) -> float | None:
    """What a byte of durations says, in seconds; None unknown."""
    return SECONDS[code] if code else None


def milliseconds_of(code: int) -> int | None:
    """What a byte of durations says, in whole milliseconds."""
    return MILLISECONDS[code]


class Branches(NamedTuple):
    """The branches of one line; ``taken`` maps identities to whether taken, None where only counts are known."""

    covered: int
    valid: int
    taken: dict[str, bool] | None = None
    missing: dict[int, tuple[str, ...]] | None = None
    """Where reports name only the branches that were not taken: their names, by how many branches the line has."""


@dataclass(slots=True)
class Lines:
    """One file's lines: line number → hits. With ``executed_only`` the valid lines are unknown."""

    hits: Mapping[int, int]
    branches: dict[int, Branches] = field(default_factory=dict)
    executed_only: bool = False

    @property
    def covered(self) -> int:
        return len(self.hits) - list(self.hits.values()).count(0)

    @property
    def partial(self) -> int:
        return sum(1 for line, b in self.branches.items() if b.covered < b.valid and self.hits.get(line))

    def state(self, line: int) -> str:
        """``covered``, ``partial`` or ``missed``, as the API names them."""
        if not self.hits[line]:
            return "missed"
        branches = self.branches.get(line)
        return "partial" if branches and branches.covered < branches.valid else "covered"


HEADER = struct.Struct("<BIBBI")
_MARKS = bytes.maketrans(b"\x00\x01", b"01")
EXECUTED_ONLY, BY_COLUMN = 0b01, 0b10
"""Bits of the first byte of packed lines. Without ``BY_COLUMN`` their branches stand in rows, the old way."""


def _narrowest(numbers: list[int]) -> tuple[str, bytes]:
    """The typecode of the narrowest array that holds the numbers, and its bytes; at most ``MOST_HITS`` each."""
    try:
        return "B", bytes(numbers)
    except ValueError:  # one that takes more than a byte
        largest = max(numbers)
    if largest > MOST_HITS:
        numbers = [min(number, MOST_HITS) for number in numbers]
    kind = "H" if largest < 2**16 else "I"
    return kind, array(kind, numbers).tobytes()


def _gaps(numbers: list[int]) -> list[int]:
    """Of each number how much larger it is than the one before."""
    return list(map(sub, numbers, [0, *numbers]))


def pack_lines(lines: Lines) -> bytes:
    """Gaps between line numbers and hits as narrow arrays, then the branches; equal lines give equal bytes."""
    numbers, counts = list(lines.hits), list(lines.hits.values())
    if (ascending := sorted(numbers)) != numbers:
        numbers, counts = ascending, list(map(lines.hits.__getitem__, ascending))
    gap_type, gaps = _narrowest(_gaps(numbers))
    hit_type, hits = _narrowest(counts)
    branches = _pack_branches(lines.branches) if lines.branches else b""
    flags = EXECUTED_ONLY * lines.executed_only | BY_COLUMN * bool(branches)
    head = HEADER.pack(flags, len(numbers), ord(gap_type), ord(hit_type), len(branches))
    return squeeze(head + gaps + hits + branches)


def unpack_lines(packed: Packed) -> Lines:
    raw = unsqueeze(packed)
    flags, count, gap_type, hit_type, branch_bytes = HEADER.unpack_from(raw)
    gaps, hits = array(chr(gap_type)), array(chr(hit_type))
    at = HEADER.size
    gaps.frombytes(raw[at : at + count * gaps.itemsize])
    at += count * gaps.itemsize
    hits.frombytes(raw[at : at + count * hits.itemsize])
    at += count * hits.itemsize
    numbers, line = [], 0
    for gap in gaps:
        line += gap
        numbers.append(line)
    rows = orjson.loads(raw[at : at + branch_bytes]) if branch_bytes else []
    return Lines(
        hits=dict(zip(numbers, hits, strict=True)),
        branches=_branch_columns(rows) if flags & BY_COLUMN else _branch_rows(rows),
        executed_only=bool(flags & EXECUTED_ONLY),
    )


def _pack_branches(branches: dict[int, Branches]) -> bytes:
    """Column by column, because names repeat from line to line and deflate to nothing there.

    Gaps between lines, covered, valid, the names that a line has (null: none), "1" for each that was taken and "0"
    for the others, and of the lines that have it, by their place, what is missing.
    """
    numbers = sorted(branches)
    found = [branches[number] for number in numbers]
    names = [None if b.taken is None else sorted(b.taken) for b in found]
    marks = b"".join(
        [bytes(map(b.taken.__getitem__, own or ())) for b, own in zip(found, names, strict=True) if b.taken]
    )
    missing = [[place, sorted(b.missing.items())] for place, b in enumerate(found) if b.missing is not None]
    covered, valid = [b.covered for b in found], [b.valid for b in found]
    return orjson.dumps([_gaps(numbers), covered, valid, names, marks.translate(_MARKS).decode(), missing])


def _branch_columns(columns: list[list[Any]]) -> dict[int, Branches]:
    gaps, covered, valid, names, marks, missing = columns
    mark = iter(marks)
    taken = [None if own is None else {name: next(mark) == "1" for name in own} for own in names]
    missed = {place: {count: tuple(lost) for count, lost in found} for place, found in missing}
    rows = zip(accumulate(gaps), covered, valid, taken, strict=True)
    return {row[0]: Branches(*row[1:], missed.get(place)) for place, row in enumerate(rows)}


def _branch_rows(rows: list[list[Any]]) -> dict[int, Branches]:
    return {row[0]: Branches(*row[1:]) for row in rows}


class Night(NamedTuple):
    """One night of a repository's sparklines; None is unknown."""

    day: date
    tests: int | None
    failing: int | None
    lines_covered: int | None
    lines_valid: int | None

    @property
    def percent(self) -> float | None:
        return 100 * (self.lines_covered or 0) / self.lines_valid if self.lines_valid else None


FIRST_DAY = date(2000, 1, 1).toordinal()


def pack_nights(nights: Iterable[Night]) -> bytes:
    """Nights in order, 18 bytes each; one without evidence is simply not there, nor one that two bytes cannot tell.

    Those are before 2000 and after 2179: a commit's date is what its author's clock said.
    """
    return b"".join(
        NIGHT.pack(day, *(UNKNOWN if n is None else min(n, UNKNOWN - 1) for n in night[1:]))
        for night in nights
        if 0 <= (day := night.day.toordinal() - FIRST_DAY) <= LAST_DAY
    )


def unpack_nights(packed: Packed, since: date = date.min) -> list[Night]:
    """What ``pack_nights`` packed, from that day on."""
    first = since.toordinal() - FIRST_DAY
    return [
        Night(
            date.fromordinal(FIRST_DAY + day),
            None if tests == UNKNOWN else tests,
            None if failing == UNKNOWN else failing,
            None if covered == UNKNOWN else covered,
            None if valid == UNKNOWN else valid,
        )
        for day, tests, failing, covered, valid in NIGHT.iter_unpack(packed)
        if day >= first
    ]


def pack_names(names: Sequence[str]) -> bytes:
    """Names in their order; what line contexts count."""
    return squeeze(orjson.dumps(list(names)))


def unpack_names(packed: Packed) -> list[str]:
    names: list[str] = orjson.loads(unsqueeze(packed))
    return names


def pack_contexts(contexts: Mapping[int, Iterable[int]]) -> bytes:
    """One file's lines by the place of a test in the names: gaps between lines, because they run in blocks."""
    rows = []
    for place, lines in sorted(contexts.items()):
        numbers = sorted(lines)
        rows.append([place, *(n - before for before, n in zip([0, *numbers], numbers, strict=False))])
    return squeeze(orjson.dumps(rows))


def unpack_contexts(packed: Packed) -> dict[int, list[int]]:
    return {place: list(accumulate(gaps)) for place, *gaps in orjson.loads(unsqueeze(packed))}
