"""What nights cost: ``python -m tests.end_to_end.nights 103 10000`` prints the table of docs/holding.md.

For each size the nights of a whole installation over the look-alike: the first, one in which nothing ran, one in
which 5 % of the repositories ran, one in which all did (``--nights 3`` leaves that out). The first finds runs of
five days ago, whose late uploads nobody waits for any more. A run uploads one artifact, a JUnit file of 21 tests.
CPU is that of all of its processes, memory that of the workers.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import psutil
import psycopg
from psycopg.rows import dict_row

# The tests' settings would bring; the installation under measure has a key of its own.
os.environ.setdefault("SECRET_KEY", "nights")

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from tests.collectors.night.reports import junit_zip
from tests.end_to_end.killing import Site
from tests.runtime.installation import Installation, new_folder

LATENCY = 0.02
LONGEST_NIGHT = 14_400.0
POLL_SECONDS = 0.25
HEAD = "repositories | night | seconds | CPU s | CPU s per 1,000 | GraphQL | REST | 304 | downloads | peak MB"


def run_once(estate: FakeEstate, share: float, night: int) -> int:
    """Every so many repositories ran once more; how many."""
    repositories = list(estate.repositories.values())
    chosen = repositories[:: round(1 / share)]
    for at, repository in enumerate(chosen):
        when = estate.now - timedelta(days=0 if night else 5, hours=5 - night, seconds=at % 600)
        run = estate.add_run(repository, committed_at=when, created_at=when)
        cases = {f"case_{number}": "F" if number == (at + night) % 97 else "P" for number in range(20)}
        cases[f"of_night_{night}"] = "P"  # other bytes than last time, or nothing would be downloaded
        estate.add_artifact(run, "test-results", junit_zip(**cases))
    return len(chosen)


def know_many(site: Site, repositories: int) -> None:
    done = site.installation.shell(
        "from dashboard.models import *\n"
        "org = Organization.objects.create(login='acme')\n"
        f"names = ['part-%d' % at for at in range({repositories})]\n"
        "rows = [Repository(organization=org, name=name, full_name='acme/' + name) for name in names]\n"
        "Repository.objects.bulk_create(rows)\n"
    )
    assert done.returncode == 0, done.stderr


class Memory(threading.Thread):
    """The most that the workers' processes held together, in bytes of resident memory of their own."""

    def __init__(self, site: Site) -> None:
        super().__init__(daemon=True)
        self.site, self.peak, self.over = site, 0, threading.Event()

    def run(self) -> None:
        while True:
            self.peak = max(self.peak, self.held())
            if self.over.wait(0.5):
                return

    def held(self) -> int:
        total = 0
        for processes in self.site.workers():
            for process in processes:
                with suppress(psutil.Error):
                    total += process.memory_full_info().uss
        return total


def spent(site: Site) -> float:
    """Seconds of CPU that the installation's processes took so far, those that have ended among them."""
    total = 0.0
    for process in site.supervisor.children(recursive=True):
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


@contextmanager
def a_large_site(repositories: int) -> Iterator[tuple[Site, LookAlike]]:
    estate = FakeEstate()
    for at in range(repositories):
        estate.add_repository(f"acme/part-{at}")
    run_once(estate, 1.0, 0)
    with new_folder() as folder, LookAlike(estate, page_latency=LATENCY, rate_limit=10_000_000) as github:
        installation = Installation(folder / "var")
        try:
            limits = {"GITHUB_REQUESTS_A_MINUTE": "1000000", "GITHUB_CONCURRENCY": "100"}
            process = installation.up(GITHUB_API_URL=github.api_url, GITHUB_TOKEN="a-token", **limits)
            site = Site(installation, psutil.Process(process.pid))
            know_many(site, repositories)
            yield site, github
        finally:
            installation.clear()


def ended_night(site: Site, before: int, longest: float) -> dict[str, Any]:
    """The next collection once it has ended; asked for seldom and by one connection, since asking costs CPU too."""
    newest = "select id, extract(epoch from finished_at - started_at)::float as seconds, requests from collection"
    deadline = time.monotonic() + longest
    with psycopg.connect(site.database, autocommit=True, row_factory=dict_row) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(f"{newest} where id > {before} and finished_at is not null").fetchone()
            if row:
                return row
            time.sleep(POLL_SECONDS)
    raise AssertionError(f"no end within {longest:.0f} s")


def measured(site: Site, name: str, repositories: int) -> str:
    before = site.ask("select coalesce(max(id), 0) as id from collection")[0]["id"]
    memory = Memory(site)
    memory.start()
    spent_before = spent(site)
    site.celery.send_task("collectors.tasks.collect_night", queue="discover")
    night = ended_night(site, before, LONGEST_NIGHT)
    cpu = spent(site) - spent_before
    memory.over.set()
    counts = [f"{night['requests'][kind]:,}" for kind in ("graphql", "rest", "not_modified", "downloads")]
    peak = f"{memory.peak / 1e6:.0f}"
    cost = [f"{night['seconds']:.1f}", f"{cpu:.1f}", f"{1000 * cpu / repositories:.1f}", *counts, peak]
    return f"| {repositories:,} | {name} | {' | '.join(cost)} |"


def table(sizes: list[int], nights: int) -> Iterator[str]:
    yield f"| {HEAD} |"
    yield "|" + "---|" * (HEAD.count("|") + 1)
    for size in sizes:
        with a_large_site(size) as (site, github):
            yield measured(site, "first", size)
            yield measured(site, "nothing ran", size)
            run_once(github.estate, 0.05, 1)
            yield measured(site, "5 % ran", size)
            if nights > 3:
                run_once(github.estate, 1.0, 2)
                yield measured(site, "all ran", size)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="What nights cost.")
    asked.add_argument("sizes", type=int, nargs="*", default=[103])
    asked.add_argument("--nights", type=int, default=4)
    given = asked.parse_args()
    for line in table(given.sizes, given.nights):
        print(line, flush=True)
