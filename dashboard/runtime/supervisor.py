"""``make run``: one parent for everything that Clerestory is, in the foreground until Ctrl-C.

It starts the embedded servers that the settings leave open, then web, worker and beat; starts again what dies,
later each time; and ends all of them with itself, even when it is killed (children.py, keeper.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from types import FrameType

from dashboard.runtime import embedded, environment, mode, ports
from dashboard.runtime.children import Child, ChildLog, Launch, end
from dashboard.runtime.databases import ensure_database
from dashboard.runtime.keeper import lock
from dashboard.runtime.mode import Mode
from dashboard.runtime.places import BASE, Places
from dashboard.runtime.servers import python_environ
from dashboard.runtime.trouble import StartError

WORKER_PROCESSES = 2
WORKER_KILOBYTES = 600_000  # a worker process that has grown past this is replaced after its task
SLOWEST_RESTART = 30.0  # seconds between two tries to restart a child that keeps dying
STEADY_SECONDS = 60.0  # a child that lived so long starts its next back-off from the beginning
UP_SECONDS = 60.0


class Ended(BaseException):
    """A signal asks for the end. Raised by its handler, and again by every look at the children: Python drops what
    is raised within a fork's callbacks or a finalizer."""

    asked = False


class Ward:
    """A child to keep running (``once``: to run to its end)."""

    def __init__(self, launch: Launch, places: Places, *, once: bool = False) -> None:
        self.launch, self.once = launch, once
        self.log = ChildLog(places.log / f"{launch.name}.log")
        self.child: Child | None = None
        self.pause = 0.5
        self.next_start = 0.0

    def start(self) -> None:
        self.child = Child(self.launch, self.log)

    def look(self) -> str | None:
        """Move its output to its log; a sentence when it has just died or was started again."""
        if self.child is None:
            if time.monotonic() < self.next_start:
                return None
            self.start()
            return f"{self.launch.name} is started again."
        self.child.drain()
        if self.child.alive:
            return None
        code, lived = self.child.process.returncode, time.monotonic() - self.child.started
        self.child.bury()
        self.child = None
        if self.once:
            return None if code == 0 else f"{self.launch.name} failed: {self.log.last_words()}"
        self.pause = 1.0 if lived > STEADY_SECONDS else min(self.pause * 2, SLOWEST_RESTART)
        self.next_start = time.monotonic() + self.pause
        how = f"by signal {-code}" if code < 0 else f"with status {code}"
        return f"{self.launch.name} ended {how} (see {self.log.path}); next try in {self.pause:.0f} s."


