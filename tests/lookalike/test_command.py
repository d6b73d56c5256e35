"""``python -m collectors.lookalike``: ready when it says so, gone when it is told to."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent.parent


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "collectors.lookalike",
        "--estate",
        "empty",
        "--state",
        str(tmp_path),
        *arguments,
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_it_says_ready_when_it_answers_and_ends_on_sigterm(tmp_path: Path) -> None:
    with start(tmp_path, "--port", "0", "--blob-port", "0") as process:
        assert process.stdout
        lines = dict(line.split() for line in (process.stdout.readline() for _ in range(2)))
        assert process.stdout.readline() == "ready\n"
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(f"{lines['api']}/rate_limit", timeout=10).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start(tmp_path, "--port", str(port), "--blob-port", "0") as process:
            assert process.wait(timeout=10) == 2
            assert process.stderr
            said = process.stderr.read()
    assert said.startswith(f"Port {port} ") and said.count("\n") == 1
