"""A whole Clerestory in a folder of its own, started as ``make run`` starts it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from dashboard.runtime.places import BASE
from dashboard.runtime.ports import choose

DEADLINE = 60.0


def wait_until(holds: Callable[[], object], what: str, seconds: float = DEADLINE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


class Installation:
    """One ``var`` folder, and the commands that use it with an otherwise bare environment."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.output = var.parent / "output"
        self.port = choose(1, [])[0]
        self.environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "CLERESTORY_VAR": str(var),
            "DEMO": "0",
            "PORT": str(self.port),
        }
        self.running: list[subprocess.Popen[str]] = []

    def begin(self, **environ: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "dashboard.runtime.supervisor"]
        with self.output.open("a") as output:
            process = subprocess.Popen(
                argv,
                cwd=BASE,
                env=self.environ | environ,
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        self.running.append(process)
        return process

    def said(self) -> list[str]:
        return self.output.read_text(encoding="utf-8").splitlines()

    def up(self, **environ: str) -> subprocess.Popen[str]:
        """Start it, and return once it has said where it is and how to sign in."""
        before = len(self.said()) if self.output.exists() else 0
        process = self.begin(**environ)
        try:
            wait_until(lambda: len(self.said()) >= before + 2 or process.poll() is not None, "it has started", 180)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.said()}\n{self.all_logs()}") from late
        if process.poll() is not None:
            raise AssertionError(process.communicate()[1])
        assert self.said()[before] == f"Clerestory is up: http://127.0.0.1:{self.port}"
        return process

    def fails(self, **environ: str) -> str:
        """Start it where it cannot start; its one sentence."""
        process = self.begin(**environ)
        _, sentence = process.communicate(timeout=DEADLINE)
        assert process.returncode == 2, (process.returncode, sentence)
        assert sentence.count("\n") == 1, sentence
        return sentence.strip()

    def manage(self, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *argv],
            cwd=BASE,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=DEADLINE,
        )

    def shell(self, code: str) -> subprocess.CompletedProcess[str]:
        return self.manage("shell", "--verbosity", "0", "-c", code)

    def family(self, process: subprocess.Popen[str]) -> list[psutil.Process]:
        return psutil.Process(process.pid).children(recursive=True)

    def log(self, name: str) -> str:
        """What a part has said so far; nothing while it has not been started."""
        path = self.var / "log" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def all_logs(self) -> str:
        logs = sorted((self.var / "log").glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs)

    def clear(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        home = self.var / "postgres"
        if home.is_symlink():
            shutil.rmtree(home.resolve())


@contextmanager
def new_folder() -> Iterator[Path]:
    """A short folder that other accounts may pass through (pytest's own are long and closed)."""
    made = Path(tempfile.mkdtemp(prefix="clerestory-runtime-"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made)


def all_gone(processes: list[psutil.Process]) -> bool:
    return not [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
