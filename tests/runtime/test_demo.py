"""Without a credential: the demo estate, from ``make run`` and from commands alone."""

from __future__ import annotations

import http.client
import json
import signal
from typing import Any

from dashboard.runtime.mode import Mode
from tests.runtime.installation import Installation, all_gone, wait_until

ESTATE = "collectors/lookalike/estate/estate.yaml"
REPOSITORY = "organvm-i-theoria/recursive-engine--generative-entity"


def estate(port: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/api/v1/estate")
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def test_a_start_without_a_credential_lights_the_demo_estate(installation: Installation) -> None:
    process = installation.up(DEMO="")
    wait_until(lambda: len(installation.said()) > 2, "it says what it shows")
    assert installation.said()[2].startswith("This is the demo estate")
    # A repository is shown to everyone once GitHub, here its look-alike, has said that it is public.
    wait_until(lambda: estate(installation.port)["tests"]["total"], "the first figures are there")
    wait_until(lambda: estate(installation.port)["repositories"]["total"] == 103, "all of it is there", 120)
    assert (installation.var / "mode").read_text().strip() == Mode.DEMO
    family = installation.family(process)
    assert any("collectors.lookalike" in one.cmdline() for one in family)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    assert all_gone(family), [one for one in family if one.is_running()]


def test_commands_alone_collect_from_a_look_alike_of_their_own(installation: Installation) -> None:
    loaded = installation.manage("load_estate", ESTATE, DEMO="")
    assert loaded.returncode == 0, loaded.stderr
    done = installation.manage("collect", "--repo", REPOSITORY, "--inline", "--json", DEMO="")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["repositories"], summary["collected"], summary["failed"]) == (1, 1, 0)
    assert summary["tests"] > 0
    assert not (installation.var / "run" / "lookalike.json").exists()
