"""Erlang's ``cover``: annotated source (``*.COVER.out``) and exported data (``*.coverdata``).

Written by: ``cover:analyse_to_file`` and ``cover:export`` of OTP 17 to 27 (25.2.3 seen), as rebar3, EUnit and
Common Test call them.
Specified in: ``cover.erl`` of OTP's tools; “External Term Format” of the Erlang run-time system.
Read: every executable line with its calls, and the source's path; of exported data all modules.
Dropped: the source text, functions and clauses. HTML (``*.COVER.html``) is not read.
Meaning: a line with ``N..|`` is code and is covered if N is above zero. Exported data count per function and
clause; a line's calls are their sum. Line 0, code that the compiler made, is no line.

Notes:
Exported data are terms, each behind a byte with its size; a term of more than 255 bytes comes behind one that
tells its size. Wanted are ``{file, Module, Path}`` and ``{#bump{module, function, arity, clause, line}, Calls}``;
what has another shape (the compiled clauses of a module) is passed over unread.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from operator import eq

from collectors.parsers.lines import LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name

_HEADER = re.compile(
    rb"\s*File generated from ([^\r\n]+?) by COVER \d{4}-\d\d?-\d\d? at [^\r\n]*\r?\n\s*\*{10,}[ \t]*\r?\n"
)
_LINE = re.compile(rb"^ *(?:(\d{1,18})\.\.)?\|", re.MULTILINE)
_FIRST_TERM = re.compile(rb"\A.\x83(?:h[\x02\x03]|P)", re.DOTALL)
_ATOMS = {b"d": 2, b"v": 2, b"s": 1, b"w": 1}
"""The tags of atoms, and in how many bytes their length stands."""
_INTEGERS = {b"a": 1, b"b": 4}
_BUMP = 6
_BUMP_BEGINS = re.compile(rb"\x83h\x02h\x06(?:d\x00\x04bump(d\x00)|w\x04bump(w))(.)", re.DOTALL)
"""A bump with atoms as written before OTP 26 and since, up to the length of its module's name."""
_ARITY_AND_CLAUSE = 4
"""Bytes of both, each a tag and a number below 256; of a higher one no tag stands behind them."""
_BYTE, _INTEGER = b"ab"
_four_bytes = struct.Struct(">I").unpack_from
_AT_ONCE = 4_096
"""Bytes that are split: a hundred bumps, and little to do again where something else stands between each two."""
_SMALL = 4_096
"""Bytes to which a packed term may unpack: enough for a path; larger ones are the clauses of a module."""


def sniff(head: bytes) -> bool:
    """Whether this is an annotated source, or terms of which the first names a module's file."""
    if _FIRST_TERM.match(head):
        return any(term[:3] == b"\x83h\x03" and term[4:].lstrip(b"\x00\x04")[:4] == b"file" for term in _some(head))
    return bool(_HEADER.match(as_utf8(head)))


def parse(data: bytes) -> CoverageReport:
    """Read the lines of a listing or of exported data. Raises ReportError."""
    if _FIRST_TERM.match(data):
        return _read_terms(data)
    text = as_utf8(data)
    header = _HEADER.match(text)
    if not header:
        raise ReportError("The listing does not say which source it was made from: it is cut short.")
    refuse_too_many(text.count(b"\n"))
    body = text[header.end() :].removeprefix(b"\r").removeprefix(b"\n")
    counts = [found and found[1] for found in map(_LINE.match, body.splitlines())]
    code = [(number, hits) for number, hits in enumerate(counts, 1) if hits]
    file = FileCoverage(bounded_name(header[1].decode("utf-8", "replace")), {})
    table = LineTable()
    table.add(file, [number for number, _ in code], [hits for _, hits in code])
    return CoverageReport([file], table.warnings())


def _read_terms(data: bytes) -> CoverageReport:
    paths: dict[str, str] = {}
    calls: dict[str, dict[int, int]] = {}
    at = 0
    while at < len(data):
        at = _read_bumps(data, at, calls)
        term, at = _term(data, at)
        if term[:3] == b"\x83h\x03":
            told = _flat(term[3:], 3)
            if len(told) == 3 and told[0] == "file":
                paths[str(told[1])] = str(told[2])
        elif term[:5] == b"\x83h\x02h\x06":
            told = _flat(term[5:], _BUMP + 1)
            line, times = _line_and_calls(told)
            lines = calls.setdefault(str(told[1]) if len(told) > 1 else "", {})
            lines[line] = lines.get(line, 0) + times
    table = LineTable()
    files = []
    for module, lines in calls.items():
        lines.pop(0, None)
        file = FileCoverage(bounded_name(paths.get(module) or f"{module}.erl"), {})
        table.add(file, list(lines), list(lines.values()))
        files.append(file)
    if not files and not paths:
        raise ReportError("The exported data name no module.")
    return CoverageReport(files, table.warnings())


def _read_bumps(data: bytes, at: int, calls: dict[str, dict[int, int]]) -> int:
    """Add the calls of one module's bumps, which follow each other by the hundred; where those end that were read.

    All of them begin alike, so that the data are split there, and neither that nor the functions' names are looked
    at byte by byte. Each part ends with the size of the next bump, which has to be that of the next part.
    """
    module, alike = _beginning(data, at)
    if not alike:
        return at
    first, *parts = data[at : at + _AT_ONCE].split(alike)
    if b"" in parts:
        del parts[parts.index(b"") :]
    sizes = [first[0], *[part[-1] for part in parts[:-1]]]
    ahead = len(alike) - 1
    whole = [*map(eq, sizes, [ahead + len(part) for part in parts]), False].index(False)
    if whole < len(parts):  # other terms stand behind it, or it is cut short
        size = max(sizes[whole] - ahead, 0)
        parts[whole] = parts[whole][:size]
        whole += len(parts[whole]) == size > 0
    if whole:
        _add_calls(calls.setdefault(module, {}), parts[:whole])
    return at + sum(sizes[:whole]) + whole


