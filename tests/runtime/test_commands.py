"""``manage.py`` commands find, start, share and let go of the embedded servers."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest

from dashboard.runtime import mode
from dashboard.runtime.databases import ensure_database
from dashboard.runtime.embedded import attach, detach
from dashboard.runtime.environment import needs_servers
from dashboard.runtime.mode import Mode
from dashboard.runtime.places import Places
from dashboard.runtime.trouble import StartError
from tests.runtime.installation import Installation, wait_until


def test_a_command_starts_the_servers_for_its_own_duration(installation: Installation) -> None:
    done = installation.manage(
        "shell", "-c", "from django.contrib.auth.models import User as U; print(U.objects.count())"
    )
    # On a new folder the tables were made first.
    assert done.stdout.splitlines()[-1:] == ["0"], done.stderr
    assert not (installation.var / "run" / "postgres.json").exists()
    assert "database system is shut down" in installation.log("postgres")


def test_a_command_that_needs_no_servers_starts_and_writes_nothing(installation: Installation) -> None:
    for argv in (["check"], ["help"], ["version"], ["migrate", "--help"]):
        done = installation.manage(*argv)
        assert done.returncode == 0, done.stderr
    assert not installation.var.exists()


def test_a_senseless_setting_ends_a_command_with_one_sentence(installation: Installation) -> None:
    done = installation.manage("migrate", TIME_ZONE="Mars/Olympus")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "TIME_ZONE=Mars/Olympus is no time zone: use a name like Europe/Rome.\n"
    assert not (installation.var / "postgres").exists()


@pytest.mark.parametrize(
    ("argv", "needed"),
    [
        ([], False),
        (["inspect", "a.xml"], False),
        (["collect", "--help"], False),
        (["check", "--deploy"], False),
        (["check", "--database", "default"], True),
        (["collect", "--inline"], True),
        (["load_estate", "estate.yaml"], True),
    ],
)
def test_which_commands_need_servers(argv: list[str], needed: bool) -> None:
    assert needs_servers(["manage.py", *argv]) is needed


def test_the_last_user_ends_a_server_not_the_first(folder: Path) -> None:
    places = Places(folder / "var")
    first = attach("broker", places, throwaway=True)
    second = attach("broker", places, throwaway=True)
    assert first.ports == second.ports
    detach(first)
    assert second.starts == 1
    detach(second)
    assert second.starts is None


def test_a_later_start_takes_the_same_port(folder: Path) -> None:
    places = Places(folder / "var")
    seen = []
    for _ in range(2):
        attached = attach("broker", places, throwaway=True)
        seen.append(attached.ports)
        detach(attached)
    assert seen[0] == seen[1]


def test_a_server_outlives_its_keeper_by_no_more_than_a_moment(folder: Path) -> None:
    places = Places(folder / "var")
    attached = attach("postgres", places, throwaway=True)
    state = json.loads((places.run / "postgres.json").read_text())
    server = psutil.Process(state["server"])
    psutil.Process(state["keeper"]).kill()
    wait_until(lambda: not server.is_running(), "the kernel ended the server", 20)
    attached.users.close()
    # The next user starts it anew, on data that were closed cleanly.
    again = attach("postgres", places, throwaway=True)
    assert ensure_database(places, again.ports, "clerestory")
    detach(again)


def test_data_of_another_version_are_named_not_opened(folder: Path) -> None:
    places = Places(folder / "var")
    data = places.var / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(StartError, match=r"written by PostgreSQL 9 .* install the package postgresql-9, or move"):
        attach("postgres", places)


def test_a_start_cut_short_leaves_no_half_made_database(folder: Path) -> None:
    places = Places(folder / "var")
    half = places.var / "postgres" / "data.new"
    half.mkdir(parents=True)
    places.var.chmod(0o711)
    (half / "PG_VERSION").write_text("18\n")
    attached = attach("postgres", places, throwaway=True)
    assert not half.exists() and (places.var / "postgres" / "data" / "base").is_dir()
    detach(attached)


@pytest.mark.parametrize(
    ("environ", "recorded", "expected"),
    [
        ({}, None, Mode.DEMO),
        ({}, "real", Mode.REAL),
        ({}, "demo", Mode.DEMO),
        ({"GITHUB_TOKEN": "x"}, "demo", Mode.REAL),
        ({"GITHUB_APP_ID": "1"}, None, Mode.REAL),
        ({"GITHUB_TOKEN": "x", "DEMO": "1"}, "real", Mode.DEMO),
        ({"DEMO": "0"}, "demo", Mode.REAL),
        ({"DATABASE_URL": "postgres://elsewhere/x"}, "demo", Mode.REAL),
    ],
)
def test_a_command_follows_the_settings_and_then_the_recorded_mode(
    folder: Path, environ: dict[str, str], recorded: str | None, expected: Mode
) -> None:
    places = Places(folder / "var")
    places.make()
    if recorded:
        mode.record(Mode(recorded), places)
    assert mode.for_command(environ, places) is expected


def test_a_demo_shares_no_store_with_real_data() -> None:
    assert Mode.DEMO.database != Mode.REAL.database
    assert Mode.DEMO.broker_number != Mode.REAL.broker_number
