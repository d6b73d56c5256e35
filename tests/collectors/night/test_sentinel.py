"""A night asks once for many repositories whether anything ran, and by REST only where it did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from collectors import night, sentinel
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository
from dashboard.models import Repository, RepositoryCollection, Snapshot, WorkflowRun

from .conftest import Collect
from .reports import junit_zip

SHA, NEWER = "ab" * 20, "cd" * 20
NIGHT = {"graphql": 1, "rest": 0, "not_modified": 0, "downloads": 0, "retried": 0}


@pytest.fixture
def read_long_ago(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> Repository:
    """acme/shop after its first night, its one run a week old: no upload of it can be late any more."""
    at = github.estate.now - timedelta(days=6)
    run = github.estate.add_run(shop, head_sha=SHA, created_at=at, event="schedule")
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    collect_now()
    collect_now()  # the first answer that a mark is taken from
    github.forget()
    return repository


def test_an_unchanged_repository_costs_no_rest_request(read_long_ago: Repository, collect_now: Collect) -> None:
    summary = collect_now()
    assert (summary["unchanged"], summary["requests"]) == (1, NIGHT)


def test_the_night_after_the_first_ends_what_did_not_run_with_its_question(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA, created_at=github.estate.now - timedelta(days=6))
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    collect_now()
    _, entries = night.begin("admin")
    assert entries and not [*sentinel.worth_asking(entries)]
    repository.refresh_from_db()
    assert repository.pulse.endswith(SHA)


def test_the_night_after_the_first_collects_what_changed_since(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    at = github.estate.now - timedelta(days=6)
    run = github.estate.add_run(shop, head_sha=SHA, created_at=at, status="in_progress", conclusion=None)
    collect_now()
    run.status, run.conclusion, run.updated_at = "completed", "success", at + timedelta(hours=1)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    assert collect_now()["collected"] == 1
    assert Snapshot.objects.get().tests_passed == 1


def test_a_changed_repository_costs_one_list_and_its_downloads(
    read_long_ago: Repository, github: LookAlike, shop: FakeRepository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA, event="schedule")
    for name in ("test-results-a", "test-results-b"):
        github.estate.add_artifact(run, name, junit_zip(name="P"))
    summary = collect_now()
    assert summary["collected"] == 1 and summary["artifacts"] == 2
    assert summary["requests"] == NIGHT | {"rest": 1 + 2, "downloads": 2}


def test_a_rerun_of_the_same_commit_is_seen(
    read_long_ago: Repository, github: LookAlike, shop: FakeRepository, collect_now: Collect
) -> None:
    (run,) = github.estate.runs_of(shop)
    run.run_attempt, run.updated_at = 2, github.estate.now
    run.run_started_at = github.estate.now - timedelta(minutes=3)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="F"), created_at=github.estate.now)
    collect_now()
    assert Snapshot.objects.get().tests_failed == 1


def test_a_late_upload_of_a_young_run_is_found_although_nothing_ran(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA)
    collect_now()
    assert collect_now()["no_evidence"] == 1
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    assert collect_now()["collected"] == 1
    assert Snapshot.objects.get().tests_passed == 1


def test_more_commits_than_an_answer_shows_are_listed_by_rest(
    read_long_ago: Repository, github: LookAlike, shop: FakeRepository, collect_now: Collect
) -> None:
    for number in range(7):
        at = github.estate.now - timedelta(hours=20 - number)
        run = github.estate.add_run(shop, head_sha=f"{number:02d}" * 20, created_at=at)
        github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    collect_now()
    assert Snapshot.objects.count() == 8
    assert github.requests["runs"] == 1


def test_a_server_without_graphql_is_asked_by_conditional_rest(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.graphql = False
    run = github.estate.add_run(shop, head_sha=SHA, created_at=github.estate.now - timedelta(days=6))
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    for _ in range(2):
        collect_now()
    summary = collect_now()
    assert summary["unchanged"] == 1
    assert summary["requests"] == NIGHT | {"graphql": 0, "not_modified": 2}, "its lack is remembered"


def test_trouble_with_graphql_costs_no_repository_its_night(
    read_long_ago: Repository, github: LookAlike, shop: FakeRepository, collect_now: Collect
) -> None:
    github.add_fault("/graphql$", status=500, times=None)
    run = github.estate.add_run(shop, head_sha=NEWER)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    assert collect_now()["collected"] == 1


def test_a_rename_goes_on_under_the_new_name(
    read_long_ago: Repository, github: LookAlike, shop: FakeRepository, collect_now: Collect
) -> None:
    github.estate.rename_repository(shop, "acme/store")
    assert collect_now()["failed"] == 0
    assert Repository.objects.get().full_name == "acme/store"


def test_a_crash_after_the_answer_forgets_nothing(
    read_long_ago: Repository, github: LookAlike, shop: FakeRepository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=NEWER)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    github.add_fault("/artifacts$", status=500, times=None)
    assert collect_now()["failed"] == 1
    github.faults.clear()
    assert collect_now()["collected"] == 1
    assert Snapshot.objects.filter(sha=NEWER).exists()


def test_entries_are_asked_for_in_handfuls_of_one_organization(read_long_ago: Repository) -> None:
    night = RepositoryCollection.objects.latest("pk").collection
    organization = read_long_ago.organization
    for number in range(sentinel.BATCH + 4):
        made = Repository.objects.create(organization=organization, name=f"r{number}")
        RepositoryCollection.objects.create(collection=night, repository=made)
    ids = list(night.repositories.values_list("pk", flat=True).order_by("pk"))
    assert [len(batch) for batch in sentinel.batches(ids)] == [sentinel.BATCH, 5]


def test_a_run_on_another_branch_of_the_same_commit_does_not_count(
    read_long_ago: Repository, github: LookAlike, shop: FakeRepository, collect_now: Collect
) -> None:
    github.estate.add_run(shop, head_sha=SHA, head_branch="release", updated_at=timezone.now())
    collect_now()
    assert set(WorkflowRun.objects.values_list("head_branch", flat=True)) == {"main"}
