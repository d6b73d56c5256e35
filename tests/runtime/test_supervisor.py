"""``make run`` from its first line to its last process."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.runtime.installation import Installation, all_gone, wait_until


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_it_says_where_it_is_and_how_to_sign_in(installation: Installation) -> None:
    process = installation.up()
    assert process.stdout is not None
    sign_in = process.stdout.readline()
    password = installation.var / "admin_password"
    assert sign_in == (f"Sign in at http://127.0.0.1:{installation.port}/admin/ as admin, password in {password}\n")
    assert status(installation.port, "/admin/login/") == 200
    sign_in = f"print(authenticate(username='admin', password={password.read_text().strip()!r}))"
    sign_in = f"from django.contrib.auth import authenticate; {sign_in}"
    done = installation.manage("shell", "--verbosity", "0", "-c", sign_in)
    assert done.stdout.strip() == "admin", done.stderr
    # The command used the running servers and left them running.
    assert process.poll() is None and status(installation.port, "/admin/login/") == 200


def test_its_secrets_are_for_its_owner_only(installation: Installation) -> None:
    installation.up()
    secrets = ["secret_key", "admin_password", "database_password", "broker_password"]
    assert {(installation.var / name).stat().st_mode & 0o777 for name in secrets} == {0o600}
    assert (installation.var / "log").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_it(installation: Installation, number: signal.Signals) -> None:
    process = installation.up()
    family = installation.family(process)
    names = " ".join(" ".join(one.cmdline()) for one in family)
    assert all(part in names for part in ("postgres", "valkey-server", "gunicorn", "celery")), names
    process.send_signal(number)
    process.wait(timeout=30)
    if number == signal.SIGKILL:
        wait_until(lambda: all_gone(family), "the orphans ended", 20)
    else:
        assert process.returncode == 0
        assert all_gone(family), [one for one in family if one.is_running()]


def test_a_second_start_is_quick_and_keeps_all_data(installation: Installation) -> None:
    first = installation.up()
    made = installation.manage(
        "shell", "-c", "from django.contrib.auth.models import Group as G; G(name='kept').save()"
    )
    assert made.returncode == 0, made.stderr
    password = (installation.var / "admin_password").read_text()
    first.send_signal(signal.SIGTERM)
    first.wait(timeout=30)
    began = time.monotonic()
    installation.up()
    assert time.monotonic() - began < 10
    found = installation.manage(
        "shell", "-c", "from django.contrib.auth.models import Group as G; print(G.objects.get())"
    )
    assert "kept" in found.stdout, found.stderr
    assert (installation.var / "admin_password").read_text() == password


def test_a_child_that_dies_is_started_again(installation: Installation) -> None:
    process = installation.up()
    assert process.stdout is not None
    process.stdout.readline()
    family = installation.family(process)
    beat = next(one for one in family if "beat" in one.cmdline())
    database = next(one for one in family if one.name() == "postgres")
    beat.kill()
    assert process.stdout.readline().startswith("beat ended by signal 9 ")
    assert process.stdout.readline() == "beat is started again.\n"
    database.kill()
    assert process.stdout.readline().startswith("postgres ended and is started again ")
    done = installation.manage(
        "shell", "-c", "from django.contrib.auth.models import User as U; print(U.objects.count())"
    )
    assert done.stdout.splitlines()[-1:] == ["1"], done.stderr


def test_a_taken_port_is_named_with_the_way_out(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        sentence = installation.fails()
    assert f"Port {installation.port} of 127.0.0.1 is taken" in sentence and "PORT=9000 make run" in sentence


def test_a_second_one_in_the_same_folder_is_refused(installation: Installation) -> None:
    first = installation.up()
    sentence = installation.fails(PORT="1")
    assert (
        f"already runs from this folder, at http://127.0.0.1:{installation.port} (process {first.pid})" in sentence
    )


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
    ],
)
def test_a_senseless_setting_is_named_and_starts_nothing(installation: Installation, name: str, value: str) -> None:
    assert installation.fails(**{name: value}).startswith(name)
    assert not (installation.var / "postgres").exists()


def test_the_usual_ports_may_be_taken(installation: Installation) -> None:
    held = []
    for port in (5432, 6379):
        try:
            held.append(socket.create_server(("127.0.0.1", port)))
        except OSError:  # taken already: as good
            continue
    installation.up()
    for server in held:
        server.close()


def test_proxies_are_never_asked_for_loopback(installation: Installation) -> None:
    nowhere = "http://127.0.0.1:9"
    installation.up(http_proxy=nowhere, HTTP_PROXY=nowhere, https_proxy=nowhere, ALL_PROXY=nowhere)
    done = installation.manage("shell", "-c", "import os; print(os.environ['NO_PROXY'])", http_proxy=nowhere)
    assert done.stdout.splitlines()[-1] == "127.0.0.1,localhost,::1"


@pytest.mark.parametrize(
    "name", ["closed", "with a space", "é–", "/".join(["a-folder-with-a-long-name-of-forty-characters"] * 4)]
)
def test_the_folder_may_be_awkward(folder: Path, name: str) -> None:
    """Closed to everyone else, with a space, not ASCII, or deeper than a socket's path may be."""
    below = folder / name
    below.mkdir(parents=True)
    if name == "closed":
        below.chmod(0o700)
    installation = Installation(below / "var")
    try:
        installation.up()
        home = installation.var / "postgres"
        assert home.is_symlink() == (name == "closed" and os.geteuid() == 0)
        assert (home / "data" / "PG_VERSION").exists()
    finally:
        installation.clear()
