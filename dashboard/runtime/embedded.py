"""Using the embedded servers: find the running one or have it started, and let go of it at the end.

``attach`` and ``detach`` are all that a user needs; what runs the server meanwhile is ``keeper.py``.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dashboard.runtime.keeper import lock
from dashboard.runtime.places import BASE, Places
from dashboard.runtime.ports import LOOPBACK
from dashboard.runtime.servers import Postgres, python_environ
from dashboard.runtime.trouble import StartError

START_SECONDS = 90.0  # a keeper that says nothing for longer is stuck
END_SECONDS = 40.0


@dataclass
class Attached:
    """A server in use by this process. ``started`` counts how often its keeper had to start it."""

    name: str
    places: Places
    ports: list[int]
    users: IO[str]
    keeper: subprocess.Popen[bytes] | None

    @property
    def starts(self) -> int | None:
        """How often the keeper has started the server; None: the keeper is gone."""
        state = _state(self.places, self.name)
        return int(state["starts"]) if state and "starts" in state else None


def attach(name: str, places: Places, *, throwaway: bool = False) -> Attached:
    """Use the server ``name``; the first user starts it.

    ``throwaway`` is for tests: data that may be lost. Raises StartError.
    """
    places.make()
    gate = lock(places.run / f"{name}.gate", fcntl.LOCK_EX)
    assert gate is not None
    with gate:
        users = lock(places.run / f"{name}.users", fcntl.LOCK_SH)
        assert users is not None
        try:
            keeper = None if _keeper_lives(places, name) else _start_keeper(name, places, throwaway)
            state = _wait_for_state(name, places, keeper)
        except BaseException:
            users.close()
            raise
    return Attached(name, places, state["ports"], users, keeper)


def detach(attached: Attached) -> None:
    """Let go of the server; returns when it has ended, or at once when others still use it."""
    attached.users.close()
    run, name = attached.places.run, attached.name
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline and _keeper_lives(attached.places, name):
        gate = lock(run / f"{name}.gate", fcntl.LOCK_EX | fcntl.LOCK_NB)
        if gate is not None:
            with gate:
                alone = lock(run / f"{name}.users", fcntl.LOCK_EX | fcntl.LOCK_NB)
                if alone is None:
                    return
                alone.close()
        time.sleep(0.05)
    if attached.keeper is not None:
        attached.keeper.poll()  # so that it is no zombie


def database_url(places: Places, ports: list[int], database: str) -> str:
    password = places.secret("database_password")
    return f"postgres://{Postgres.user}:{password}@{LOOPBACK}:{ports[0]}/{database}"


def broker_url(places: Places, ports: list[int], number: int) -> str:
    return f"redis://:{places.secret('broker_password')}@{LOOPBACK}:{ports[0]}/{number}"


def _keeper_lives(places: Places, name: str) -> bool:
    held = lock(places.run / f"{name}.keeper", fcntl.LOCK_EX | fcntl.LOCK_NB)
    if held is None:
        return True
    held.close()
    return False


def _start_keeper(name: str, places: Places, throwaway: bool) -> subprocess.Popen[bytes]:
    (places.run / f"{name}.json").unlink(missing_ok=True)
    argv = [sys.executable, "-m", "dashboard.runtime.keeper", name, *(["--throwaway"] if throwaway else [])]
    environ = {**python_environ(os.environ), "CLERESTORY_VAR": str(places.var)}
    descriptor = os.open(places.log / "keeper.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        return subprocess.Popen(
            argv,
            cwd=BASE,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def _wait_for_state(name: str, places: Places, keeper: subprocess.Popen[bytes] | None) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if state := _state(places, name):
            if "error" in state:
                if keeper is not None:
                    keeper.wait()
                raise StartError(str(state["error"]))
            return state
        if keeper is not None and keeper.poll() is not None and not _state(places, name):
            break
        time.sleep(0.03)
    where = places.shown(places.log / "keeper.log")
    raise StartError(f"The embedded {name} did not start: {where} says why.")


def _state(places: Places, name: str) -> dict[str, Any] | None:
    path: Path = places.run / f"{name}.json"
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StartError(f"{path} cannot be read ({error}): run this as the user who started it.") from error
    return dict(found)