class Supervisor:
    def __init__(self, places: Places, environ: dict[str, str]) -> None:
        self.places, self.environ = places, environ
        self.servers: dict[str, embedded.Attached] = {}
        self.starts: dict[str, int | None] = {}
        self.wards: list[Ward] = []

    def run(self) -> None:
        """Start everything, say where it is, and watch until Ended. Raises StartError."""
        port = self._check()
        self.mode = self._connect()
        self.environ |= {"PORT": str(port), environment.PREPARED: "1", "CLERESTORY_VAR": str(self.places.var)}
        self.environ.setdefault("PUBLIC", "1")  # only this machine can ask
        self._first_steps()
        web, worker, beat = self._services(port)
        self._take(web)
        self._take(worker)
        self._wait_for_web(port)
        self._greet(port)
        self._take(beat)  # only now: it would slow the other two, and has nothing to do yet
        if self.mode is Mode.DEMO:
            argv = [sys.executable, "manage.py", "collect", "--start"]
            self._take(self._launch("first-collection", argv), once=True)
        self._watch()

    def stop(self) -> None:
        end([ward.child for ward in self.wards if ward.child is not None])
        for server in reversed(list(self.servers.values())):
            embedded.detach(server)

    def _check(self) -> int:
        self.places.make()
        self.alone = lock(self.places.run / "supervisor.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        record = self.places.run / "supervisor.json"
        if self.alone is None:
            with contextlib.suppress(OSError, ValueError):
                other = json.loads(record.read_text())
                raise StartError(
                    f"Clerestory already runs from this folder, at http://{ports.LOOPBACK}:{other['port']} "
                    f"(process {other['pid']}): end that one first."
                )
            raise StartError("Clerestory already runs from this folder: end that one first.")
        environment.check_settings()
        port = ports.web_port(self.environ)
        self.places.replace(record, json.dumps({"pid": os.getpid(), "port": port}))
        return port

    def _connect(self) -> Mode:
        """Attach to the servers, decide the mode, and complete the children's environment."""
        given = self.environ.get("DATABASE_URL", "")
        address = given or embedded.database_url(self.places, self._attach("postgres"), Mode.REAL.database)
        chosen = mode.for_run(self.environ, address)
        if chosen is Mode.DEMO and given:
            self._say("The demo keeps to a database of its own; DATABASE_URL is left alone.")
        if chosen is Mode.DEMO or not given:
            postgres = self._attach("postgres")
            ensure_database(self.places, postgres, chosen.database)
            self.environ["DATABASE_URL"] = embedded.database_url(self.places, postgres, chosen.database)
        if chosen is Mode.DEMO or not self.environ.get("REDIS_URL"):
            broker = self._attach("broker")
            self.environ["REDIS_URL"] = embedded.broker_url(self.places, broker, chosen.broker_number)
        if chosen is Mode.DEMO:
            mode.point_at_demo(self.environ, self._attach("lookalike"))
        else:
            self.environ["DEMO"] = "0"
        mode.record(chosen, self.places)
        return chosen

    def _attach(self, name: str) -> list[int]:
        if name not in self.servers:
            self.servers[name] = embedded.attach(name, self.places)
            self.starts[name] = self.servers[name].starts
        return self.servers[name].ports

    def _launch(self, name: str, argv: list[str]) -> Launch:
        return Launch(name, argv, python_environ(self.environ), BASE)

    def _services(self, port: int) -> tuple[Launch, Launch, Launch]:
        python = [sys.executable, "-m"]
        web = [*python, "gunicorn", "dashboard.wsgi", "--bind", f"{ports.LOOPBACK}:{port}"]
        web += ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "3"]
        web += ["--worker-tmp-dir", str(self.places.run), "--no-control-socket"]
        # Django's checks would import every page into the worker; the web server and `make check` see to them.
        worker = [*python, "celery", "--skip-checks", "-A", "dashboard", "worker"]
        worker += ["--concurrency", str(WORKER_PROCESSES)]
        worker += ["--queues", "discover,collect,backfill", "--max-memory-per-child", str(WORKER_KILOBYTES)]
        worker += ["--without-mingle", "--without-gossip", "--loglevel", "INFO"]
        beat = [*python, "dashboard.runtime.beat"]
        return self._launch("web", web), self._worker(worker), self._launch("beat", beat)

    def _worker(self, argv: list[str]) -> Launch:
        # SIGQUIT ends a worker now, and its tasks are handed out again; SIGTERM would wait for them. Without its
        # broker it may hang in either, so that the kernel kills it (its processes see to the same themselves).
        ask, orphaned = signal.SIGQUIT, signal.SIGKILL
        return Launch("worker", argv, python_environ(self.environ), BASE, ask, orphaned=orphaned)

    def _take(self, launch: Launch, *, once: bool = False) -> Ward:
        ward = Ward(launch, self.places, once=once)
        ward.start()
        self.wards.append(ward)
        return ward

    def _first_steps(self) -> None:
        argv = [sys.executable, "-m", "dashboard.runtime.first_steps"]
        ward = self._take(self._launch("first-steps", argv), once=True)
        while ward.child is not None:
            self._pump(0.2)
            if trouble := ward.look():
                raise StartError(f"{trouble} (more in {self.places.shown(ward.log.path)}).")
        self.wards.remove(ward)

    def _wait_for_web(self, port: int) -> None:
        deadline = time.monotonic() + UP_SECONDS
        while not _web_answers(port):
            self._pump(0.1)
            for ward in self.wards:
                if (trouble := ward.look()) and ward.launch.name == "web":
                    words = f"{ward.log.last_words()} (more in {self.places.shown(ward.log.path)})"
                    raise StartError(f"The web server did not start: {words}.") from Exception(trouble)
            if time.monotonic() > deadline:
                raise StartError(f"The web server does not answer on port {port} after {UP_SECONDS:.0f} s.")

    def _greet(self, port: int) -> None:
        password = self.places.shown(self.places.var / "admin_password")
        address = f"http://{ports.LOOPBACK}:{port}"
        self._say(f"Clerestory is up: {address}")
        self._say(f"Sign in at {address}/admin/ as admin, password in {password}")
        if self.mode is Mode.DEMO:
            self._say("This is the demo estate; with GITHUB_TOKEN set it collects from GitHub instead.")
        self._tell_missing_layers()

    def _tell_missing_layers(self) -> None:
        """What this machine lacks to lock readers of strangers' files down with."""
        argv = [sys.executable, "-m", "collectors.sandbox"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            told = subprocess.run(
                argv, cwd=BASE, env=python_environ(self.environ), capture_output=True, text=True, timeout=20
            )
            for line in told.stdout.splitlines():
                self._say(line)

    def _watch(self) -> None:
        looked = 0.0
        while True:
            self._pump(0.5)
            for ward in list(self.wards):
                if sentence := ward.look():
                    self._say(sentence)
                if ward.once and ward.child is None:
                    self.wards.remove(ward)
            if time.monotonic() - looked > 1.0:
                looked = time.monotonic()
                self._look_at_servers()

    def _look_at_servers(self) -> None:
        """Say when a keeper had to restart its server; have a new keeper when one was killed."""
        for name, server in self.servers.items():
            starts = server.starts
            if starts is None:
                server.users.close()
                self.servers[name] = embedded.attach(name, self.places)
                starts = self.servers[name].starts
                if self.servers[name].ports != server.ports:
                    raise StartError(f"The {name} had to move to another port: start Clerestory again.")
            if starts != self.starts[name]:
                self._say(f"{name} ended and is started again (see {self.places.log / name}.log).")
                self.starts[name] = starts

    def _pump(self, seconds: float) -> None:
        if Ended.asked:
            raise Ended
        outputs = [ward.child.output for ward in self.wards if ward.child is not None]
        select.select(outputs, [], [], seconds)

    def _say(self, sentence: str) -> None:
        with contextlib.suppress(OSError):  # whoever read this has gone; the servers stay
            print(sentence, flush=True)


def _web_answers(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _on_signal(number: int, frame: FrameType | None) -> None:
    Ended.asked = True
    # One more while ending must not interrupt the end.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Ended


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)
    environment.speak_utf8()
    places = Places.of(os.environ)
    supervisor = Supervisor(places, {})
    try:
        environment.load_settings(os.environ)
        environment.keep_secret_key(os.environ, places)
        supervisor.environ = dict(os.environ)
        supervisor.run()
    except StartError as trouble:
        print(trouble, file=sys.stderr)
        return 2
    except Ended:
        return 0
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
