"""Child processes that cannot be left behind, and their logs."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from dashboard.runtime.accounts import Account
from dashboard.runtime.trouble import StartError

LOG_BYTES = 5_000_000  # one log file; with the one set aside, a child keeps at most twice that
PR_SET_PDEATHSIG = 1  # linux/prctl.h

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Launch:
    """How to start one child.

    ``ask`` is the signal that ends it cleanly and soon, ``insist`` the one for a child that lingers before it is
    killed, ``orphaned`` (else the same as ``ask``) the one that the kernel sends when the parent dies.
    """

    name: str
    argv: list[str]
    environ: dict[str, str]
    cwd: Path
    ask: signal.Signals = signal.SIGTERM
    insist: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals | None = None
    account: Account | None = None
    said: bytes = field(default=b"", repr=False)  # to its standard input


class ChildLog:
    """A child's output, appended to a file that is set aside when it has grown too long."""

    def __init__(self, path: Path, limit: int = LOG_BYTES) -> None:
        self.path, self.limit = path, limit
        self._file = self._open()

    def write(self, data: bytes) -> None:
        if self._file.tell() + len(data) > self.limit and self._file.tell():
            self._file.close()
            self.path.replace(self.path.with_name(self.path.name + ".1"))
            self._file = self._open()
        with contextlib.suppress(OSError):  # a full disk must not end the child
            self._file.write(data)

    def last_words(self) -> str:
        """The last line that tells of an error, else the last line: what explains a start that failed."""
        tail = self.path.read_bytes()[-8000:].decode("utf-8", "replace")
        lines = [line.strip() for line in tail.splitlines() if line.strip()]
        told = [line for line in lines if any(word in line for word in ("FATAL", "Error", "error"))]
        return (told or lines or ["it said nothing"])[-1][:300]

    def close(self) -> None:
        self._file.close()

    def _open(self) -> IO[bytes]:
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise StartError(f"{self.path} cannot be written ({error.strerror}): remove it.") from error
        file = os.fdopen(descriptor, "ab", buffering=0)
        file.seek(0, os.SEEK_END)
        return file


class Child:
    """A running child: the leader of its own session, its output on a pipe that never blocks this process.

    On Linux the kernel ends it when this process dies, however it dies. Make it in the main thread only: the
    kernel watches the thread that forked.
    """

    def __init__(self, launch: Launch, log: ChildLog) -> None:
        self.launch, self.log = launch, log
        self.process = _start(launch)
        self.started = time.monotonic()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.output = self.process.stdout
        os.set_blocking(self.output.fileno(), False)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(launch.said)
            self.process.stdin.close()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def drain(self) -> bool:
        """Move what it has said into its log; False when it has closed its output."""
        if self.output.closed:
            return False
        try:
            while data := os.read(self.output.fileno(), 65536):
                self.log.write(data)
        except BlockingIOError:
            return True
        return False

    def signal(self, number: signal.Signals) -> None:
        if self.alive:
            self.process.send_signal(number)

    def bury(self) -> None:
        """Kill it and whatever it started that is still there, and take its last words."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if not self.output.closed:
            self.drain()
            self.output.close()


def _start(launch: Launch) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def tie_to_parent() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(launch.orphaned or launch.ask))
            if os.getppid() != parent:  # it died before it could be watched
                os._exit(1)

    account = launch.account
    identity: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    try:
        return subprocess.Popen(
            launch.argv,
            cwd=launch.cwd,
            env=launch.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=tie_to_parent,
            **identity,
        )
    except (OSError, subprocess.SubprocessError) as error:
        whose = f" as {account.name}" if account else ""
        raise StartError(f"{launch.argv[0]} cannot be started{whose}: {error}.") from error


def end(children: Sequence[Child], patience: float = 8.0) -> None:
    """Ask all to end, press those that linger, kill what is then left; all at once, not in turn."""
    for number, seconds in (("ask", patience), ("insist", patience / 2)):
        for child in children:
            child.signal(getattr(child.launch, number))
        deadline = time.monotonic() + seconds
        while any(child.alive for child in children) and time.monotonic() < deadline:
            for child in children:
                child.drain()  # one that cannot write its last words would never end
            time.sleep(0.03)
    for child in children:
        child.bury()
