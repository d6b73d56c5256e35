"""What reading costs at least, for each kind of format: the floors that the benchmarks hold parsers against.

A kind has two. The bare one is its tool, run over the file with nobody listening: expat without handlers,
``orjson.loads``, text split at its lines and commas. The other hands over what the file says, as any reader in
Python has to be told it, and does nothing with it:

* XML: expat calls an empty function for each start tag, and in a report of tests, whose texts count, for each end
  tag and each text. Without handlers expat makes no object at all.
* JSON: ``orjson.loads`` hands over everything; both floors are one. So are they for SQLite's rows and for
  Erlang's terms.
* Text: each line is split into its fields at what its format separates them by, in Go's blocks a colon, dots, a
  comma and blanks. A comma does that in few of them; in the others the bare split does no more than find the lines.
  TeamCity's values have escapes, which are resolved, as expat and ``orjson`` resolve those of XML and JSON.
* Packets: of each its length is read, its checksum held against it, and what its flags announce is handed over. A
  packet may hold the byte that begins one, so that a split finds other packets than there are, and each field
  begins where the one before it ends; no library in C reads them.

Neither makes the values that come out of a parser: tests, tables of lines, branches.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from xml.parsers import expat

import orjson

Work = Callable[[bytes], object]

TIME, TEST, MIME, FILE = 0x0200, 0x0800, 0x0020, 0x0040
"""The flags of a packet of subunit 2 that announce fields; of tags and routes the measured sample has none."""
TEXTS = {
    test | mime | file: range(bool(test) + bool(mime) + 2 * bool(file))
    for test in (0, TEST) for mime in (0, MIME) for file in (0, FILE)
}  # fmt: skip
"""How many texts they announce: a file has a name and a content."""


def bare_expat(data: bytes) -> object:
    return expat.ParserCreate().Parse(data, True)


def bare_split(data: bytes) -> object:
    return [line.split(b",") for line in data.split(b"\n")]


def bare_lines(data: bytes) -> object:
    return [orjson.loads(line) for line in data.split(b"\n") if line[:1] in (b"{", b"[")]


def bare_packets(data: bytes) -> object:
    """The pieces between the bytes that begin a packet of subunit 2, each with a checksum."""
    return [zlib.crc32(packet) for packet in data.split(b"\xb3")]


def bare_terms(data: bytes) -> object:
    """The terms of exported data, and the bytes in each that begin a value."""
    return [term.split(b"\x00") for term in data.split(b"\x83")]


def bare_rows(data: bytes) -> object:
    """Every row of every table."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    rows = [connection.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in tables]
    connection.close()
    return rows


def bare_tokens(data: bytes) -> object:
    """For what looks like XML and is none (no root, tags that do not match): its tags."""
    return [piece.partition(b">") for piece in data.split(b"<")]


def told_start_tags(data: bytes) -> object:
    parser = expat.ParserCreate()
    parser.ordered_attributes = True  # a list, which is made in less time than a dictionary
    parser.StartElementHandler = lambda name, attributes: None
    return parser.Parse(data, True)


def told_all_tags(data: bytes) -> object:
    parser = expat.ParserCreate()
    parser.ordered_attributes = parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: None
    parser.EndElementHandler = lambda name: None
    parser.CharacterDataHandler = lambda text: None
    return parser.Parse(data, True)


def told_tokens(data: bytes) -> object:
    """Each tag with its attributes, and the text behind it."""
    return [[part.split(b'"') for part in piece.partition(b">")] for piece in data.split(b"<")]


def told_fields(separator: bytes | None, data: bytes) -> object:
    """The fields of each line; without a separator they stand between blanks."""
    return [line.split(separator) for line in data.split(b"\n")]


ESCAPES = ((b"||", b"\xfe"), (b"|'", b"\xff"), (b"|n", b"\n"), (b"|[", b"["), (b"|]", b"]"))
"""Those of TeamCity's messages; bars and quotes become other bytes, so that a line can still be split at quotes."""


