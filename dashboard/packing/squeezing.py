"""Bytes made small, so that one of many can be read without the others.

What is short is deflated as a whole, what is long in blocks with a directory in front: a database that keeps such a
value outside its row fetches the directory and one block of it (``dashboard.queries.case_places``).

    0 bytes as they are │ 1 deflated │ 2 directory, blocks │ 3 one of those blocks, cut out

The directory is where each block begins and where the last one ends, four bytes each, the highest first, counted
from the value's first byte.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise

# Databases give bytes back as either.
Packed = bytes | memoryview

PLAIN, DEFLATED, BLOCKS, ONE_BLOCK = b"\x00", b"\x01", b"\x02", b"\x03"
BLOCK = 2048
"""Bytes of a block before it is deflated: of the layout, so that another number would be another layout."""
DIFFERENT = re.compile(rb"[^\x00]")


def squeeze(raw: bytes) -> bytes:
    """Deflate where that makes it smaller."""
    deflated = zlib.compress(raw, 6)
    return DEFLATED + deflated if len(deflated) < len(raw) else PLAIN + raw


def squeeze_codes(codes: bytes) -> bytes:
    """A byte for each test: the smallest whole where they are few, blocks where they are many."""
    if len(codes) <= BLOCK:
        deflated = _deflated(codes)
        return DEFLATED + deflated if len(deflated) < len(codes) else PLAIN + codes
    blocks = [_deflated(codes[at : at + BLOCK]) for at in range(0, len(codes), BLOCK)]
    at = 1 + 4 * (len(blocks) + 1)
    places = [at]
    for block in blocks:
        at += len(block)
        places.append(at)
    return BLOCKS + struct.pack(f">{len(places)}I", *places) + b"".join(blocks)


def _deflated(raw: bytes) -> bytes:
    """Durations repeat nothing, and take less where no repetition is looked for; outcomes are little else."""
    return min((_compressed(raw, how) for how in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY)), key=len)


def _compressed(raw: bytes, strategy: int) -> bytes:
    work = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, 9, strategy)
    return work.compress(raw) + work.flush()


def unsqueeze(packed: Packed) -> bytes:
    raw = bytes(packed)
    if raw[:1] == BLOCKS:
        return b"".join(zlib.decompress(raw[begin:end]) for begin, end in _blocks(raw))
    return zlib.decompress(raw[1:]) if raw[:1] == DEFLATED else raw[1:]


def _blocks(raw: bytes) -> Iterator[tuple[int, int]]:
    (first,) = struct.unpack_from(">I", raw, 1)
    return pairwise(struct.unpack_from(f">{(first - 1) // 4}I", raw, 1))


def byte_at(packed: Packed, place: int) -> int:
    """One byte of what was squeezed, out of the whole or out of the one block that holds it."""
    raw = bytes(packed)
    kind, begin, end = raw[0], 1, len(raw)
    if kind == PLAIN[0]:
        return raw[1 + place]
    if kind == BLOCKS[0]:
        begin, end = list(_blocks(raw))[place // BLOCK]
    at = place if kind == DEFLATED[0] else place % BLOCK
    # No further than wanted, which is half of the way as a rule.
    return zlib.decompressobj().decompress(raw[begin:end], at + 1)[at]


def differing(one: bytes, other: bytes) -> list[int]:
    """The places at which two byte strings of one length differ; costs what differs, not what is long."""
    return [] if one == other else [found.start() for found in DIFFERENT.finditer(mixed(one, other))]


def mixed(one: bytes, other: bytes) -> bytes:
    """Zero where two byte strings of one length are the same."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")


def added(one: bytes, other: bytes) -> bytes:
    """Byte by byte, over 255 beginning again at 0; both are of one length. All bytes in a few operations."""
    low, high, x, y = _as_numbers(one, other)
    return (((x & low) + (y & low)) ^ ((x ^ y) & high)).to_bytes(len(one), "big")


def subtracted(one: bytes, other: bytes) -> bytes:
    """What ``added`` to ``other`` is ``one``."""
    low, high, x, y = _as_numbers(one, other)
    return (((x | high) - (y & low)) ^ ((x ^ y ^ high) & high)).to_bytes(len(one), "big")


def _as_numbers(one: bytes, other: bytes) -> tuple[int, int, int, int]:
    if len(one) != len(other):
        raise ValueError(f"{len(one)} bytes and {len(other)} do not go together")
    low, high = (int.from_bytes(byte * len(one), "big") for byte in (b"\x7f", b"\x80"))
    return low, high, int.from_bytes(one, "big"), int.from_bytes(other, "big")
