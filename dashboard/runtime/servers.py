"""The embedded servers: what each needs before it starts, how it is started, and when it is ready."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

from dashboard.runtime.accounts import Account, am_root, can, give, server_account
from dashboard.runtime.children import Child, Launch
from dashboard.runtime.places import BASE, Places
from dashboard.runtime.ports import LOOPBACK, answers
from dashboard.runtime.programs import PostgresPrograms, broker_program, postgres_programs
from dashboard.runtime.trouble import StartError

# Where a server's files go when its account cannot reach the checkout (a start by root below a closed folder).
OUTSIDE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - a folder of our own is made there with mkdtemp


class Server(ABC):
    """One server, run by a keeper (see keeper.py) for as long as anyone uses it."""

    name: str
    title: str
    port_count = 1
    start_seconds = 60.0

    def __init__(self, places: Places, throwaway: bool = False) -> None:
        self.places, self.throwaway = places, throwaway

    def prepare(self) -> None:  # noqa: B027 - not every server needs it
        """Whatever must be there before the first start; may take seconds. Raises StartError."""

    @abstractmethod
    def launch(self, ports: list[int]) -> Launch: ...

    @abstractmethod
    def is_ready(self, ports: list[int], child: Child) -> bool: ...

    def _environ(self) -> dict[str, str]:
        # Not the caller's: a server must not depend on a locale or on PG* variables that point elsewhere.
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def make_server(name: str, places: Places, throwaway: bool = False) -> Server:
    return {kind.name: kind for kind in (Postgres, Broker, LookAlike)}[name](places, throwaway)


class Postgres(Server):
    """PostgreSQL on 127.0.0.1 with a password: no socket file, whose path could be too long or out of reach."""

    name, title = "postgres", "PostgreSQL"
    user = "clerestory"

    def prepare(self) -> None:
        self.home = self._home()
        self.data = self.home / "data"
        self.account = server_account(self.data)
        version = self._version()
        programs = postgres_programs(version)
        if not all(can(self.account, path, os.R_OK) for path in programs.needed):
            if programs.wheel is None:
                raise StartError(f"{programs.bin} cannot be read by the account {self._whose()}.")
            programs = programs.copied_to(self.home)
        self.programs = programs
        if version is None:
            self._create(programs)
        elif not can(self.account, self.data, os.R_OK | os.W_OK | os.X_OK):
            raise StartError(
                f"The account {self._whose()}, which PostgreSQL runs as, cannot reach its data in {self.data}: "
                "let it pass through the folders above (chmod o+x)."
            )

    def launch(self, ports: list[int]) -> Launch:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(ports[0]),
            "unix_socket_directories": "",
            # Neither touches /dev/shm, which containers make too small.
            "shared_memory_type": "mmap",
            "dynamic_shared_memory_type": "mmap",
            "shared_buffers": "64MB",
            "max_connections": "60",
            "max_wal_size": "256MB",
            "jit": "off",
            "log_timezone": "UTC",
        }
        if self.programs.major >= 18:  # three reading processes, which a database of this size does not need
            settings["io_method"] = "sync"
        if self.throwaway:  # nothing in it is worth a wait for the disk
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # It would look at tables between two tests and call them empty for all that follow.
            settings["autovacuum"] = "off"
        argv = [str(self.programs.bin / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            argv += ["-c", f"{key}={value}"]
        # SIGINT ends sessions and then the server; SIGTERM would wait for the sessions.
        ask, insist = signal.SIGINT, signal.SIGQUIT
        return Launch(self.name, argv, self._environ(), self.home, ask, insist, account=self.account)

    def is_ready(self, ports: list[int], child: Child) -> bool:
        # The file's first line is the server's number, its eighth its state (pg_ctl reads it in the same way).
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(child.process.pid) and lines[7].strip() == "ready"

    def _home(self) -> Path:
        """The folder of data and copied programs: ``var/postgres``, or where that links to."""
        home = self.places.var / "postgres"
        if home.is_symlink() and not home.exists():
            raise StartError(
                f"{self.places.shown(home)} points to {home.readlink()}, which is gone: bring it back, or "
                f"remove {self.places.shown(self.places.var)} to begin anew."
            )
        if home.exists():
            return home.resolve()
        account = server_account(home / "data")
        if account is None or can(account, self.places.var, os.X_OK):
            home.mkdir()
            home.chmod(0o711)
            return home
        outside = self._outside(account)
        home.symlink_to(outside)
        return outside

    def _outside(self, account: Account) -> Path:
        for parent in OUTSIDE:
            try:
                folder = Path(tempfile.mkdtemp(prefix="clerestory-", dir=parent))
            except OSError:
                continue
            folder.chmod(0o711)
            (folder / "belongs-to").write_text(f"{self.places.var}\n")
            if can(account, folder, os.X_OK):
                return folder
            shutil.rmtree(folder)
        raise StartError(
            f"The account {account.name}, which PostgreSQL must run as, can reach neither the checkout nor "
            "/var/lib nor /var/tmp: open one of them (chmod o+x), or start Clerestory as an ordinary user."
        )

    def _version(self) -> int | None:
        """The major version that wrote the data; None: there are none yet."""
        marker = self.data / "PG_VERSION"
        if not marker.exists():
            if self.data.exists() and any(self.data.iterdir()):
                raise StartError(f"{self.data} holds no PostgreSQL data: move it away to begin anew.")
            return None
        return int(marker.read_text().split(".")[0])

    def _create(self, programs: PostgresPrograms) -> None:
        # Made beside and renamed at the end, so that a start cut short leaves no half-made database.
        draft, password = self.home / "data.new", self.home / "password.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(self.places.secret("database_password") + "\n")
        give(self.account, draft)
        give(self.account, password)
        argv = [str(programs.bin / "initdb"), "-D", str(draft), "--username", self.user]
        argv += ["--pwfile", str(password), "--auth=scram-sha-256", "--locale=C", "--encoding=UTF8", "--no-sync"]
        account = self.account
        try:
            done = subprocess.run(
                argv,
                cwd=self.home,
                env=self._environ(),
                capture_output=True,
                text=True,
                errors="replace",
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except OSError as error:
            raise StartError(f"{argv[0]} cannot be started: {error}.") from error
        finally:
            password.unlink(missing_ok=True)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if "error" in line.lower()]
            reason = (said or done.stderr.splitlines() or ["it said nothing"])[0]
            raise StartError(f"PostgreSQL could not make its data folder {draft}: {reason}.")
        self.data.rmdir() if self.data.exists() else None
        draft.rename(self.data)

    def _whose(self) -> str:
        return self.account.name if self.account else "of this user"


class Broker(Server):
    """Valkey (or Redis) on 127.0.0.1 with a password. It keeps nothing: what is still to do is in the database."""

    name, title = "broker", "The broker"
    # Far above what ids in queues need; a runaway producer hits it before the machine suffers.
    memory = "256mb"

    def prepare(self) -> None:
        self.program, from_wheel = broker_program()
        self.account: Account | None = None
        if not am_root():
            return
        # As the database's account where that can reach the program; it holds no data, so root will do too.
        account = server_account(self.places.var / "postgres" / "data")
        if can(account, self.program, os.R_OK | os.X_OK) or not from_wheel:
            self.account = account

    def launch(self, ports: list[int]) -> Launch:
        password = self.places.secret("broker_password")
        # By its standard input: command lines are readable by every account of the machine.
        lines = [f"bind {LOOPBACK}", f"port {ports[0]}", f"requirepass {password}", 'save ""', "appendonly no"]
        lines += ["daemonize no", f"maxmemory {self.memory}", "maxmemory-policy noeviction", 'logfile ""']
        said = ("\n".join(lines) + "\n").encode()
        argv = [str(self.program), "-"]
        cwd = Path("/")
        return Launch(self.name, argv, self._environ(), cwd, account=self.account, said=said)

    def is_ready(self, ports: list[int], child: Child) -> bool:
        try:
            with socket.create_connection((LOOPBACK, ports[0]), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                # "-NOAUTH": it is up and wants the password.
                return connection.recv(64).startswith((b"-NOAUTH", b"+PONG"))
        except OSError:
            return False


class LookAlike(Server):
    """The GitHub look-alike of the demo: the API on one port, the artifacts' host on another."""

    name, title = "lookalike", "The GitHub look-alike"
    port_count = 2

    def launch(self, ports: list[int]) -> Launch:
        state = self.places.var / "demo"
        argv = [sys.executable, "-m", "collectors.lookalike", "--port", str(ports[0])]
        argv += ["--blob-port", str(ports[1]), "--estate", "demo", "--state", str(state)]
        return Launch(self.name, argv, python_environ(os.environ), BASE)

    def is_ready(self, ports: list[int], child: Child) -> bool:
        return all(answers(port) for port in ports)


def python_environ(environ: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """A child Python's environment: it finds this checkout from anywhere, and reads UTF-8 without any locale."""
    own = {"PYTHONPATH": str(BASE), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    # glibc gives each thread a heap of its own and rarely takes it back; two do for threads that mostly wait.
    return {"MALLOC_ARENA_MAX": "2", **environ, **own}
