"""The process that children are forked from: the readers imported once, one thread, nothing else in its memory.

    parent ──"J" and descriptors──▶ zygote ──▶ armed child ──frames──▶ the parent's pipe
           ◀──hello; then status, CPU, memory──

``python -m collectors.sandbox.zygote FD LIMITS`` is executed anew once per worker process, with an empty
environment, so that no secret was ever in its memory. It keeps one child forked and locked down ahead of the next
artifact, hands the artifact's descriptors on without looking, waits for the child's end, and ends with its parent.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import logging
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from collectors.sandbox.jobs import JOBS
from collectors.sandbox.limits import Limits
from collectors.sandbox.lockdown import LAYERS, available, lock_down
from collectors.sandbox.reports import REHEARSAL, REHEARSAL_ORDER
from collectors.sandbox.wire import (
    DESCRIPTORS,
    ENDED,
    HALF_CLOSED,
    JOB,
    OUT_OF_MEMORY,
    STUMBLED,
    Hello,
    OrderHead,
    Outlet,
    hello_bytes,
)  # fmt: skip

ENCODINGS = (
    "ascii", "latin-1", "iso8859-2", "iso8859-5", "iso8859-9", "iso8859-15", "cp1250", "cp1251", "cp1252", "cp1254",
    "cp437", "cp850", "koi8-r", "shift_jis", "cp932", "euc-jp", "gbk", "gb18030", "gb2312", "big5", "euc-kr",
    "cp949", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "idna",
    "mac-roman",
)  # fmt: skip
"""What reports are written in. A child cannot load a codec: those that were not looked up do not exist there."""

LAZY = (
    "_strptime", "bisect", "calendar", "csv", "decimal", "difflib", "fractions", "heapq", "html.entities", "json",
    "linecache", "locale", "lzma", "bz2", "random", "statistics", "stringprep", "tokenize", "traceback",
    "unicodedata",
)  # fmt: skip
"""What the standard library imports when it is first needed: Counter.most_common wants heapq, for one."""


STDOUT = 1
"""Nothing, in a child."""


class Child:
    """A process that is locked down and waits for one job."""

    def __init__(self, limits: Limits, held: Sequence[str], parent: socket.socket) -> None:
        self.socket, theirs = socket.socketpair()
        # Nobody writes to it: its end of file is the child's end.
        self.life, life_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = HALF_CLOSED
            try:
                lock_down(limits, held, (theirs.fileno(), life_end))
                _rehearse(STDOUT)
                status = _work(theirs)
            except MemoryError:
                status = OUT_OF_MEMORY
            finally:
                os._exit(status)
        theirs.close()
        os.close(life_end)

    def hand_over(self, descriptors: Sequence[int]) -> None:
        with contextlib.suppress(OSError):  # it died while it waited; its status will say so
            socket.send_fds(self.socket, [JOB], descriptors)
        self.socket.close()

    def ended(self, parent: socket.socket) -> tuple[int, resource.struct_rusage]:
        """Wait for the end, or for the parent's word to make one. Ends this process too when the parent is gone."""
        poll = select.poll()
        poll.register(self.life, 0)  # its end alone, whatever is written to it
        poll.register(parent, select.POLLIN)
        gone = False
        while not any(descriptor == self.life for descriptor, _ in poll.poll()):
            gone = parent.recv(1) == b""
            os.kill(self.pid, signal.SIGKILL)
            if gone:
                break
        # A child that closed its end of the pipe is as good as dead.
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.life)
        _, status, usage = os.wait4(self.pid, 0)
        if gone:
            os._exit(0)
        return status, usage


def _work(control: socket.socket) -> int:
    """In the child: take the one job, do it, and answer."""
    message, descriptors, _, _ = socket.recv_fds(control, 1, DESCRIPTORS)
    control.close()
    if message != JOB or len(descriptors) < 2:
        return 0
    order, answer, *files = descriptors
    outlet = Outlet(answer)
    logging.getLogger().addHandler(outlet)
    try:
        with os.fdopen(order, "rb") as stream:
            asked = stream.read()
        with os.fdopen(files[0], "rb") if files else contextlib.nullcontext() as file:
            _perform(asked, file, outlet)
    except Exception as error:
        outlet.log(f"{type(error).__name__}: {error}")
        outlet.flush()
        return OUT_OF_MEMORY if isinstance(error, MemoryError) else STUMBLED
    return 0


def _perform(order: bytes, file: BinaryIO | None, outlet: Outlet) -> None:
    name, argument = msgspec.msgpack.decode(order, type=OrderHead)
    job = JOBS[name]
    value = msgspec.msgpack.decode(argument, type=job.argument)
    if file:
        file.seek(0)  # a child before this one may have left it elsewhere
    for frame in job.call(value, file):
        outlet.send(frame)
    outlet.end()


def _rehearse(outlet: int) -> None:
    """Read a small report of our own: a child that waits has its memory at hand when the artifact comes."""
    _perform(REHEARSAL_ORDER, io.BytesIO(REHEARSAL), Outlet(outlet))


def _warm_up() -> None:
    """Load what children need: they cannot."""
    for encoding in ENCODINGS:
        with contextlib.suppress(LookupError):
            "".encode(encoding)
    for module in LAZY:
        importlib.import_module(module)
    for job in JOBS.values():
        job.load()
    nothing = os.open(os.devnull, os.O_WRONLY)
    _rehearse(nothing)
    os.close(nothing)
    logging.basicConfig(handlers=[logging.NullHandler()])
    # Children share these objects' pages as long as nobody looks at them for collection.
    gc.collect()
    gc.freeze()


def serve(parent: socket.socket, limits: Limits) -> None:
    """Until the parent is gone."""
    held = available(limits)
    _warm_up()
    layers = [
        (layer.name, layer.name in held, layer.told if layer.name in held else layer.missing) for layer in LAYERS
    ]
    parent.sendall(hello_bytes(Hello(layers)))
    while True:
        spare = Child(limits, held, parent)
        message, descriptors = b"", list[int]()
        while message != JOB:  # a kill that came too late is nobody's any more
            message, descriptors, _, _ = socket.recv_fds(parent, 1, DESCRIPTORS)
            if not message:
                os.kill(spare.pid, signal.SIGKILL)
                return
        spare.hand_over(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        status, usage = spare.ended(parent)
        parent.sendall(ENDED.pack(status, usage.ru_utime + usage.ru_stime, _bytes(usage.ru_maxrss)))


def _bytes(most_resident: int) -> int:
    return most_resident if sys.platform == "darwin" else most_resident * 1024


def main(arguments: Sequence[str]) -> None:
    # Ctrl-C and the like are the parent's to answer; its end is this one's, too.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    descriptor, limits = arguments
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        serve(socket.socket(fileno=int(descriptor)), msgspec.json.decode(limits, type=Limits))


if __name__ == "__main__":
    main(sys.argv[1:])
