"""Fifty readers while a night is being stored: how long they wait, and how much they hold it up (make bench).

Three stretches, twice each, in one run: readers alone, the night alone, and both. A reader opens a page every
``THINK_SECONDS``; the web server is the one of ``make run``. On a machine that does much else the ratios of wall
time tell of that too, so the limits are wide and the figures are what counts.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from django.db import connection

from collectors.carrying import bring_forward
from collectors.day_sums import sum_up_from
from collectors.filling.churn import Churn
from collectors.filling.estate import Plan, fill
from collectors.filling.history import artifact_fields, reading_of, run_fields
from collectors.ingest import store_reading
from collectors.parsers.results import Reading
from collectors.paths import PathResolver
from collectors.rollup import refresh_repository
from collectors.snapshots import put_together
from dashboard.models import Artifact, Collection, Repository, WorkflowRun
from dashboard.nights import day_of
from dashboard.runtime.places import BASE
from dashboard.runtime.ports import choose
from tests.runtime.installation import wait_until

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

REPOSITORIES, NIGHTS, TESTS, FILES, SEED = 40, 20, 200, 20, 1
MORE_NIGHTS = 40
SECONDS = float(os.environ.get("READ_SECONDS", "15"))
SUMMED_UP_EVERY = 10
MOST_WAITING, MOST_SLOWED = 6.0, 0.5


def reports() -> Iterator[tuple[Artifact, Reading]]:
    """A report of each repository, night after night, listed and parsed and not stored yet."""
    today = day_of(datetime.now(UTC)) + timedelta(days=1)
    days = [today + timedelta(days=on) for on in range(-NIGHTS, MORE_NIGHTS)]
    lives = []
    for number, repository in enumerate(Repository.objects.order_by("pk")):
        churn = Churn(SEED * 1_000_003 + number, TESTS, FILES)
        lives.append((repository, churn, islice(churn.nights(days), NIGHTS, None)))
    for _ in range(MORE_NIGHTS):
        for repository, churn, nights in lives:
            night = next(nights)
            run = run_fields(repository, night)
            made = WorkflowRun.objects.create(**run)
            yield Artifact.objects.create(run=made, **artifact_fields(run)), reading_of(churn, night)


def stored_a_second(waiting: list[tuple[Artifact, Reading]]) -> float:
    """Reports stored, put together and rolled up in ``SECONDS``, the days now and then, as in a night."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        artifact, reading = waiting.pop()
        repository = artifact.run.repository
        store_reading(artifact, reading, artifact.digest, PathResolver([]))
        put_together(repository, artifact.run.head_sha)
        bring_forward(repository)
        refresh_repository(repository)
        count += 1
        if count % SUMMED_UP_EVERY == 0:
            day = artifact.created_at.date()
            sum_up_from({repository.organization_id: day}, day)
    return count / (time.monotonic() - began)


@contextmanager
def web_server() -> Iterator[str]:
    database = connection.settings_dict
    port = choose(1, [])[0]
    address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    environ = {
        **os.environ,
        "DATABASE_URL": address,
        "PUBLIC": "1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "ERROR",
    }
    environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    argv = [sys.executable, "-m", "gunicorn", "dashboard.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    argv += ["--worker-class", "gthread", "--threads", "8", "--log-level", "error", "--no-control-socket"]
    server = subprocess.Popen(argv, cwd=BASE, env=environ)
    try:
        wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, "the web server answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def reading(site: str, addresses: list[str]) -> Iterator[dict[str, list[float]]]:
    """Readers for as long as the block takes; what came of them stands in the mapping after it."""
    found: dict[str, list[float]] = {}
    environ = {**os.environ, "READ_SECONDS": str(SECONDS)}
    argv = [sys.executable, "-m", "tests.performance.readers", site, *addresses]
    readers = subprocess.Popen(argv, cwd=Path(__file__).parents[2], env=environ, stdout=subprocess.PIPE, text=True)
    yield found
    told, _ = readers.communicate(timeout=SECONDS + 120)
    found |= json.loads(told)


def p95(took: list[float]) -> float:
    return sorted(took)[int(0.95 * len(took))]


def test_fifty_readers_and_a_night_bear_each_other() -> None:
    last = day_of(datetime.now(UTC))
    for _ in fill(Plan(REPOSITORIES, NIGHTS, TESTS, FILES, last, nightly=True, seed=SEED)):
        pass
    pages = [f"/r/{name}/" for name in Repository.objects.values_list("full_name", flat=True)[:10]]
    addresses = [
        "/",
        "/?q=cart",
        "/api/v1/estate",
        "/api/v1/repos",
        *pages,
        *(f"{page}runs/" for page in pages[:5]),
    ]
    waiting = list(reports())[::-1]
    idle, busy, alone, beside = [], [], [], []
    errors: list[object] = []
    with web_server() as site:
        for _ in range(2):
            with reading(site, addresses) as quiet:
                time.sleep(SECONDS)
            alone.append(stored_a_second(waiting))
            night = Collection.objects.create(trigger=Collection.Trigger.NIGHT)
            with reading(site, addresses) as loud:
                beside.append(stored_a_second(waiting))
            Collection.objects.filter(pk=night.pk).update(finished_at=datetime.now(UTC))
            errors += quiet["errors"] + loud["errors"]
            idle.append(p95(quiet["ms"]))
            busy.append(p95(loud["ms"]))
            answers, asked = len(quiet["ms"]), len(loud["ms"])
            print(f"\np95 of {answers} answers {idle[-1]:.0f} ms idle, of {asked} in a night {busy[-1]:.0f} ms")
            print(f"reports of {TESTS} tests a second: {alone[-1]:.1f} alone, {beside[-1]:.1f} beside readers")
    slower, slowed = min(busy) / min(idle), 1 - max(beside) / max(alone)
    print(f"p95 {slower:.2f} times the idle one; the night is slowed by {100 * slowed:.0f} %; {len(errors)} errors")
    assert not errors, errors[:3]
    assert slower < MOST_WAITING and slowed < MOST_SLOWED
