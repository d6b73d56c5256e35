"""The runtime's small parts: ports, logs, secrets, the check of an environment's packages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dashboard.runtime import ports
from dashboard.runtime.children import ChildLog
from dashboard.runtime.places import BASE, Places
from dashboard.runtime.trouble import StartError


def test_ports_are_chosen_again_where_they_are_free() -> None:
    first = ports.choose(2, [])
    assert len(set(first)) == 2
    assert ports.choose(2, first) == first
    with socket.create_server(("127.0.0.1", first[0])):
        assert first[0] not in ports.choose(2, first)


@pytest.mark.parametrize("text", ["0", "80", "65536", "-1", "8000.0", "٨٠٠٠", "web"])
def test_a_port_that_makes_no_sense_is_named(text: str) -> None:
    with pytest.raises(StartError, match=rf"^PORT={text} makes no sense"):
        ports.web_port({"PORT": text})


def test_a_log_is_set_aside_when_it_has_grown_too_long(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "web.log", limit=100)
    for number in range(30):
        log.write(b"line %02d\n" % number)
    assert (tmp_path / "web.log").stat().st_size <= 100
    assert (tmp_path / "web.log.1").stat().st_size <= 100
    assert log.last_words() == "line 29"
    log.close()


def test_the_last_words_of_a_log_are_its_last_error(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "web.log")
    log.write(b"Traceback\nValueError: no such thing\nbye\n\n")
    assert log.last_words() == "ValueError: no such thing"
    log.close()


def test_two_who_ask_for_a_secret_at_once_get_the_same(tmp_path: Path) -> None:
    places = Places(tmp_path / "var")
    places.make()
    got: set[str] = set()
    askers = [threading.Thread(target=lambda: got.add(places.secret("key"))) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert got == {places.secret("key")} and len(got.pop()) == 50


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StartError, match="set CLERESTORY_VAR to a folder of your own"):
        Places(tmp_path / "var").make()


def satisfied(*files: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(BASE / "dashboard" / "runtime" / "satisfied.py"), *map(str, files)]
    return subprocess.run(argv, capture_output=True, text=True)


def test_this_environment_has_what_the_product_asks_for() -> None:
    done = satisfied(BASE / "requirements.txt")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_lacking_package_is_named_and_one_for_other_machines_is_not(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("Django==1.0  # far too old\nwheel-of-nobody==1\n")
    (tmp_path / "dev.txt").write_text('-r base.txt\n# none\nnever==1 ; python_version < "3"\npsycopg[binary]>=3\n')
    done = satisfied(tmp_path / "dev.txt")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["missing: Django==1.0", "missing: wheel-of-nobody==1"]
