"""What goes over the pipes, byte for byte, and what a child's answer may be.

A child answers with frames: one letter, the length, and as much msgpack (``F``), a line for the log (``L``) or
nothing (``E``, the end; what breaks off without it is not whole). Frames are decoded strictly by their types; the
bounds beyond types are held in ``reports.py``.
"""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Callable
from typing import Any

import msgspec

from collectors.parsers.listed import as_sent

JOB, KILL = b"J", b"K"
DESCRIPTORS = 3
"""The order, the pipe for the answer, and the artifact if the job reads one."""
ENDED = struct.Struct("<idq")
"""What the zygote says of a child: wait status, CPU seconds, most resident memory."""
OUT_OF_MEMORY, STUMBLED, HALF_CLOSED = 3, 4, 5
"""A child's own statuses; 0 is a job done."""

FRAME_BYTES = 8 * 1024 * 1024
"""One frame. Decoded it may take thirty times as much, and the parent is not to feel that."""
WAITING_BYTES = 256 * 1024
LOG_BYTES, LOG_LINES = 4_096, 20
HEADER = struct.Struct("<cI")


class Hello(msgspec.Struct, array_like=True):
    """The zygote's first words: (name, whether it holds, a sentence) of each layer."""

    layers: list[tuple[str, bool, str]]


def hello_bytes(hello: Hello) -> bytes:
    data = msgspec.msgpack.encode(hello)
    return struct.pack("<I", len(data)) + data


OrderHead = tuple[str, msgspec.Raw]
"""A job's name and its argument, still packed."""


class Outlet(logging.Handler):
    """The child's side: frames into the pipe, together where nothing depends on it that one is there at once."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(logging.WARNING)
        self._descriptor = descriptor
        self._encoder = msgspec.msgpack.Encoder(enc_hook=as_sent)
        self._lines = 0
        self._waiting = bytearray()

    def send(self, value: Any) -> None:
        """A frame whose class is ``urgent`` is with the parent when this returns, with all before it."""
        self._add(b"F", self.encoded(value))
        if len(self._waiting) > WAITING_BYTES or getattr(value, "urgent", False):
            self.flush()

    def encoded(self, value: Any) -> bytes:
        return self._encoder.encode(value)

    def log(self, line: str) -> None:
        self._lines += 1
        if self._lines <= LOG_LINES:
            self._add(b"L", line.encode("utf-8", "replace")[:LOG_BYTES])

    def emit(self, record: logging.LogRecord) -> None:
        """A parser's log: the last lines of a traceback say most."""
        text = self.format(record)
        self.log(text[-LOG_BYTES // 2 :])

    def end(self) -> None:
        self._add(b"E", b"")
        self.flush()

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, bytearray()
        left = memoryview(waiting)
        while left:
            left = left[os.write(self._descriptor, left) :]

    def _add(self, kind: bytes, data: bytes) -> None:
        self._waiting += HEADER.pack(kind, len(data))
        self._waiting += data


class NotBelievedError(Exception):
    """A child's answer that none of our readers would give."""


class Inlet:
    """The parent's side: bytes as they come, frames out."""

    def __init__(self, frame: Any, take: Callable[[Any], None]) -> None:
        self._decoder = msgspec.msgpack.Decoder(frame)
        self._take = take
        self._bytes = bytearray()
        self.ended = False
        self.log: list[str] = []

    def feed(self, data: bytes) -> None:
        """Raises NotBelievedError."""
        self._bytes += data
        start, have = 0, len(self._bytes)
        with memoryview(self._bytes) as view:
            while have - start >= HEADER.size:
                kind, size = HEADER.unpack_from(view, start)
                if size > FRAME_BYTES or self.ended:
                    raise NotBelievedError("a frame that is too large, or one after the end")
                if have - start < HEADER.size + size:
                    break
                start += HEADER.size
                self._frame(kind, view[start : start + size])
                start += size
        del self._bytes[:start]

    def _frame(self, kind: bytes, data: memoryview) -> None:
        if kind == b"F":
            try:
                value = self._decoder.decode(data)
            except (msgspec.MsgspecError, UnicodeError, ValueError, RecursionError) as error:
                raise NotBelievedError(f"a frame that is no value of ours ({error})") from error
            self._take(value)
        elif kind == b"L" and len(self.log) < LOG_LINES:
            self.log.append(bytes(data[:LOG_BYTES]).decode("utf-8", "replace"))
        elif kind == b"E":
            self.ended = True
        else:
            raise NotBelievedError("a frame of no kind of ours")
