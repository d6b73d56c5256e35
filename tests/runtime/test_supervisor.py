"""``make run`` from its first line to its last process."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.installation import Installation, all_gone, new_folder, wait_until

NOWHERE = "http://127.0.0.1:9"
COUNT_USERS = "from django.contrib.auth.models import User as U; print(U.objects.count())"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Installation, subprocess.Popen[str]]]:
    """One that runs for several tests: with the usual ports taken, and behind a proxy that leads nowhere."""
    held = []
    for port in (5432, 6379):
        try:
            held.append(socket.create_server(("127.0.0.1", port)))
        except OSError:  # taken by another program: as good
            continue
    with new_folder() as folder:
        installation = Installation(folder / "var")
        yield installation, installation.up(http_proxy=NOWHERE, HTTP_PROXY=NOWHERE, ALL_PROXY=NOWHERE)
        installation.clear()
    for server in held:
        server.close()


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_it_says_where_it_is_and_how_to_sign_in(running: tuple[Installation, subprocess.Popen[str]]) -> None:
    installation, _ = running
    password = installation.var / "admin_password"
    address = f"http://127.0.0.1:{installation.port}/admin/"
    assert installation.said()[1] == f"Sign in at {address} as admin, password in {password}"
    ask = f"print(authenticate(username='admin', password={password.read_text().strip()!r}))"
    done = installation.shell(f"from django.contrib.auth import authenticate; {ask}")
    assert done.stdout.splitlines()[-1] == "admin", done.stderr


def test_a_command_uses_the_running_servers_and_leaves_them_running(
    running: tuple[Installation, subprocess.Popen[str]],
) -> None:
    installation, process = running
    before = (installation.var / "run" / "postgres.json").read_text()
    done = installation.shell(COUNT_USERS)
    assert done.stdout.splitlines()[-1] == "1", done.stderr
    assert (installation.var / "run" / "postgres.json").read_text() == before
    assert process.poll() is None and status(installation.port, "/admin/login/") == 200


def test_the_three_services_run(running: tuple[Installation, subprocess.Popen[str]]) -> None:
    installation, _ = running
    wait_until(lambda: " ready." in installation.log("worker"), "the worker is ready")
    wait_until(lambda: "beat: Starting" in installation.log("beat"), "beat has started")
    done = installation.shell("from dashboard.celery import app; print(len(app.control.ping(timeout=5)))")
    assert done.stdout.splitlines()[-1] == "1", done.stderr


def test_its_secrets_are_for_its_owner_only(running: tuple[Installation, subprocess.Popen[str]]) -> None:
    installation, process = running
    secrets = ["secret_key", "admin_password", "database_password", "broker_password"]
    assert {(installation.var / name).stat().st_mode & 0o777 for name in secrets} == {0o600}
    assert (installation.var / "log").stat().st_mode & 0o777 == 0o700
    commands = " ".join(" ".join(one.cmdline()) for one in installation.family(process))
    assert not [name for name in secrets if (installation.var / name).read_text().strip() in commands]


def test_a_second_one_in_the_same_folder_is_refused(running: tuple[Installation, subprocess.Popen[str]]) -> None:
    installation, first = running
    sentence = installation.fails(PORT="1")
    where = f"already runs from this folder, at http://127.0.0.1:{installation.port} (process {first.pid})"
    assert where in sentence


def test_proxies_are_never_asked_for_loopback(running: tuple[Installation, subprocess.Popen[str]]) -> None:
    installation, _ = running
    done = installation.manage("shell", "-c", "import os; print(os.environ['NO_PROXY'])", http_proxy=NOWHERE)
    assert done.stdout.splitlines()[-1] == "127.0.0.1,localhost,::1", done.stderr


def test_a_second_start_is_quick_and_keeps_all_data_and_nothing_outlives_either(
    installation: Installation,
) -> None:
    first = installation.up()
    made = installation.shell("from django.contrib.auth.models import Group as G; G(name='kept').save()")
    assert made.returncode == 0, made.stderr
    password = (installation.var / "admin_password").read_text()
    end_and_leave_nothing(installation, first, signal.SIGTERM)
    began = time.monotonic()
    second = installation.up()
    assert time.monotonic() - began < 20  # 10 on a machine of its own; other tests may run beside this one
    found = installation.shell("from django.contrib.auth.models import Group as G; print(G.objects.get())")
    assert "kept" in found.stdout, found.stderr
    assert (installation.var / "admin_password").read_text() == password
    end_and_leave_nothing(installation, second, signal.SIGINT)


def test_a_child_that_dies_is_started_again(installation: Installation) -> None:
    process = installation.up()
    wait_until(lambda: "beat: Starting" in installation.log("beat"), "beat has started")
    family = installation.family(process)
    beat = next(one for one in family if "dashboard.runtime.beat" in one.cmdline())
    database = next(one for one in family if one.name() == "postgres")
    beat.kill()
    wait_until(lambda: "beat is started again." in installation.said(), "it says that beat is back")
    assert any(line.startswith("beat ended by signal 9 ") for line in installation.said())
    database.kill()
    back = "postgres ended and is started again "
    wait_until(lambda: any(line.startswith(back) for line in installation.said()), "the database is back")
    done = installation.shell(COUNT_USERS)
    assert done.stdout.splitlines()[-1:] == ["1"], done.stderr
    end_and_leave_nothing(installation, process, signal.SIGHUP)


def test_nothing_outlives_it_even_when_it_is_killed(installation: Installation) -> None:
    process = installation.up()
    wait_until(lambda: (installation.var / "log" / "beat.log").exists(), "beat is started")
    family = installation.family(process)
    names = " ".join(" ".join(one.cmdline()) for one in family)
    assert all(part in names for part in ("postgres", "gunicorn", "celery", "runtime.beat")), names
    process.kill()
    wait_until(lambda: all_gone(family), "the orphans have ended", 20)


def end_and_leave_nothing(
    installation: Installation, process: subprocess.Popen[str], number: signal.Signals
) -> None:
    family = installation.family(process)
    assert len(family) > 8
    process.send_signal(number)
    process.wait(timeout=30)
    assert process.returncode == 0
    assert all_gone(family), [one for one in family if one.is_running()]


def test_a_taken_port_is_named_with_the_way_out(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        sentence = installation.fails()
    assert f"Port {installation.port} of 127.0.0.1 is taken" in sentence and "PORT=9000 make run" in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("DEMO", "perhaps"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("REDIS_URL", "http://localhost"),
        ("GITHUB_API_URL", "http://github.example.com"),
        ("DEBUG", "maybe"),
        ("LOG_LEVEL", "LOUD"),
        ("GITHUB_APP_ID", "17"),
    ],
)
def test_a_senseless_setting_is_named_and_starts_nothing(installation: Installation, name: str, value: str) -> None:
    assert re.match(rf"{name}\b", installation.fails(**{name: value}))
    assert not (installation.var / "postgres").exists()


@pytest.mark.parametrize(
    "name", ["closed", "with a space – é/" + "/".join(["a-folder-of-a-good-forty-characters-name"] * 3)]
)
def test_the_folder_may_be_awkward(folder: Path, name: str) -> None:
    """Closed to everyone else; with a space, not ASCII, and deeper than a socket's path may be."""
    below = folder / name
    below.mkdir(parents=True)
    if name == "closed":
        below.chmod(0o700)
    installation = Installation(below / "var")
    try:
        installation.up()
        home = installation.var / "postgres"
        # Closed, and started by root: the database's account cannot get there.
        assert home.is_symlink() == (name == "closed" and os.geteuid() == 0)
        assert (home / "data" / "PG_VERSION").exists()
    finally:
        installation.clear()
