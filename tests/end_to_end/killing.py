"""A whole installation that is hurt while it collects a night, and what the night's figures are in the end."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psutil
import psycopg
import redis
from celery import Celery
from psycopg.rows import dict_row

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from dashboard.celery import app
from dashboard.runtime.embedded import broker_url, database_url
from dashboard.runtime.places import Places
from tests.collectors.night.reports import cobertura_zip, junit_zip
from tests.runtime.installation import Installation, new_folder, wait_until

REPOSITORIES, COMMITS = 10, 3
LATENCY = 0.03
Figures = dict[str, list[str]]
"""What is stored, by table, each row as text."""
NIGHT_WITHIN = 120.0
SETTLED_WITHIN = 60.0

TABLES = (
    "snapshot",
    "snapshot_group",
    "artifact",
    "report",
    "workflow_run",
    "failure",
    "test_case",
    "test_statistics",
    "repository_day",
)
"""What is stored of a repository; beside them the organization's and estate's days and the manifests' files."""
PASSING = ("id", "packed", "digest", "nights", "artifacts_etag", "cpu_ms", "wall_ms", "peak_bytes", "output_bytes")
"""Columns that name rows by their numbers, or tell how something was asked for and what reading it cost."""


@dataclass(frozen=True)
class Hurt:
    """Something that happens to a living installation."""

    name: str
    do: Callable[[Site], None]