def told_messages(data: bytes) -> object:
    """The pieces of each line between quotes, without escapes."""
    told = []
    for line in data.split(b"\n"):
        if ord("|") in line:
            for escape, character in ESCAPES:
                line = line.replace(escape, character)
        told.append(line.split(b"'"))
    return told


def told_blocks(data: bytes) -> object:
    """Path, first line and column, last line and column, statements and count of each of Go's blocks."""
    parts = [line.rpartition(b":") for line in data.split(b"\n")]
    return [(path, place.translate(BLANKS).split(b" ")) for path, _, place in parts]


BLANKS = bytes.maketrans(b".,", b"  ")


def told_packets(data: bytes) -> object:
    """The packets of subunit 2, each held against its checksum, and the fields that its flags announce."""
    at, packets = 0, []
    while at < len(data):
        flags = data[at + 1] << 8 | data[at + 2]
        length, place = told_number(data, at + 3)
        end = at + length
        fields: list[object] = [flags, zlib.crc32(data[at : end - 4]) == int.from_bytes(data[end - 4 : end], "big")]
        if flags & TIME:
            fields.append(data[place : place + 4])
            nanoseconds, place = told_number(data, place + 4)
            fields.append(nanoseconds)
        for _ in TEXTS[flags & (TEST | MIME | FILE)]:
            size, place = told_number(data, place)
            fields.append(data[place : place + size])
            place += size
        packets.append(fields)
        at = end
    return packets


def told_number(data: bytes, at: int) -> tuple[int, int]:
    """A number of subunit 2, whose first two bits say how many bytes it has, and where it ends."""
    if (first := data[at]) < 64:
        return first, at + 1
    end = at + 1 + (first >> 6)
    return int.from_bytes(data[at:end], "big") & (64 << 8 * (first >> 6)) - 1, end


SEPARATORS = {
    "automake-trs": None,
    "common-test": None,
    "d-lst": b"|",
    "devel-cover": None,
    "erlang-cover": b"|",
    "gcov": b":",
    "jacoco-csv": b",",
    "lcov": b",",
    "luacov": None,
    "tap": None,
}
"""Formats of lines of text, and what stands between a line's fields; None is blanks.

Automake's colons stand around the field's name; its result and its test's name are parted by a blank.
"""


OF_SEVERAL_SEPARATORS: dict[str, Work] = {"go-cover": told_blocks, "teamcity": told_messages}
"""Formats of which a line split at one character does not hand over what it says."""


@dataclass(frozen=True)
class Floor:
    """The tool of a kind: run without a listener, and handing over what it finds."""

    kind: str
    bare: Work
    telling: Work


def floor_of(name: str, is_tests: bool, data: bytes) -> Floor:
    """The floors of a format, for one of its files."""
    start = data.lstrip()[:1]
    if data[:1] == b"\xb3":
        return Floor("packets", bare_packets, told_packets)
    if data[:6] == b"SQLite":
        return Floor("rows of SQLite", bare_rows, bare_rows)
    if b"\x83h" in data[:8]:
        return Floor("split at terms", bare_terms, bare_terms)
    if start == b"<":
        try:
            bare_expat(data)
            return Floor("expat", bare_expat, told_all_tags if is_tests else told_start_tags)
        except expat.ExpatError:
            return Floor("split at tags", bare_tokens, told_tokens)
    if start in (b"{", b"["):
        try:
            orjson.loads(data)
            return Floor("orjson", orjson.loads, orjson.loads)
        except orjson.JSONDecodeError:
            return Floor("orjson, line by line", bare_lines, bare_lines)
    if data.count(b"\n{") * 2 > data.count(b"\n"):
        return Floor("orjson, line by line", bare_lines, bare_lines)
    return Floor("split", bare_split, OF_SEVERAL_SEPARATORS.get(name) or partial(told_fields, SEPARATORS[name]))
