"""The side that asks: starts the zygote, hands a job over, collects the answer, and ends what takes too long.

One ``Sandbox`` serves one process: threads take turns, and after a fork (Celery's pool) the child starts a zygote
of its own. A zygote that died is started again.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import logging
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from collectors.parsers.results import Cost
from collectors.sandbox.jobs import JOBS
from collectors.sandbox.limits import Limits
from collectors.sandbox.wire import (
    ENDED,
    HALF_CLOSED,
    JOB,
    KILL,
    OUT_OF_MEMORY,
    STUMBLED,
    Hello,
    Inlet,
    NotBelievedError,
)

logger = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
"""For a Python to start and import the readers on a busy machine."""
GRACE_SECONDS = 5.0
PIPE_BYTES = 1024 * 1024

Ended = tuple[int, float, int]
"""Wait status, CPU seconds, most resident memory."""


class SandboxError(Exception):
    """No reader could be started; the text is one sentence. Nothing was read, and trying again makes sense."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a job went: ``trouble`` is None when it is done, else a limit's name (``memory_bytes``) or a sentence."""

    trouble: str | None
    cost: Cost


class Sandbox:
    """A door to locked-down children, all with the same limits."""

    def __init__(self, limits: Limits | None = None, zygote: str = "collectors.sandbox.zygote") -> None:
        """``zygote`` is the module that is executed; tests bring readers of their own that way."""
        self.limits = limits or Limits()
        self.zygote = zygote
        self.layers: list[tuple[str, bool, str]] = []
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        _all.add(self)

    def run(
        self, job: str, argument: Any, file: int | None = None, take: Callable[[Any], None] = lambda frame: None
    ) -> Answer:
        """Give a child one job; ``take`` gets each frame as it comes. Raises SandboxError."""
        order = msgspec.msgpack.encode((job, argument))
        with self._lock:
            for attempt in (1, 2):
                self._start()
                try:
                    return self._run(job, order, file, take)
                except (ConnectionError, EOFError) as error:  # it died while it waited, or just now
                    self._stop()
                    if attempt == 2:
                        raise SandboxError(
                            "The process that readers start from keeps dying; nothing was read."
                        ) from error
                except BaseException:  # a task's time is up, Ctrl-C: nobody is left to take the answer
                    self._stop()
                    raise
        raise AssertionError

    def start(self) -> None:
        """Have a zygote, and know the layers. Raises SandboxError."""
        with self._lock:
            self._start()

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self._stop()
        ours, theirs = socket.socketpair()
        limits = msgspec.json.encode(self.limits).decode()
        command = [sys.executable, "-E", "-s", "-m", self.zygote, str(theirs.fileno()), limits]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
            theirs.close()
            self._control = ours
            ours.settimeout(START_SECONDS)
            (size,) = struct.unpack("<I", _exactly(ours, 4))
            self.layers = msgspec.msgpack.decode(_exactly(ours, size), type=Hello).layers
        except (OSError, EOFError) as error:
            self._stop()
            raise SandboxError(
                f"No process could be started to read in ({error}): reports are read in no other way. "
                "Let this account start processes (ulimit -u, the container's pids limit)."
            ) from error

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _forget(self) -> None:
        """In a forked child: the zygote is the parent's."""
        self._lock = threading.Lock()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for
            self._process = None

    def _run(self, job: str, order: bytes, file: int | None, take: Callable[[Any], None]) -> Answer:
        assert self._control is not None
        began = time.monotonic()
        read_end, write_end = os.pipe()
        try:
            with contextlib.suppress(OSError, AttributeError):
                fcntl.fcntl(read_end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            with in_memory(order) as orders:
                descriptors = [orders.fileno(), write_end, *([] if file is None else [file])]
                socket.send_fds(self._control, [JOB], descriptors)
            os.close(write_end)
            write_end = -1
            os.set_blocking(read_end, False)
            conversation = _Conversation(self._control, read_end, self.limits, Inlet(JOBS[job].frame, take))
            trouble = conversation.hold(began + self.limits.wall_seconds)
        finally:
            os.close(read_end)
            if write_end >= 0:
                os.close(write_end)
        status, cpu, memory = conversation.ended
        cost = Cost(cpu, time.monotonic() - began, memory, conversation.received)
        return Answer(trouble or self._judge(conversation, status, cpu), cost)

    def _judge(self, conversation: _Conversation, status: int, cpu: float) -> str | None:
        inlet = conversation.inlet
        for line in inlet.log:
            logger.warning("a reader says: %s", line.encode("unicode_escape").decode())
        if inlet.ended and status == 0:
            return None
        code = os.waitstatus_to_exitcode(status)
        if code == OUT_OF_MEMORY:
            return "memory_bytes"
        if -code == signal.SIGXCPU or (-code == signal.SIGKILL and cpu >= self.limits.cpu_seconds):
            return "cpu_seconds"
        if -code == signal.SIGKILL:
            return "its reader was ended by the system, which was probably short of memory."
        if code == HALF_CLOSED:
            raise SandboxError("A reader could not be locked down, so that nothing was given to it.")
        if code == STUMBLED:
            return "its reader stumbled over it; please send us this file."
        return "its reader broke down over it, as over a file made to do harm; please send us this file."


class _Conversation:
    """One job's answer, as it comes."""

    def __init__(self, control: socket.socket, pipe: int, limits: Limits, inlet: Inlet) -> None:
        self.control, self.pipe, self.limits, self.inlet = control, pipe, limits, inlet
        self.received = 0
        self.ended: Ended = (0, 0.0, 0)
        self._poll = select.poll()

    def hold(self, deadline: float) -> str | None:
        """Until the child has ended; what was wrong, if we made it end. Raises EOFError when the zygote is gone."""
        self._poll.register(self.pipe, select.POLLIN)
        self._poll.register(self.control, select.POLLIN)
        trouble = self._listen(deadline)
        if trouble:
            self.control.sendall(KILL)
        self.control.settimeout(GRACE_SECONDS)
        status, cpu, memory = ENDED.unpack(_exactly(self.control, ENDED.size))
        self.ended = (status, cpu, memory)
        while not trouble:  # what it had written before it ended
            trouble, more = self._receive()
            if not more:
                break
        return trouble

    def _listen(self, deadline: float) -> str | None:
        while True:
            ready = self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not ready:
                return "wall_seconds"
            if any(descriptor == self.control.fileno() for descriptor, _ in ready):
                return None
            trouble, more = self._receive()
            if trouble:
                return trouble
            if not more:
                self._poll.unregister(self.pipe)

    def _receive(self) -> tuple[str | None, bool]:
        """Take one piece; (what is wrong with it, whether there may be more)."""
        try:
            data = os.read(self.pipe, PIPE_BYTES)
        except BlockingIOError:
            return None, False
        self.received += len(data)
        if self.received > self.limits.output_bytes:
            return "output_bytes", False
        try:
            self.inlet.feed(data)
        except NotBelievedError as error:
            logger.warning("an answer was not believed: %s", str(error).encode("unicode_escape").decode())
            return (
                "its reader answered as none of ours would, as if a file had taken it over; it was not believed.",
                False,
            )
        return None, bool(data)


_all: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _forget_all() -> None:
    for sandbox in list(_all):
        sandbox._forget()


def _close_all() -> None:
    for sandbox in list(_all):
        with contextlib.suppress(Exception):
            sandbox._stop()


os.register_at_fork(after_in_child=_forget_all)
atexit.register(_close_all)


@contextlib.contextmanager
def in_memory(data: bytes) -> Iterator[BinaryIO]:
    """A file that holds the bytes and has no name."""
    if hasattr(os, "memfd_create"):
        file: BinaryIO = os.fdopen(os.memfd_create("clerestory"), "w+b", buffering=0)
    else:
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    with file:
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
        file.seek(0)
        yield file


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError("it ended while it started")
        data += piece
    return data
