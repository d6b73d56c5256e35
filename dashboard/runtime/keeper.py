"""Keeps one embedded server running for as long as anyone uses it, then ends it.

A process of its own, so that a server outlives the command that happened to start it while another command, or
``make run``, uses it too. Users hold a shared lock on ``var/run/<name>.users``; the kernel drops it when they
end, even killed, so nothing is left behind. ``embedded.py`` is the users' side.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import IO

from dashboard.runtime import ports
from dashboard.runtime.children import Child, ChildLog, end
from dashboard.runtime.places import Places
from dashboard.runtime.servers import Server, make_server
from dashboard.runtime.trouble import StartError

LOOK_SECONDS = 0.2  # how often it looks whether anyone is left
SLOWEST_RESTART = 30.0  # seconds between two tries to restart a server that keeps dying


def lock(path: Path, kind: int) -> IO[str] | None:
    """An open file that holds the lock, or None when LOCK_NB was asked for and another has it."""
    file = path.open("a")
    try:
        fcntl.flock(file, kind)
    except BlockingIOError:
        file.close()
        return None
    return file


class Keeper:
    def __init__(self, server: Server, places: Places) -> None:
        self.server, self.places = server, places
        self.state = places.run / f"{server.name}.json"
        self.log = ChildLog(places.log / f"{server.name}.log")
        self.child: Child | None = None
        self.starts = 0
        self.told_to_end = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            self.server.prepare()
            self._start(ports.choose(self.server.port_count, self._last_ports()))
        except StartError as trouble:
            self._tell(error=str(trouble))
            return 1
        self._keep()
        return 0

    def _told(self, *_: object) -> None:
        self.told_to_end = True

    def _start(self, chosen: list[int]) -> None:
        """Start the server and wait until it answers. Raises StartError."""
        deadline = time.monotonic() + self.server.start_seconds
        while True:
            self.child = child = Child(self.server.launch(chosen), self.log)
            while child.alive and time.monotonic() < deadline and not self.told_to_end:
                child.drain()
                if self.server.is_ready(chosen, child):
                    self.starts += 1
                    self._tell(ports=chosen, server=child.process.pid, starts=self.starts)
                    (self.places.run / f"{self.server.name}.ports").write_text(json.dumps(chosen))
                    return
                time.sleep(0.03)
            end([child])
            words = self.log.last_words()
            # The one before it may still be writing its data out (its keeper was killed): wait for it.
            if "postmaster.pid" not in words or time.monotonic() > deadline or self.told_to_end:
                where = self.places.shown(self.log.path)
                raise StartError(f"{self.server.title} did not start: {words} (more in {where}).")
            time.sleep(0.5)

    def _keep(self) -> None:
        pause = 0.5
        while not self.told_to_end:
            assert self.child is not None
            select.select([self.child.output] if self.child.alive else [], [], [], LOOK_SECONDS)
            self.child.drain()
            if self._nobody_left():
                return
            if not self.child.alive:
                lived = time.monotonic() - self.child.started
                pause = 0.5 if lived > 2 * SLOWEST_RESTART else min(pause * 2, SLOWEST_RESTART)
                if not self._restarted(pause):
                    return
            time.sleep(0.02)  # a server that talks without end must not keep this loop hot
        self._end()

    def _restarted(self, pause: float) -> bool:
        """Start the server again after the pause; False when everybody left meanwhile."""
        assert self.child is not None
        self.child.bury()
        deadline = time.monotonic() + pause
        while time.monotonic() < deadline and not self.told_to_end:
            if self._nobody_left():
                return False
            time.sleep(LOOK_SECONDS)
        try:
            self._start(self._last_ports())
        except StartError as trouble:
            self.log.write(f"{trouble}\n".encode())
        return True

    def _nobody_left(self) -> bool:
        """Whether the last user has gone; then the server is ended, while newcomers wait at the gate."""
        gate = lock(self.places.run / f"{self.server.name}.gate", fcntl.LOCK_EX | fcntl.LOCK_NB)
        if gate is None:
            return False
        with gate:
            users = lock(self.places.run / f"{self.server.name}.users", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if users is None:
                return False
            with users:
                self._end()
        return True

    def _end(self) -> None:
        if self.child is not None:
            end([self.child], patience=20.0)
        self.state.unlink(missing_ok=True)

    def _tell(self, **facts: object) -> None:
        self.places.replace(self.state, json.dumps({"keeper": os.getpid(), **facts}))

    def _last_ports(self) -> list[int]:
        """The ports of the last time: who kept the address (a shell, a second terminal) still finds the server."""
        try:
            last = json.loads((self.places.run / f"{self.server.name}.ports").read_text())
        except (OSError, ValueError):
            return []
        return [int(port) for port in last]


def main(argv: list[str]) -> int:
    """``python -m dashboard.runtime.keeper NAME [--throwaway]``; started by embedded.attach."""
    places = Places.of(os.environ)
    places.make()
    alone = lock(places.run / f"{argv[0]}.keeper", fcntl.LOCK_EX | fcntl.LOCK_NB)
    if alone is None:
        return 0
    with alone:
        return Keeper(make_server(argv[0], places, "--throwaway" in argv), places).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
