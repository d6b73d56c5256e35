"""Workers on several hosts share one broker and one database, and find what one worker finds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from collectors.lookalike.server import LookAlike
from dashboard.celery import app
from dashboard.models import Snapshot
from dashboard.models.figures import Figures
from tests.end_to_end.conftest import ROOT, working
from tests.end_to_end.hosts import namespaces_allowed, other_host
from tests.end_to_end.test_workers import estate_of, seconds_of

pytestmark = pytest.mark.django_db(transaction=True)

HOSTS = 3


@pytest.fixture
def github() -> Iterator[LookAlike]:
    with LookAlike(estate_of("one", "two"), page_latency=0.02) as server:
        yield server


@pytest.fixture
def way_out(environment: dict[str, str], github: LookAlike) -> Iterator[Path]:
    """The folder of sockets that lead to the database, the broker, GitHub and its storage, and to nothing else."""
    urls = (environment["DATABASE_URL"], environment["REDIS_URL"], github.api_url, github.blob_url)
    ports = [str(urlsplit(url).port) for url in urls]
    with tempfile.TemporaryDirectory(prefix="clerestory-hosts-") as folder:
        command = [sys.executable, "-m", "tests.end_to_end.hosts", "here", folder, *ports]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as relay:
            assert relay.stdout and relay.stdout.readline() == b"listening\n"
            yield Path(folder)
            relay.terminate()


def figures_of(owner: str) -> list[dict[str, object]]:
    of_owner = Snapshot.objects.filter(repository__organization__login=owner)
    names = [field.attname for field in Figures._meta.fields]
    return list(of_owner.order_by("repository__name").values("repository__name", *names))


def namespace_of(process: int | str) -> str:
    return str(Path(f"/proc/{process}/ns/net").readlink())


@pytest.mark.skipif(not namespaces_allowed(), reason="this kernel lets this account make no network namespace")
def test_workers_on_several_hosts_find_what_one_worker_finds(environment: dict[str, str], way_out: Path) -> None:
    with working(environment, 1):
        seconds_of("one")
    with working(environment, HOSTS, before=other_host(way_out)) as hosts:
        seconds_of("two")
        places = {namespace_of(process.pid) for process in hosts}
        done = {name: sum(told["total"].values()) for name, told in app.control.inspect().stats().items()}

    assert len(places) == HOSTS and namespace_of("self") not in places
    assert len(done) == HOSTS and all(done.values()), f"a host was idle: {done}"
    assert figures_of("two") == figures_of("one") and figures_of("one")
