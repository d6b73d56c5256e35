"""Takes the pictures of a bad night for docs/pictures: ``.venv/bin/python -m tests.browser.bad_night``.

A whole installation collects 104 repositories from a look-alike of which five are refused or gone, two archives are
damaged and one answer is slow; half of the night's requests are left when it begins, and a worker's process is
killed. The pictures are of the moment at which the limit is spent and the rest waits for its reset.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

# The tests' settings would bring; the installation that is photographed has a key of its own.
os.environ.setdefault("SECRET_KEY", "a bad night")

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from tests.browser.conftest import ARGUMENTS
from tests.browser.pictures import Picture, take
from tests.collectors.night.reports import cobertura_zip, junit_zip
from tests.conftest import find_chromium
from tests.end_to_end.killing import Site, wait_until
from tests.runtime.installation import Installation, new_folder

OWNERS = ("orbit-labs", "north-quay", "paper-mill", "tidewater")
EACH = 26
LIMIT = 220
"""About half of what the night needs: four requests a repository."""
LATENCY = 0.05
PICTURES = (
    Picture("ingest-bad-night-1440", "/ingest/"),
    Picture("ingest-bad-night-dark-390", "/ingest/", width=390, theme="dark"),
)


def bad_estate() -> FakeEstate:
    estate = FakeEstate()
    for at in range(len(OWNERS) * EACH):
        repository = estate.add_repository(f"{OWNERS[at % len(OWNERS)]}/service-{at:02}")
        when = estate.now - timedelta(hours=3, seconds=at)
        run = estate.add_run(repository, committed_at=when, created_at=when)
        cases = {f"case_{number}": "F" if number == at % 40 else "P" for number in range(20)}
        damaged = at in (9, 30)
        estate.add_artifact(run, "test-results", junit_zip(**cases)[:-40] if damaged else junit_zip(**cases))
        estate.add_artifact(run, "coverage", cobertura_zip(cart={line: line % 5 for line in range(1, 30 + at)}))
    return estate


@contextmanager
def a_bad_night(repositories: FakeEstate) -> Iterator[Site]:
    """An installation whose night is under way; its limit is spent before all are read."""
    with new_folder() as folder, LookAlike(repositories, page_latency=LATENCY, rate_limit=LIMIT) as github:
        for number in (3, 17, 42):
            github.add_fault(rf"/service-{number:02}(/|$)", status=500, times=None)
        for number in (11, 25):
            github.add_fault(rf"/service-{number:02}(/|$)", status=404, body=b"{}", times=None)
        github.add_fault(r"/service-05(/|$)", delay=4.0)
        installation = Installation(folder / "var")
        try:
            process = installation.up(GITHUB_API_URL=github.api_url, GITHUB_TOKEN="a-token")
            site = Site(installation, psutil.Process(process.pid))
            site.know(repositories)
            # As an estate file says it; what GitHub has not yet called public is hidden otherwise.
            site.ask("update repository set private = false")
            site.begin()
            yield site
        finally:
            installation.clear()


def lose_a_process(site: Site) -> None:
    """Kill a process that is reading, as a machine short of memory would."""
    in_hand = "select 1 from repository_collection where state in ('listing', 'reading')"
    wait_until(lambda: site.ask(in_hand), "a repository is in hand")
    _, children = site.workers()
    children[0].kill()


def is_spent(site: Site) -> bool:
    """The first few repositories were told so, the others are about to be."""
    return len(site.ask("select 1 from repository_collection where state = 'put_off'")) >= 8


def photograph(browser: Browser, base: str) -> list[Path]:
    return [take(browser, base, picture) for picture in PICTURES]


def main() -> None:
    with a_bad_night(bad_estate()) as site, sync_playwright() as playwright:
        lose_a_process(site)
        wait_until(lambda: is_spent(site), "the limit is spent", 180)
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=ARGUMENTS)
        for path in photograph(browser, f"http://127.0.0.1:{site.installation.port}"):
            print(path)
        browser.close()


if __name__ == "__main__":
    main()
