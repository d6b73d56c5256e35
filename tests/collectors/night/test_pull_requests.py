"""What pull requests upload is read where somebody wants it, and moves nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, FakeRun
from dashboard.models import Artifact, ContextNames, EstateDay, Organization, Repository, Snapshot, WorkflowRun

from .conftest import Collect
from .reports import junit_zip

OURS, THEIRS = "ab" * 20, "cd" * 20


@pytest.fixture
def pull_request(github: LookAlike, shop: FakeRepository, repository: Repository) -> FakeRun:
    """A commit of ours with two tests, and a pull request of a fork with three, one of which fails."""
    at = github.estate.now - timedelta(hours=5)
    ours = github.estate.add_run(shop, head_sha=OURS, created_at=at, committed_at=at)
    github.estate.add_artifact(ours, "test-results", junit_zip(adds="P", takes="P"))
    theirs = github.estate.add_run(
        shop, head_sha=THEIRS, event="pull_request", head_branch="main", head_repository_id=99, conclusion="failure"
    )
    github.estate.add_artifact(theirs, "test-results", junit_zip(adds="P", takes="F", more="P"))
    return theirs


def switch_on() -> None:
    Organization.objects.update(pull_requests=True)


def test_they_are_left_out_unless_somebody_wants_them(pull_request: FakeRun, collect_now: Collect) -> None:
    summary = collect_now()
    assert (summary["artifacts"], WorkflowRun.objects.count()) == (1, 1)


def test_they_are_read_and_move_no_figure(
    pull_request: FakeRun, collect_now: Collect, repository: Repository
) -> None:
    switch_on()
    summary = collect_now()
    run = WorkflowRun.objects.get(github_id=pull_request.id)
    assert not run.is_trend and run.artifacts.get().state == Artifact.State.READ
    assert (summary["artifacts"], summary["reports"], summary["tests"]) == (2, 1, 2), "their tests are in no total"
    repository.refresh_from_db()
    assert repository.latest is not None and repository.latest.sha == OURS
    assert (repository.tests_total, repository.failing, repository.condition) == (2, 0, "passing")
    assert (repository.head_sha, repository.head_state) == (OURS, "reported")
    assert [point.sha for point in Snapshot.objects.all()] == [OURS]
    assert set(EstateDay.objects.values_list("tests_total", flat=True)) <= {0, 2}
    assert not ContextNames.objects.exists()


def test_a_repository_can_say_otherwise_than_its_organization(
    pull_request: FakeRun, collect_now: Collect, repository: Repository
) -> None:
    switch_on()
    Repository.objects.update(pull_requests=False)
    assert collect_now()["artifacts"] == 1


def test_new_ones_are_found_although_nothing_ran_on_the_branch(
    pull_request: FakeRun, collect_now: Collect, github: LookAlike, shop: FakeRepository
) -> None:
    switch_on()
    for _ in range(2):
        collect_now()
    again = github.estate.add_run(shop, head_sha="ef" * 20, event="pull_request", head_branch="feature")
    github.estate.add_artifact(again, "test-results", junit_zip(adds="PF"))
    assert collect_now()["artifacts"] == 1
    assert WorkflowRun.objects.filter(is_trend=False).count() == 2


def test_on_the_commit_that_is_merged_only_the_branchs_own_runs_count(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    """Merged by fast-forward, the same commit has runs of both; the same bytes are read for each."""
    switch_on()
    reports = junit_zip(adds="P")
    theirs = github.estate.add_run(shop, head_sha=OURS, event="pull_request", head_branch="feature")
    github.estate.add_artifact(theirs, "test-results", junit_zip(adds="F", more="F"))
    github.estate.add_artifact(theirs, "coverage-results", reports)
    collect_now()
    assert not Snapshot.objects.exists()
    ours = github.estate.add_run(shop, head_sha=OURS)
    github.estate.add_artifact(ours, "coverage-results", reports)
    collect_now()
    assert (Snapshot.objects.get().tests_total, Snapshot.objects.get().tests_failed) == (1, 0)
    assert ours.id == WorkflowRun.objects.get(is_trend=True, artifacts__state="read").github_id


def test_a_workflow_that_reports_on_pull_requests_alone_leaves_nothing_silent(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    switch_on()
    lint = ".github/workflows/lint.yml"
    at = github.estate.now - timedelta(hours=9)
    ours = github.estate.add_run(shop, head_sha=OURS, created_at=at, committed_at=at)
    github.estate.add_artifact(ours, "test-results", junit_zip(adds="P"), created_at=at)
    theirs = github.estate.add_run(shop, head_sha=THEIRS, event="pull_request", workflow_path=lint)
    github.estate.add_artifact(theirs, "test-results", junit_zip(adds="PF"))
    github.estate.add_run(shop, head_sha=OURS, workflow_path=lint)
    collect_now()
    repository.refresh_from_db()
    assert repository.silent_since is None


def test_they_are_shown_apart_on_the_runs_tab(
    pull_request: FakeRun, collect_now: Collect, settings: object, client: Client
) -> None:
    switch_on()
    collect_now()
    Repository.objects.update(private=False)
    settings.PUBLIC = True  # type: ignore[attr-defined]
    address = reverse("runs", args=["acme", "shop"])
    own = client.get(address).content.decode()
    assert f"run-{pull_request.id}" not in own and "1 run of pull requests" in " ".join(own.split())
    apart = client.get(f"{address}?pull-requests").content.decode()
    assert f"run-{pull_request.id}" in apart and apart.count('id="run-') == 1
    assert "moves no figure" in apart
