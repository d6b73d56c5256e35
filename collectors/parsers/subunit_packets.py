"""Subunit version 2: the packets of the binary stream.

A packet is ``B3``, two bytes of flags, its length, then what the flags announce in this order: a time stamp, a
test's id, tags, a MIME type, a file's name and content, a route; at the end a CRC-32 of all before it. Numbers have
two bits for their own length. What stands between packets is output of the tests.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.parsers.results import Outcome, ReportError
from collectors.parsers.text import DETAILS_LIMIT, MAX_SECONDS

SIGNATURE = 0xB3
MAX_PACKET = 4 * 1024 * 1024
"""The protocol's own limit."""

_HAS_TEST, _HAS_TIME, _HAS_TAGS, _HAS_MIME, _HAS_FILE = 0x0800, 0x0200, 0x0080, 0x0020, 0x0040
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
    """What is known of a test before its end."""

    began: float | None = None
    in_progress: bool = False
    files: dict[str, bytearray] = field(default_factory=dict)


def begins(head: bytes) -> bool:
    """Whether a packet of version 2 stands at the beginning."""
    return len(head) >= 8 and head[0] == SIGNATURE and head[1] >> 4 == 2


def results(data: bytes, warnings: list[str]) -> Iterator[Result]:
    """All results in the order in which the tests ended. Raises ReportError where a packet is broken or cut."""
    running: dict[str, _Running] = {}
    at, strays = 0, 0
    while at < len(data):
        if data[at] != SIGNATURE:
            start, at = at, data.find(SIGNATURE, at)
            at = len(data) if at < 0 else at
            strays += at - start
            continue
        packet = _Packet(data, at)
        at = packet.end
        if packet.test and (result := _take(running, packet)):
            yield result
    if strays:
        warnings.append(f"{strays} bytes stand between the packets; they were passed over.")
    for test, state in running.items():
        if state.in_progress:
            yield Result(test, reason="The test did not end.", details=_text(state))


def _take(running: dict[str, _Running], packet: _Packet) -> Result | None:
    """Note what a packet says of a test; its result where this is the last."""
    state = running.get(packet.test)
    if state is None:
        state = running[packet.test] = _Running()
    if packet.content:
        kept = state.files.setdefault(packet.file, bytearray())
        kept += packet.content[: max(2 * DETAILS_LIMIT - len(kept), 0)]
    if packet.status == _IN_PROGRESS:
        state.began, state.in_progress = packet.time, True
    outcome = _OUTCOMES.get(packet.status)
    if outcome is None:
        return None
    del running[packet.test]
    took = packet.time - state.began if packet.time is not None and state.began is not None else None
    return Result(
        packet.test,
        outcome,
        took if took is not None and 0 <= took <= MAX_SECONDS else None,
        bytes(state.files.get("reason", b"")).decode("utf-8", "replace"),
        _text(state) if outcome is Outcome.FAILED else "",
    )


def _text(state: _Running) -> str:
    """The files of a test that are texts, tracebacks first."""
    names = sorted(state.files, key=lambda name: ("traceback" not in name, name))
    return "\n".join(bytes(state.files[name]).decode("utf-8", "replace") for name in names if name != "reason")


class _Packet:
    """One packet, checked."""

    def __init__(self, data: bytes, start: int) -> None:
        self.start = self.at = start
        self.data = data
        self.limit = len(data)
        if start + 4 > len(data):
            raise self._broken("breaks off")
        flags = int.from_bytes(data[start + 1 : start + 3], "big")
        if flags >> 12 != 2:
            raise self._broken("is no subunit of version 2")
        self.at += 3
        self.end = start + self._number()
        if self.end - start > MAX_PACKET or self.end - 4 < self.at:
            raise self._broken("has a length that makes no sense")
        if self.end > len(data):
            raise self._broken("breaks off")
        if zlib.crc32(data[start : self.end - 4]) != int.from_bytes(data[self.end - 4 : self.end], "big"):
            raise self._broken("has a wrong checksum")
        self.limit = self.end - 4
        self.status = flags & 7
        self._fields(flags)

    def _fields(self, flags: int) -> None:
        self.time: float | None = None
        if flags & _HAS_TIME:
            seconds = int.from_bytes(self._bytes(4), "big")
            self.time = seconds + self._number() / 1e9
        self.test = self._string() if flags & _HAS_TEST else ""
        if flags & _HAS_TAGS:
            for _ in range(self._number()):
                self._string()
        mime = self._string() if flags & _HAS_MIME else ""
        self.file, self.content = "", b""
        if flags & _HAS_FILE:
            self.file = self._string()
            content = self._bytes(self._number())
            self.content = content if not mime or mime.startswith("text/") else b""

    def _number(self) -> int:
        if self.at >= self.limit:
            raise self._broken("breaks off within a number")
        first = self.data[self.at]
        if first < 64:  # nearly all are lengths of short texts
            self.at += 1
            return first
        size = (first >> 6) + 1
        raw = self._bytes(size)
        return int.from_bytes(raw, "big") & ((1 << (8 * size - 2)) - 1)

    def _bytes(self, size: int) -> bytes:
        if size > self.limit - self.at:
            raise self._broken("breaks off within a field")
        self.at += size
        return self.data[self.at - size : self.at]

    def _string(self) -> str:
        size = self._number()
        at, self.at = self.at, self.at + size
        if self.at > self.limit:
            raise self._broken("breaks off within a field")
        return self.data[at : self.at].decode("utf-8", "replace")

    def _broken(self, how: str) -> ReportError:
        return ReportError(f"The packet at byte {self.start:,} {how}.")
