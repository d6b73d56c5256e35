"""A look-alike serving real reports, and a Celery worker in a process of its own on the test's database."""

from __future__ import annotations

import json
import os
import posixpath
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import zip_of
from dashboard.celery import app
from dashboard.models import Organization, Repository

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "tests" / "samples" / "estate"
VARIANTS = ("ci-command", "deps-of-the-day")
WORKER_UP_WITHIN_SECONDS = 40


def serve_real_reports() -> FakeEstate:
    """Each real run as a workflow run of its commit, reports as a CI would upload them, dates moved to now."""
    estate = FakeEstate()
    for file in sorted(SAMPLES.glob("*.zip")):
        repository = estate.add_repository(file.stem.replace("__", "/", 1))
        with zipfile.ZipFile(file) as archive:
            folders: dict[str, dict[str, bytes]] = {}
            for name in archive.namelist():
                folder, _, member = name.partition("/")
                folders.setdefault(folder, {})[member] = archive.read(name)
        metas = {folder: json.loads(members.pop("meta.json")) for folder, members in folders.items()}
        newest = max(datetime.fromisoformat(meta["committed_at"]) for meta in metas.values())
        for folder, members in folders.items():
            part = folder.partition("--")[2]
            if part in VARIANTS:
                continue
            meta = metas[folder]
            repository.files |= dict.fromkeys(sources_of(members, meta["workdir"]), b"")
            when = estate.now - timedelta(hours=2) - (newest - datetime.fromisoformat(meta["committed_at"]))
            run = estate.add_run(repository, head_sha=meta["sha"], committed_at=when, created_at=when)
            ending = f"-{part}" if part else ""
            tests = {name: data for name, data in members.items() if name == "junit.xml"}
            coverage = {name: data for name, data in members.items() if name != "junit.xml"}
            for name, content in (("test-results", tests), ("coverage", coverage)):
                if content:
                    estate.add_artifact(run, name + ending, zip_of(content))
    return estate


def sources_of(members: dict[str, bytes], folder: str) -> set[str]:
    """The repository's paths of what a workspace's LCOV file names relative to that workspace."""
    named = [line[3:] for line in members.get("lcov.info", b"").decode().splitlines() if line.startswith("SF:")]
    return {posixpath.normpath(posixpath.join(folder, name)) for name in named}


@pytest.fixture
def github() -> Iterator[LookAlike]:
    with LookAlike(serve_real_reports()) as server:
        yield server


@pytest.fixture
def repositories(github: LookAlike, transactional_db: None) -> list[Repository]:
    """All of the look-alike's repositories, known by name only."""
    rows = []
    for fake in github.estate.repositories.values():
        organization, _ = Organization.objects.get_or_create(login=fake.owner)
        rows.append(Repository.objects.create(organization=organization, name=fake.name))
    return rows


@pytest.fixture
def environment(github: LookAlike, transactional_db: None) -> dict[str, str]:
    """What a process of ours needs to work on this test's database, broker and GitHub."""
    database: dict[str, Any] = connection.settings_dict
    url = "postgres://{USER}:{secret}@{HOST}:{PORT}/{NAME}".format(secret=quote(database["PASSWORD"]), **database)
    return os.environ | {
        "CLERESTORY_PREPARED": "1",
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": url,
        "REDIS_URL": settings.CELERY_BROKER_URL,
        "GITHUB_API_URL": github.api_url,
        "GITHUB_TOKEN": "a-token",
        "DEMO": "0",
    }


@contextmanager
def working(
    environment: dict[str, str], workers: int, processes: int = 1, before: Sequence[str] = ()
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many workers of so many processes each, answering; ``before`` is what runs the command elsewhere."""
    app.control.purge()
    queues = ["--queues=discover,collect,backfill", "--without-gossip", "--without-mingle"]
    command = [
        *before,
        sys.executable,
        "-m",
        "celery",
        "-A",
        "dashboard",
        "worker",
        f"--concurrency={processes}",
        *queues,
    ]
    running = [
        subprocess.Popen([*command, "--loglevel=WARNING", f"--hostname=worker{at}@here"], cwd=ROOT, env=environment)
        for at in range(workers)
    ]
    try:
        deadline = time.monotonic() + WORKER_UP_WITHIN_SECONDS
        while len(app.control.ping(timeout=0.5)) < workers:
            assert all(process.poll() is None for process in running), "a worker ended at its start"
            assert time.monotonic() < deadline, "the workers did not answer"
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with two processes, answering."""
    with working(environment, 1, processes=2) as running:
        yield running[0]


def manage(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run a ``manage.py`` command as a user does."""
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