def _beginning(data: bytes, at: int) -> tuple[str, bytes]:
    """A bump's module, and its bytes up to the length of its function's name; none for another term."""
    found = _BUMP_BEGINS.match(data, at + 1)
    if not found:
        return "", b""
    tag = found[1] or found[2]
    name = data[found.end() : found.end() + found[3][0]]
    return name.decode("utf-8" if tag == b"w" else "latin-1", "replace"), found[0] + name + tag


def _add_calls(lines: dict[int, int], parts: list[bytes]) -> None:
    """Add up bumps, each from the length of its function's name to the size of the next bump.

    Line and calls are of one byte or four each nearly always, which is seen here without a call for each bump.
    """
    try:
        for part in parts:
            at = 1 + part[0] + _ARITY_AND_CLAUSE
            if part[at] == _BYTE:
                line, at = part[at + 1], at + 2
            elif part[at] == _INTEGER:
                line, at = _four_bytes(part, at + 1)[0], at + 5
            else:
                line, at = 0, len(part)
            left = len(part) - at
            if left == 3 and part[at] == _BYTE:
                times = part[at + 1]
            elif left == 6 and part[at] == _INTEGER:
                (times,) = _four_bytes(part, at + 1)
            else:
                line, times = _line_and_calls(_flat(part[1 + part[0] : -1], _BUMP - 2))
            lines[line] = lines.get(line, 0) + times
    except (IndexError, struct.error) as error:
        raise ReportError("A term of the exported data breaks off.") from error


def _line_and_calls(told: list[str | int]) -> tuple[int, int]:
    """The last two values of a bump, none of line 0 where they are no numbers."""
    line, times = told[-2:] if len(told) > 1 else (0, 0)
    return (line, times) if isinstance(line, int) and isinstance(times, int) else (0, 0)


def _some(head: bytes) -> Iterator[bytes]:
    """The first term, and of what follows as much as is whole."""
    at = 0
    with suppress(ReportError):
        while at < len(head):
            term, at = _term(head, at)
            yield term


def _term(data: bytes, at: int) -> tuple[bytes, int]:
    """The term at a place, and where the next one begins. Raises ReportError for data that break off."""
    size = data[at]
    at += 1
    if data[at : at + 4] in (b"\x83h\x02d", b"\x83h\x02w") and (larger := _larger(data[at : at + size])):
        at += size
        size = larger
    term = data[at : at + size]
    if len(term) < size or term[:1] != b"\x83":
        raise ReportError(f"The exported data break off at byte {at:,}.")
    return _unpacked(term) if term[1:2] == b"P" else term, at + size


def _unpacked(term: bytes) -> bytes:
    """A small term as it was before ``term_to_binary`` packed it; a large one as it is."""
    if int.from_bytes(term[2:6], "big") > _SMALL:
        return term
    try:
        return b"\x83" + zlib.decompressobj().decompress(term[6:], _SMALL)
    except zlib.error as error:
        raise ReportError(f"A packed term of the exported data is damaged ({error}).") from error


def _larger(term: bytes) -> int:
    """The size out of ``{'$size', Size}``, 0 for any other term."""
    if b"$size" not in term:
        return 0
    size = _flat(term[3:], 2)[1]
    return size if isinstance(size, int) and size > 0 else 0


def _flat(data: bytes, wanted: int) -> list[str | int]:
    """The first atoms, integers and strings in a term, a list of numbers last. Raises ReportError for others."""
    found: list[str | int] = []
    at = 0
    while len(found) < wanted:
        tag = data[at : at + 1]
        at += 1
        if width := _INTEGERS.get(tag):
            at += width
            found.append(int.from_bytes(data[at - width : at], "big", signed=tag == b"b"))
        elif tag in _ATOMS or tag in (b"k", b"m"):
            width = _ATOMS.get(tag) or (2 if tag == b"k" else 4)
            size = int.from_bytes(data[at : at + width], "big")
            at += width + size
            text = data[at - size : at]
            found.append(text.decode("utf-8" if tag in (b"v", b"w", b"m") else "latin-1", "replace"))
        elif tag == b"l":  # a text with characters beyond Latin-1 is a list of numbers
            found.append(_characters(data[at + 4 :]))
            return found
        elif tag == b"n":  # a count beyond 32 bits: size, sign, bytes from the lowest
            size = data[at] if at < len(data) else 0
            at += 2 + size
            found.append(int.from_bytes(data[at - size : at], "little"))
        else:
            raise ReportError("A term of the exported data is neither a module's file nor a count of calls.")
        if at > len(data):
            raise ReportError("A term of the exported data breaks off.")
    return found


def _characters(data: bytes) -> str:
    """The text of a list of numbers, as far as it goes."""
    text = []
    at = 0
    while data[at : at + 1] in _INTEGERS:
        width = _INTEGERS[data[at : at + 1]]
        number = int.from_bytes(data[at + 1 : at + 1 + width], "big")
        text.append(chr(number) if number < 0x110000 else "\ufffd")
        at += 1 + width
    return "".join(text)


ERLANG_COVER = Format("erlang-cover", "coverage", sniff, parse)
