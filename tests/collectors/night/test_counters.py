"""What ``collect --json`` counts is what GitHub answered: held against the look-alike's own log of requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from collectors.lookalike.handlers import Seen
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeArtifact, FakeJob, FakeRepository, zip_of
from dashboard.models import Organization, Repository
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import cobertura_zip, junit_zip
from tests.collectors.night.test_log_fallback import PASSING

NAMES = ("shop", "quiet", "troubled", "broken", "late", "talks", "lost", "once")
BLOBS = ("blob", "log_blob")


def answered(log: list[Seen]) -> dict[str, int]:
    """Contract section 4's ``requests``, out of what was answered."""
    blobs = [seen.target.partition("?")[0] for seen in log if seen.kind in BLOBS]
    api = [seen for seen in log if seen.kind not in BLOBS]
    lists = [seen for seen in api if seen.kind not in ("graphql", "rate_limit")]
    return {
        "graphql": sum(seen.kind == "graphql" for seen in api),
        "rest": sum(seen.status != 304 for seen in lists),
        "not_modified": sum(seen.status == 304 for seen in lists),
        "downloads": sum(path.startswith("/artifacts/") for path in blobs),
        "retried": len(lists) - len({seen.target for seen in lists}) + len(blobs) - len(set(blobs)),
    }


def collected(github: LookAlike) -> dict[str, Any]:
    """One night by the command, its requests held against GitHub's; the summary without requests and seconds."""
    github.forget()
    out = StringIO()
    try:
        call_command("collect", "--inline", "--json", stdout=out, stderr=StringIO())
    except SystemExit as ended:
        assert ended.code == 1
    summary: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    assert summary.pop("requests") == answered(list(github.log))
    assert summary.pop("seconds") > 0
    outcomes = ("collected", "unchanged", "no_evidence", "failed")
    assert sum(summary[name] for name in outcomes) == summary["repositories"]
    return summary


@pytest.fixture
def estate(github: LookAlike, collect_now: Collect, db: None) -> Iterator[dict[str, FakeRepository]]:
    """Of each kind one: healthy, silent, with a passing trouble, with a refused upload, expired, with logs only,
    one that will be lost, and one that was renamed."""
    organization = Organization.objects.create(login="acme")
    made = {name: github.estate.add_repository(f"acme/{name}", files={"shop/cart.py": b""}) for name in NAMES}
    for name in NAMES:
        Repository.objects.create(organization=organization, name=name)
    github.estate.rename_repository(made["once"], "acme/renamed")
    upload(github, made["shop"], test_results=junit_zip(adds="P", removes="F"), coverage=cobertura_zip(cart={1: 1}))
    for name in ("troubled", "lost", "once"):
        upload(github, made[name], test_results=junit_zip(adds="P"))
    upload(github, made["broken"], test_results=zip_of({"junit.xml": b"<testsuites><testsuite>"}))
    for artifact in upload(github, made["late"], test_results=junit_zip(adds="P")):
        artifact.expired = True
    github.estate.add_run(made["talks"], jobs=[FakeJob("test", log=PASSING)])
    yield made


def upload(github: LookAlike, repository: FakeRepository, **contents: bytes) -> list[FakeArtifact]:
    run = github.estate.add_run(repository, created_at=github.estate.now - timedelta(hours=3))
    return [github.estate.add_artifact(run, name.replace("_", "-"), data) for name, data in contents.items()]


def test_a_bad_night_counts_what_github_answered(github: LookAlike, estate: dict[str, FakeRepository]) -> None:
    github.add_fault(rf"/repositories/{estate['shop'].id}/actions/runs$", status=502, times=2)
    github.add_fault(r"/artifacts/\d+\.zip", cut_after=40)
    github.add_fault(rf"/repositories/{estate['troubled'].id}/actions/runs$", status=503, times=None)
    first = collected(github)
    [failed] = first.pop("errors")
    assert failed["repository"] == "acme/troubled" and "503" in failed["error"]
    assert first == {
        "repositories": 8,
        "collected": 5,
        "unchanged": 0,
        "no_evidence": 2,
        "failed": 1,
        "artifacts": 4,
        "reports": 4,
        "rejected_artifacts": 1,
        "tests": 4,
    }


def test_the_nights_after_it_mend_lose_and_read_nothing_twice(
    github: LookAlike, estate: dict[str, FakeRepository]
) -> None:
    github.add_fault(rf"/repositories/{estate['troubled'].id}/actions/runs$", status=503, times=3)
    collected(github)
    del github.estate.repositories[estate["lost"].id]
    second = collected(github)
    assert [error["repository"] for error in second["errors"]] == ["acme/lost"]
    assert (second["collected"], second["artifacts"], second["rejected_artifacts"]) == (1, 1, 0)
    third = collected(github)
    assert (third["failed"], third["artifacts"], third["errors"]) == (0, 0, [])
    assert third["unchanged"] + third["no_evidence"] == 8