class Site:
    """One installation with a look-alike, a sweep that looks every two seconds, and rows to begin again from."""

    def __init__(self, installation: Installation, supervisor: psutil.Process) -> None:
        self.installation, self.supervisor = installation, supervisor
        places = Places(installation.var)
        ports = {
            name: json.loads((places.run / f"{name}.json").read_text())["ports"] for name in ("postgres", "broker")
        }
        self.database = database_url(places, ports["postgres"], "clerestory")
        self.broker = broker_url(places, ports["broker"], 0)
        self.celery = Celery(broker=self.broker, set_as_current=False)
        self.celery.conf.task_queues = app.conf.task_queues
        self.celery.conf.task_create_missing_queues = False

    def ask(self, sql: str, *values: object) -> list[dict[str, Any]]:
        with psycopg.connect(self.database, autocommit=True, row_factory=dict_row, connect_timeout=2) as connection:
            cursor = connection.execute(sql, values or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def know(self, estate: FakeEstate) -> None:
        """Tell it the look-alike's repositories by name, and keep the rows as they are before the first night."""
        names = [repository.full_name.split("/") for repository in estate.repositories.values()]
        done = self.installation.shell(
            "from dashboard.models import *\n"
            f"for owner, name in {names!r}:\n"
            "    org, _ = Organization.objects.get_or_create(login=owner)\n"
            "    Repository.objects.create(organization=org, name=name)\n"
        )
        assert done.returncode == 0, done.stderr
        for table in ("organization", "repository"):
            self.ask(f"create table before_{table} as table {table}")
        self.ask(
            "with every as (insert into django_celery_beat_intervalschedule (every, period)"
            " values (2, 'seconds') returning id)"
            " update django_celery_beat_periodictask set interval_id = (select id from every), crontab_id = null"
            " where name = 'Sweep'"
        )
        # Its own night, should it be two o'clock, would be one more.
        self.ask("update django_celery_beat_periodictask set enabled = false where name = 'Nightly collection'")
        self.ask("update django_celery_beat_periodictasks set last_update = now()")

    def forget(self) -> None:
        """Everything that was collected is gone, the repositories are as they were before the first night."""
        with psycopg.connect(self.database) as connection:
            connection.execute("truncate organization, collection, estate_day cascade")
            for table in ("organization", "repository"):
                connection.execute(f"insert into {table} select * from before_{table}")

    def begin(self) -> None:
        """A night, asked for as beat does; returns when it stands in the database."""
        self.celery.send_task("collectors.tasks.collect_night", queue="discover")
        wait_until(lambda: self.ask("select 1 from collection"), "the night has begun", NIGHT_WITHIN)

    def ended(self) -> bool:
        with suppress(psycopg.OperationalError):
            return bool(self.ask("select 1 from collection where finished_at is not null"))
        return False

    def family(self, *words: str) -> list[psutil.Process]:
        """Its processes whose command line holds all the words."""
        found = []
        for process in psutil.process_iter(["cmdline", "environ"]):
            command = " ".join(process.info["cmdline"] or ())
            ours = str(self.installation.var) in command or (process.info["environ"] or {}).get(
                "CLERESTORY_VAR"
            ) == str(self.installation.var)
            if ours and all(word in command for word in words):
                found.append(process)
        return found

    def workers(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        """(the worker that hands out, the processes that collect)."""
        every = self.family("celery", " worker")
        pids = {process.pid for process in every}
        children = [process for process in every if process.ppid() in pids]
        return [process for process in every if process not in children], children

    def figures(self) -> Figures:
        """All that a night stores, by table, without what names rows or tells the time."""
        stored = {}
        for table in TABLES:
            rows = self.ask(
                f"select r.full_name || '#' || (to_jsonb(t) - %s::text[])::text as told from {table} t"
                " join repository r on r.id = t.repository_id",
                self._passing(table),
            )
            stored[table] = sorted(row["told"] for row in rows)
        for table in ("organization_day", "estate_day"):
            rows = self.ask(f"select (to_jsonb(t) - %s::text[])::text as told from {table} t", self._passing(table))
            stored[table] = sorted(row["told"] for row in rows)
        stored["files"] = [
            row["told"]
            for row in self.ask(
                "select r.full_name || s.sha || f.path || ':' || encode(l.digest, 'hex') as told from snapshot s"
                " join repository r on r.id = s.repository_id join coverage_manifest m on m.id = s.manifest_id"
                " cross join lateral unnest(m.file_ids, m.line_map_ids) as e(file_id, map_id)"
                " join source_file f on f.id = e.file_id join line_map l on l.id = e.map_id order by 1"
            )
        ]
        stored["states"] = [
            row["told"]
            for row in self.ask(
                "select r.full_name || ':' || e.state || ':' || e.error as told from repository_collection e"
                " join repository r on r.id = e.repository_id order by 1"
            )
        ]
        return stored

    def _passing(self, table: str) -> list[str]:
        columns = self.ask("select column_name from information_schema.columns where table_name = %s", table)
        names = [row["column_name"] for row in columns]
        named = ("_id", "_ids", "_at")
        return [name for name in names if name in PASSING or name.endswith(named)]


def kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _one(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [random.choice(processes)] if processes else []


def _flush(site: Site) -> None:
    redis.Redis.from_url(site.broker).flushall()


HURTS = (
    Hurt("kill -9 of a collecting process", lambda site: kill(_one(site.workers()[1]))),
    Hurt("kill -9 of the database", lambda site: kill(site.family("postgres", "-D"))),
    Hurt("FLUSHALL of the broker", _flush),
    Hurt("kill -9 of the worker and its processes", lambda site: kill([*site.workers()[0], *site.workers()[1]])),
    Hurt("kill -9 of the worker alone", lambda site: kill(site.workers()[0])),
    Hurt("kill -9 of the broker", lambda site: kill(site.family("valkey") or site.family("redis-server"))),
    Hurt("kill -9 of a sandbox's zygote", lambda site: kill(_one(site.family("collectors.sandbox.zygote")))),
    Hurt("kill -9 of beat", lambda site: kill(site.family("celery", " beat"))),
    Hurt("kill -9 of the web server", lambda site: kill(site.family("gunicorn"))),
)


def an_estate() -> FakeEstate:
    """Repositories of several commits, each with tests in two legs and coverage; some fail."""
    estate = FakeEstate()
    for at in range(REPOSITORIES):
        repository = estate.add_repository(f"acme/part-{at}", files={"shop/cart.py": b"", "shop/stock.py": b""})
        for back in range(COMMITS, 0, -1):
            when = estate.now - timedelta(hours=3 * back, minutes=at)
            run = estate.add_run(repository, committed_at=when, created_at=when + timedelta(minutes=1))
            broken = "F" if (at + back) % 4 == 0 else "P"
            for leg in ("3.11", "3.12"):
                estate.add_artifact(
                    run, f"test-results-{leg}", junit_zip(total="P", taxes=broken, empty="PS"[back % 2])
                )
            estate.add_artifact(run, "coverage", cobertura_zip(cart={1: 1, 2: at, 3: 0}, stock={1: back, 2: 0}))
    return estate


@contextmanager
def a_site() -> Iterator[Site]:
    """Up, with its repositories known, and nothing collected yet."""
    with new_folder() as folder, LookAlike(an_estate(), page_latency=LATENCY) as github:
        installation = Installation(folder / "var")
        try:
            process = installation.up(
                GITHUB_API_URL=github.api_url, GITHUB_TOKEN="a-token", SWEEP_STILL_SECONDS="3"
            )
            site = Site(installation, psutil.Process(process.pid))
            site.know(github.estate)
            yield site
        finally:
            installation.clear()


def disturbed(site: Site, hurt: Hurt, after: float) -> Figures:
    """The figures of a night to which something happened ``after`` seconds."""
    site.forget()
    site.begin()
    time.sleep(after)  # the moment is the point
    hurt.do(site)
    wait_until(site.ended, f"the night has ended after: {hurt.name}", NIGHT_WITHIN)
    return site.figures()
