"""From every figure that opens to an artifact with its SHA-256 in at most three clicks, without a script."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client

from dashboard.models import Artifact, Report, RepositoryCollection
from dashboard.packing import Lines
from tests import factories

pytestmark = pytest.mark.django_db

FIGURE = re.compile(r'<a\s+class="opens[^"]*"[^>]*?href="([^"]+)"')
IN_A_POPOVER = re.compile(r'<p class="links"><a href="([^"]+)"')
ARTIFACT = re.compile(r'href="([^"]*/artifacts/\d+/[^"]*)"')
REPOSITORY = re.compile(r'href="(/r/[^"/]+/[^"/]+/)"')
# Where to begin, and how many figures must open there at least.
PAGES = {
    "/": 10,
    "/?columns=tests,outcome,coverage,lines,pass-rate&group=none": 6,
    "/o/acme/": 8,
    "/r/acme/api/": 10,
    "/r/acme/api/coverage/": 1,
    "/ingest/": 3,
}


@pytest.fixture(autouse=True)
def morning(settings: Any) -> None:
    settings.PUBLIC = True
    api = factories.repository(factories.organization("acme"), "api")
    factories.snapshot(api, days_ago=1)
    broken = factories.snapshot(api, tests=(8, 2, 0, 0))
    factories.failure(broken)
    factories.covered(broken, {("src/a.py", True): Lines({1: 1, 2: 0})})
    broken.refresh_from_db()
    Report.objects.filter(kind="coverage", artifact__run__head_sha=broken.sha).update(manifest=broken.manifest)
    factories.roll_up()
    night = factories.collection()
    RepositoryCollection.objects.create(collection=night, repository=api, state="collected", artifacts=4, tests=20)
    Artifact.objects.update(read_at=night.started_at)


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("start", PAGES)
def test_every_figure_is_at_most_three_clicks_from_its_artifact(client: Client, start: str) -> None:
    html = page(client, start)
    # A popover is opened by the first click, and its link is the second.
    roads = [(1, link) for link in FIGURE.findall(html)] + [(2, link) for link in IN_A_POPOVER.findall(html)]
    assert len(roads) >= PAGES[start]
    digests = set(Artifact.objects.values_list("sha256", flat=True))
    for clicks, link in dict.fromkeys(roads):
        opened = page(client, urljoin(start, unescape(link)))
        if not ARTIFACT.search(opened) and (repository := REPOSITORY.search(opened)):
            clicks, opened = clicks + 1, page(client, repository[1])
        found = ARTIFACT.search(opened)
        assert found, f"{link} names no artifact"
        assert clicks + 1 <= 3
        assert any(digest in page(client, unescape(found[1])) for digest in digests)


@pytest.mark.parametrize("tab", ["", "runs/", "coverage/?path=src/a.py"])
def test_a_repositorys_pages_name_their_artifacts_themselves(client: Client, tab: str) -> None:
    assert ARTIFACT.search(page(client, f"/r/acme/api/{tab}"))
