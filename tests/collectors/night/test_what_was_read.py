"""Of every artifact it is written down what was read, what was passed over and why, and the pages say so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from collectors.ingest import READER_VERSION
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, zip_of
from collectors.parsers import FORMATS
from dashboard.models import Artifact, Report, Repository
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import cobertura, junit, junit_zip
from tests.dashboard.uploads import text_of

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def page(client: Client, artifact: Artifact) -> str:
    return text_of(client, f"/r/acme/shop/artifacts/{artifact.github_id}/")


def test_members_that_are_no_report_are_named_up_to_a_limit_and_all_are_counted(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, client: Client
) -> None:
    pages = {f"htmlcov/{number:03}.html": b"<html></html>" for number in range(230)}
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "results", zip_of({"junit.xml": junit(adds="P"), **pages}))
    collect_now()
    artifact = Artifact.objects.get()
    assert artifact.passed_over[:2] == ["htmlcov/000.html", "htmlcov/001.html"]
    assert (len(artifact.passed_over), artifact.passed_over_count) == (200, 230)
    text = page(client, artifact)
    assert "Passed over 230" in text and "And 30 more members whose names were not kept." in text
    assert "junit.xml" in text


def test_a_member_that_could_not_be_opened_is_told_on_its_artifact(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, client: Client
) -> None:
    inner = zip_of({"notes.txt": b"x" * 400})[:-30]
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "results", zip_of({"junit.xml": junit(adds="P"), "inner.zip": inner}))
    collect_now()
    artifact = Artifact.objects.get()
    assert len(artifact.warnings) == 1 and "inner.zip" in artifact.warnings[0]
    assert f"Warning: {artifact.warnings[0]}" in page(client, artifact)


def test_an_artifact_that_its_name_leaves_out_is_kept_with_the_reason_and_not_downloaded(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, client: Client
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "results", junit_zip(adds="P"))
    github.estate.add_artifact(run, "html-report", junit_zip(adds="P"))
    github.estate.add_artifact(run, "dist", junit_zip(adds="P"))
    assert collect_now()["artifacts"] == 1
    assert len(github.downloads) == 1
    for name, why in (("html-report", "its name says “html”"), ("dist", "its name says “dist”")):
        artifact = Artifact.objects.get(name=name)
        assert (artifact.state, artifact.read_at) == (Artifact.State.PASSED_OVER, None)
        assert f"Not looked into: {why}" in page(client, artifact)
    assert "Not looked into 2" in text_of(client, f"/r/acme/shop/runs/{run.id}/")


def test_the_repositorys_own_pattern_is_named_where_it_leaves_an_artifact_out(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, client: Client
) -> None:
    repository.artifact_exclude = ["*-old"]
    repository.save()
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "results", junit_zip(adds="P"))
    github.estate.add_artifact(run, "results-old", junit_zip(adds="P"))
    collect_now()
    assert "“*-old” in the repository's “artifacts to pass over”" in page(
        client, Artifact.objects.get(name="results-old")
    )


def test_what_a_format_means_by_its_figures_is_kept_with_the_report(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, client: Client
) -> None:
    told = next(known for known in FORMATS if known.name == "lcov")
    lcov = b"TN:\nSF:shop/cart.py\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n"
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "coverage", zip_of({"coverage.xml": cobertura(cart={1: 1}), "lcov.info": lcov}))
    collect_now()
    meanings = dict(Report.objects.values_list("format", "meaning"))
    assert meanings["lcov"] == told.meaning
    for known in FORMATS:
        if known.name in meanings:
            assert meanings[known.name] == known.meaning


@pytest.mark.parametrize("content", [junit_zip(adds="P"), zip_of({"notes.txt": b"hello"}), b"PK\x03\x04broken"])
def test_the_same_bytes_of_a_later_run_lead_to_the_artifact_that_was_read(
    content: bytes,
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    collect_now: Collect,
    client: Client,
) -> None:
    first = github.estate.add_artifact(github.estate.add_run(shop), "test-results", content)
    collect_now()
    again = github.estate.add_artifact(github.estate.add_run(shop), "test-results", content)
    Repository.objects.update(artifact_include=["test-results"])  # else a vain one is not looked into again
    collect_now()
    later = Artifact.objects.get(github_id=again.id)
    assert later.same_as == Artifact.objects.get(github_id=first.id)
    assert later.passed_over_count is None
    text = page(client, later)
    assert "Its bytes are the same as those of test-results" in text
    assert later.reason in text


def test_a_newer_reader_asks_again_for_what_was_refused_and_leaves_alone_what_was_read(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "results", junit_zip(adds="P", removes="F"))
    github.estate.add_artifact(run, "more-results", zip_of({"junit.xml": junit(sums="P")[:-20]}))
    collect_now()
    read, refused = Artifact.objects.get(name="results"), Artifact.objects.get(name="more-results")
    assert (read.state, refused.state) == (Artifact.State.READ, Artifact.State.REJECTED)
    Artifact.objects.update(reader_version=READER_VERSION - 1)
    github.forget()
    assert collect_now()["rejected_artifacts"] == 1
    assert len(github.downloads) == 1
    refused.refresh_from_db()
    assert (refused.state, refused.reader_version) == (Artifact.State.REJECTED, READER_VERSION)
    report = Report.objects.get(artifact=read)
    assert (report.tests_passed, report.tests_failed) == (1, 1)
