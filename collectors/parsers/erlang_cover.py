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
import zlib
from collections.abc import Iterator

from collectors.parsers.lines import MAX_HITS, LineTable, refuse_too_many
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
_OLD_BUMP, _NEW_BUMP = b"\x83h\x02h\x06d\x00\x04bumpd\x00", b"\x83h\x02h\x06w\x04bumpw"
"""How a bump begins with atoms as written before OTP 26 and since."""
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
    marks: dict[bytes, list[str | int]] = {}  # what follows the names of a bump is much the same everywhere
    for term in _terms(data):
        if bump := _bump(term):
            module, mark = bump
            known = marks.get(mark)
            if known is None:
                known = marks[mark] = _flat(mark, _BUMP - 2)
            _add_calls(calls, module, known)
        elif term[:3] == b"\x83h\x03":
            told = _flat(term[3:], 3)
            if len(told) == 3 and told[0] == "file":
                paths[str(told[1])] = str(told[2])
        elif term[:5] == b"\x83h\x02h\x06":
            told = _flat(term[5:], _BUMP + 1)
            _add_calls(calls, str(told[1]) if len(told) > 1 else "", told[3:])
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


def _add_calls(calls: dict[str, dict[int, int]], module: str, told: list[str | int]) -> None:
    """Add a bump's calls; ``told`` is its arity, clause, line and calls, or shorter for what is no bump."""
    if len(told) != _BUMP - 2:
        return
    line, times = told[2:]
    if isinstance(line, int) and isinstance(times, int):
        lines = calls.setdefault(module, {})
        lines[line] = min(lines.get(line, 0) + times, MAX_HITS)


def _bump(term: bytes) -> tuple[str, bytes] | None:
    """The module of a bump and what follows its function's name, without a look at each byte; None for others."""
    try:
        if term.startswith(_OLD_BUMP):
            end = 15 + term[14]
            following = end + 3 + term[end + 2]
            if term[end : end + 2] == b"d\x00" and following <= len(term):
                return term[15:end].decode("latin-1"), term[following:]
        elif term.startswith(_NEW_BUMP):
            end = 13 + term[12]
            following = end + 2 + term[end + 1]
            if term[end : end + 1] == b"w" and following <= len(term):
                return term[13:end].decode("utf-8", "replace"), term[following:]
    except IndexError:
        pass
    return None


def _some(head: bytes) -> Iterator[bytes]:
    """The first term, and of what follows as much as is whole."""
    try:
        yield from _terms(head)
    except ReportError:
        return


def _terms(data: bytes) -> Iterator[bytes]:
    """The terms one after the other. Raises ReportError for data that break off."""
    at = 0
    while at < len(data):
        size = data[at]
        at += 1
        if data[at : at + 4] == b"\x83h\x02d" or data[at : at + 4] == b"\x83h\x02w":
            larger = _larger(data[at : at + size])
            if larger:
                at += size
                size = larger
        term = data[at : at + size]
        if len(term) < size or term[:1] != b"\x83":
            raise ReportError(f"The exported data break off at byte {at:,}.")
        yield _unpacked(term) if term[1:2] == b"P" else term
        at += size


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
        if tag in _ATOMS or tag in (b"k", b"m"):
            width = _ATOMS.get(tag) or (2 if tag == b"k" else 4)
            size = int.from_bytes(data[at : at + width], "big")
            at += width + size
            text = data[at - size : at]
            found.append(text.decode("utf-8" if tag in (b"v", b"w", b"m") else "latin-1", "replace"))
        elif tag in _INTEGERS:
            at += _INTEGERS[tag]
            found.append(int.from_bytes(data[at - _INTEGERS[tag] : at], "big", signed=tag == b"b"))
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
