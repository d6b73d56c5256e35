"""A zygote whose readers were taken over: each does on purpose what a hostile file would like them to do.

``Sandbox(zygote=HOSTILE)`` executes this module. A file that begins with ``HOSTILE name`` makes the reader of that
name misbehave; what it gets away with is its report's one test case.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable

import msgspec

from collectors import one_file
from collectors.parsers.results import CaseResult, Format, Outcome, TestReport
from collectors.sandbox import zygote
from collectors.sandbox.wire import Outlet

HOSTILE = "tests.collectors.sandbox.hostile"
MARK = b"HOSTILE "


def open_a_file() -> object:
    return open("/etc/passwd").read()  # noqa: PTH123


def write_a_file() -> object:
    return open("/tmp/escaped", "w").write("x")  # noqa: PTH123


def look_at_another_process() -> object:
    return os.listdir("/proc/1")  # noqa: PTH208


def connect() -> object:
    return socket.create_connection(("127.0.0.1", 1))


def open_a_local_socket() -> object:
    return socket.socket(socket.AF_UNIX)


def fork() -> object:
    if (child := os.fork()) == 0:
        os._exit(0)
    return child


def run_a_program() -> object:
    os.execv("/bin/true", ["true"])


def trace_its_parent() -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), 0, 0):
        raise OSError(ctypes.get_errno(), "ptrace")
    return "attached"


def kill_its_parent() -> object:
    os.kill(int(msgspec.to_builtins(_parent)), signal.SIGKILL)
    return "killed"


def make_memory_executable() -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    if libc.mmap(None, 4096, 7, 0x22, -1, 0) == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return "executable"


def raise_its_limits() -> object:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def change_its_account() -> object:
    os.setuid(0)


def read_its_environment() -> object:
    if set(os.environ) - {"LC_CTYPE"}:  # Python's own, where no locale is set
        return dict(os.environ)
    raise OSError("it is empty")


def write_to_the_artifact() -> object:
    for descriptor in range(3, 16):
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            return os.write(descriptor, b"overwritten")
        except OSError as error:
            trouble = error
    raise trouble


def use_what_is_open() -> object:
    """Descriptors of the parent's that were left open would be seen here."""
    found = []
    for descriptor in range(3, 1024):
        try:
            os.lseek(descriptor, 0, os.SEEK_CUR)
        except OSError as error:
            if error.errno == errno.EBADF:
                continue
        found.append(descriptor)
    if len(found) > 3:
        return found
    raise OSError("only the artifact, the answer and nothing else")


REFUSED: dict[str, Callable[[], object]] = {
    function.__name__.replace("_", " "): function
    for function in (
        open_a_file, write_a_file, look_at_another_process, connect, open_a_local_socket, fork, run_a_program,
        trace_its_parent, kill_its_parent, make_memory_executable, raise_its_limits, change_its_account,
        read_its_environment, write_to_the_artifact, use_what_is_open,
    )
}  # fmt: skip


def fill_memory() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(b"x") * (1 << 20))


def fill_memory_and_hold_on() -> None:
    hoard = []
    while True:
        try:
            hoard.append(bytearray(b"x") * (1 << 20))
        except MemoryError:
            os.abort()


def compute_for_ever() -> None:
    while True:
        pass


def sleep_for_ever() -> None:
    time.sleep(3600)


def break_down() -> None:
    ctypes.string_at(1)


def leave_without_a_word() -> None:
    os._exit(0)


def _everywhere(data: bytes) -> None:
    for descriptor in range(3, 16):
        try:
            os.write(descriptor, data)
        except OSError:
            continue


def answer_for_ever() -> None:
    (outlet,) = (handler for handler in logging.getLogger().handlers if isinstance(handler, Outlet))
    while True:
        outlet.send([1, "x" * 4096])


def _forge(*frames: object) -> None:
    packed = [msgspec.msgpack.encode(frame) for frame in frames]
    _everywhere(b"".join(struct.pack("<cI", b"F", len(data)) + data for data in packed))
    os._exit(0)


def answer_noise() -> None:
    _everywhere(os.urandom(4096))
    os._exit(0)


def announce_a_giant_frame() -> None:
    _everywhere(struct.pack("<cI", b"F", 2**32 - 1))
    os._exit(0)


def forge_a_negative_line() -> None:
    _forge([4, "x", "lcov", "coverage", 1, None, []], [6, [["a.c", {-1: 1}]]])


def forge_a_float_for_hits() -> None:
    _forge([4, "x", "lcov", "coverage", 1, None, []], [6, [["a.c", {1: float("nan")}]]])


def forge_a_nul() -> None:
    _forge([4, "x\0y", "lcov", "coverage", 1, None, []])


def forge_a_surrogate() -> None:
    data = b"\x97\x04\xa3\xed\xa0\x80\xa4lcov\xa8coverage\x01\xc0\x90"
    _everywhere(struct.pack("<cI", b"F", len(data)) + data)
    os._exit(0)


def forge_a_long_name() -> None:
    _forge([4, "x" * 9_000, "lcov", "coverage", 1, None, []])


def forge_a_piece_of_no_report() -> None:
    _forge([8, 1.0])


def forge_an_unknown_kind() -> None:
    _forge([99, 1])


ENDED: dict[str, Callable[[], None]] = {
    function.__name__.replace("_", " "): function
    for function in (
        fill_memory, fill_memory_and_hold_on, compute_for_ever, sleep_for_ever, break_down, leave_without_a_word,
        answer_for_ever, answer_noise, announce_a_giant_frame, forge_a_negative_line, forge_a_float_for_hits,
        forge_a_nul, forge_a_surrogate, forge_a_long_name, forge_a_piece_of_no_report, forge_an_unknown_kind,
    )
}  # fmt: skip

_parent = os.getppid()


def parse(data: bytes) -> TestReport:
    name = data.removeprefix(MARK).decode().strip()
    if name in ENDED:
        ENDED[name]()
    try:
        said = f"escaped: {REFUSED[name]()}"
    except (OSError, ValueError) as error:
        said = f"refused: {error}"
    return TestReport([CaseResult(suite="", classname="", name=said, outcome=Outcome.PASSED)])


one_file.FORMATS += (Format("hostile", "tests", lambda head: head.startswith(MARK), parse),)

if __name__ == "__main__":
    zygote.main(sys.argv[1:])
