"""An app's token lives an hour, and GitHub's ETags with it: they are told from last night's bodies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from collectors.github.client import GitHubClient
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, FakeRun
from collectors.remembered import DISTRUSTED, KEPT, StoredBodies
from dashboard.models import Collection, GitHubServer, RememberedAnswer, Repository, Snapshot
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import junit_zip

Night = Callable[[str], dict[str, Any]]
OTHERWISE = {"etag": 'W/"made-otherwise"'}


@pytest.fixture
def night(collect_now: Collect, github: LookAlike, settings: Any) -> Night:
    """A night on a server without GraphQL, where all depends on conditional lists, with a token of its own."""
    github.estate.graphql = False

    def collect(token: str) -> dict[str, Any]:
        settings.GITHUB_TOKEN = token
        github.forget()
        assert collect_now()["failed"] == 0
        requests: dict[str, Any] = Collection.objects.latest("pk").requests
        return requests

    return collect


@pytest.fixture
def run(github: LookAlike, shop: FakeRepository, repository: Repository) -> FakeRun:
    """A run six days ago, too old for late uploads."""
    at = github.estate.now - timedelta(days=6)
    made = github.estate.add_run(shop, created_at=at, committed_at=at)
    github.estate.add_artifact(made, "test-results", junit_zip(adds="P"), created_at=at)
    return made


def test_a_new_token_gets_its_304_from_last_nights_body(night: Night, run: FakeRun) -> None:
    night("ghs_first")
    second = night("ghs_second")
    assert (second["rest"], second["predicted"]) == (2, 0), "asked in vain: now the bodies are kept"
    third = night("ghs_third")
    assert (third["rest"], third["not_modified"], third["predicted"]) == (0, 2, 2)
    fourth = night("ghs_fourth")
    assert (fourth["rest"], fourth["predicted"]) == (0, 2), "what was not modified stays good for the next token"


def test_the_artifacts_of_a_young_run_are_kept_at_once(
    night: Night, github: LookAlike, shop: FakeRepository, repository: Repository
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    night("ghs_first")
    assert RememberedAnswer.objects.get().place.endswith(f"/runs/{run.id}/artifacts?per_page=100")
    assert night("ghs_second")["predicted"] == 1


def test_a_changed_list_is_read_although_its_etag_was_predicted(
    night: Night, run: FakeRun, github: LookAlike, shop: FakeRepository
) -> None:
    for token in ("ghs_first", "ghs_second", "ghs_third"):
        night(token)
    newer = github.estate.add_run(shop)
    github.estate.add_artifact(newer, "test-results", junit_zip(adds="PF"))
    night("ghs_fourth")
    assert Snapshot.objects.count() == 2
    assert night("ghs_fifth")["predicted"] >= 2


def test_a_personal_token_keeps_its_etags_and_no_body(night: Night, run: FakeRun) -> None:
    for _ in range(2):
        night("github_pat_of_a_person")
    again = night("github_pat_of_a_person")
    assert (again["rest"], again["not_modified"], again["predicted"]) == (0, 2, 0)
    assert not RememberedAnswer.objects.exists()


def test_one_mismatch_ends_the_predicting_and_is_said(night: Night, run: FakeRun, github: LookAlike) -> None:
    for token in ("ghs_first", "ghs_second"):
        night(token)
    github.add_fault("/actions/runs$", headers=OTHERWISE)
    github.estate.add_run(github.estate.repositories[run.repository_id])
    night("ghs_third")
    assert GitHubServer.objects.get().address == github.api_url
    assert "not as predicted" in Collection.objects.latest("pk").note
    fourth = night("ghs_fourth")
    assert fourth["predicted"] == 0 and fourth["rest"] > 0
    assert "not as predicted" in Collection.objects.latest("pk").note, "each night says so"


def test_after_a_week_it_is_tried_again(night: Night, run: FakeRun, github: LookAlike) -> None:
    GitHubServer.objects.create(address=github.api_url, mistaken_at=timezone.now() - DISTRUSTED)
    for token in ("ghs_first", "ghs_second"):
        night(token)
    assert night("ghs_third")["predicted"] == 2
    assert Collection.objects.latest("pk").note == ""


def test_a_body_of_another_state_is_not_taken(
    github: LookAlike, shop: FakeRepository, repository: Repository
) -> None:
    """A crash lay between keeping the body and storing what it listed: the row has the ETag of before."""
    with GitHubClient(github.api_url, "ghs_first") as client:
        client.bodies = StoredBodies(github.api_url, repository)
        before = next(client.runs(shop.id)).etag
        github.estate.add_run(shop)
        assert len(next(client.runs(shop.id, etag=before)).items) == 1, "kept with the ETag that came with it"
    with GitHubClient(github.api_url, "ghs_second") as client:
        client.bodies = StoredBodies(github.api_url, repository)
        assert len(next(client.runs(shop.id, etag=before)).items) == 1
        assert client.counts.predicted == 0


def test_bodies_that_nobody_asks_for_are_forgotten(night: Night, run: FakeRun) -> None:
    for token in ("ghs_first", "ghs_second"):
        night(token)
    assert RememberedAnswer.objects.count() == 3
    RememberedAnswer.objects.update(asked_at=timezone.now() - KEPT)
    night("ghs_third")
    assert RememberedAnswer.objects.count() == 2, "the artifacts of a run that is old by now are not asked for"
    RememberedAnswer.objects.update(asked_at=timezone.now() - KEPT)
    night("github_pat_of_a_person")
    assert not RememberedAnswer.objects.exists()
