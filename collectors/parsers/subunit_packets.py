"""Subunit version 2: the packets of the binary stream.

A packet is ``B3``, two bytes of flags, its length, then what the flags announce in this order: a time stamp, a
test's id, tags, a MIME type, a file's name and content, a route; at the end a CRC-32 of all before it. Numbers have
two bits for their own length. What stands between packets is output of the tests.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.parsers.results import Outcome, ReportError
from collectors.parsers.text import DETAILS_LIMIT, MAX_SECONDS

SIGNATURE = 0xB3
MAX_PACKET = 4 * 1024 * 1024
"""The protocol's own limit."""

_HAS_TEST, _HAS_TIME, _HAS_TAGS, _HAS_MIME, _HAS_FILE = 0x0800, 0x0200, 0x0080, 0x0020, 0x0040
_FOUR_BYTES = struct.Struct(">I")
_MASKS = (0x3F, 0x3FFF, 0x3FFFFF, 0x3FFFFFFF)
"""The bits of a number of one to four bytes that do not say how many they are."""

_IN_PROGRESS = 2
_OUTCOMES = {
    3: Outcome.PASSED,
    4: Outcome.FAILED,  # unexpected success
    5: Outcome.SKIPPED,
    6: Outcome.FAILED,
    7: Outcome.SKIPPED,  # expected failure
}


@dataclass(slots=True)
class Result:
    """One test that ended, or began and did not."""

    test: str
    outcome: Outcome = Outcome.ERROR
    seconds: float | None = None
    reason: str = ""
    details: str = ""


@dataclass(slots=True)
class _Running:
    """What is known of a test before its end; the names of its files as they stand in the packets."""

    began: float | None = None
    in_progress: bool = False
    files: dict[bytes, bytearray] = field(default_factory=dict)

    def keep(self, file: bytes, content: bytes) -> None:
        kept = self.files.get(file)
        if kept is None:
            kept = self.files[file] = bytearray()
        if len(kept) < 2 * DETAILS_LIMIT:
            kept += content

    def ended(self, test: bytes, outcome: Outcome, time: float | None) -> Result:
        took = time - self.began if time is not None and self.began is not None else None
        return Result(
            _decoded(test),
            outcome,
            took if took is not None and 0 <= took <= MAX_SECONDS else None,
            _decoded(self.files.get(b"reason", b"")),
            _text(self) if outcome is Outcome.FAILED else "",
        )


_Packet = tuple[int, int, bytes, float | None, bytes, bytes]
"""Where a packet ends, its status, test, time, file and content; names stay bytes, as most are only compared."""


def begins(head: bytes) -> bool:
    """Whether a packet of version 2 stands at the beginning."""
    return len(head) >= 8 and head[0] == SIGNATURE and head[1] >> 4 == 2


def results(data: bytes, warnings: list[str]) -> Iterator[Result]:
    """All results in the order in which the tests ended. Raises ReportError where a packet is broken or cut."""
    running: dict[bytes, _Running] = {}
    at, strays = 0, 0
    while at < len(data):
        if data[at] != SIGNATURE:
            start, at = at, data.find(SIGNATURE, at)
            at = len(data) if at < 0 else at
            strays += at - start
            continue
        at, status, test, time, file, content = _packet(data, at)
        if not test:
            continue
        state = running.get(test)
        if state is None:
            state = running[test] = _Running()
        if content:
            state.keep(file, content)
        if status == _IN_PROGRESS:
            state.began, state.in_progress = time, True
        elif status in _OUTCOMES:
            yield running.pop(test).ended(test, _OUTCOMES[status], time)
    if strays:
        warnings.append(f"{strays} bytes stand between the packets; they were passed over.")
    for test, state in running.items():
        if state.in_progress:
            yield Result(_decoded(test), reason="The test did not end.", details=_text(state))


def _text(state: _Running) -> str:
    """The files of a test that are texts, tracebacks first."""
    names = sorted(state.files, key=lambda name: (b"traceback" not in name, name))
    return "\n".join(_decoded(state.files[name]) for name in names if name != b"reason")


def _decoded(text: bytes | bytearray) -> str:
    return text.decode("utf-8", "replace")


def _packet(data: bytes, start: int) -> _Packet:
    """The packet at a place, checked. Raises ReportError."""
    try:
        length, at = _number(data, start + 3)
    except IndexError as error:
        raise _broken(start, "breaks off") from error
    end = start + length
    if data[start + 1] >> 4 != 2:
        raise _broken(start, "is no subunit of version 2")
    if length > MAX_PACKET or end - 4 < at:
        raise _broken(start, "has a length that makes no sense")
    if end > len(data):
        raise _broken(start, "breaks off")
    if zlib.crc32(data[start : end - 4]) != _FOUR_BYTES.unpack_from(data, end - 4)[0]:
        raise _broken(start, "has a wrong checksum")
    try:
        packet, at = _fields(data, start, at, end)
    except IndexError:
        at = end
    if at > end - 4:
        raise _broken(start, "breaks off within a field")
    return packet


def _fields(data: bytes, start: int, at: int, end: int) -> tuple[_Packet, int]:
    """What a packet says, and where its last field ends, which is beyond the packet if that is broken."""
    flags = data[start + 1] << 8 | data[start + 2]
    time = None
    test = mime = file = content = b""
    if flags & _HAS_TIME:
        following = at + 5 + (data[at + 4] >> 6)
        if flags & 7 > 1:  # the time at which a test began or ended
            time = _FOUR_BYTES.unpack_from(data, at)[0] + _number(data, at + 4)[0] / 1e9
        at = following
    if flags & _HAS_TEST:
        test, at = _sized(data, at)
    if flags & _HAS_TAGS:
        tags, at = _number(data, at)
        while tags and at < end:
            _, at = _sized(data, at)
            tags -= 1
    if flags & _HAS_MIME:
        mime, at = _sized(data, at)
    if flags & _HAS_FILE:
        file, at = _sized(data, at)
        content, at = _sized(data, at)
        if mime and not mime.startswith(b"text/"):
            content = b""
    return (end, flags & 7, test, time, file, content), at


def _number(data: bytes, at: int) -> tuple[int, int]:
    """The number at a place, whose first two bits say how many bytes follow its first, and where it ends."""
    further = data[at] >> 6
    end = at + 1 + further
    return int.from_bytes(data[at:end], "big") & _MASKS[further], end


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes behind their number, which is one byte long for nearly all, and where they end."""
    size = data[at]
    if size < 64:
        at += 1
    else:
        size, at = _number(data, at)
    return data[at : at + size], at + size


def _broken(start: int, how: str) -> ReportError:
    return ReportError(f"The packet at byte {start:,} {how}.")
