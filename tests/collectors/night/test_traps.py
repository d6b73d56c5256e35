"""Traps of GitHub's lists, uploads and branches, one test each; docs/traps.md lists them all."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from collectors import deep_lists
from collectors.github import sansio
from collectors.lookalike import listing as lists
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, FakeRun, re_run
from dashboard.models import Artifact, Repository, Snapshot, WorkflowRun

from .conftest import Collect
from .reports import junit, junit_zip

OLD, NEW = "ab" * 20, "cd" * 20


class Shop:
    """acme/shop and the collector."""

    def __init__(self, github: LookAlike, shop: FakeRepository, repository: Repository, collect: Collect) -> None:
        self.github, self.estate, self.shop, self.repository = github, github.estate, shop, repository
        self.collect = collect

    def run(self, sha: str = NEW, at: datetime | None = None, **fields: object) -> FakeRun:
        at = at or self.estate.now - timedelta(hours=2)
        return self.estate.add_run(self.shop, head_sha=sha, created_at=at, **({"committed_at": at} | fields))

    def upload(self, run: FakeRun, name: str = "test-results", at: datetime | None = None, **cases: str) -> None:
        self.estate.add_artifact(run, name, junit_zip(**cases), created_at=at or run.run_started_at)

    def figures(self) -> tuple[int | None, int | None]:
        """(tests, failed) after a collection."""
        summary = self.collect()
        assert summary["failed"] == 0, summary["errors"]
        self.repository.refresh_from_db()
        return self.repository.tests_total, self.repository.tests_failed


@pytest.fixture
def acme(github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect) -> Shop:
    return Shop(github, shop, repository, collect_now)


def again(acme: Shop, run: FakeRun, minutes_ago: int = 30) -> None:
    re_run(run, acme.estate.now - timedelta(minutes=minutes_ago))


def test_a_partial_rerun_keeps_the_legs_of_the_jobs_that_were_not_run_again(acme: Shop) -> None:
    run = acme.run()
    acme.upload(run, "tests-py311", one="P", two="P")
    acme.upload(run, "tests-py312", one="F", two="P", three="P")
    assert acme.figures() == (3, 1)
    again(acme, run)
    acme.upload(run, "tests-py312", one="P", two="P", three="P")
    assert acme.figures() == (3, 0)


def test_a_full_rerun_replaces_every_leg(acme: Shop) -> None:
    run = acme.run()
    acme.upload(run, "tests-py311", one="F")
    acme.upload(run, "tests-py312", one="F")
    assert acme.figures() == (1, 1)
    again(acme, run)
    acme.upload(run, "tests-py311", one="P")
    acme.upload(run, "tests-py312", one="P")
    assert acme.figures() == (1, 0)
    assert Artifact.objects.filter(state=Artifact.State.SUPERSEDED).count() + Snapshot.objects.count() >= 1


def test_a_rerun_that_began_is_waited_for_and_the_earlier_figures_stay(acme: Shop) -> None:
    run = acme.run()
    acme.upload(run, one="P", two="P")
    assert acme.figures() == (2, 0)
    again(acme, run)
    run.status, run.conclusion = "in_progress", None
    assert acme.figures() == (2, 0)
    run.status, run.conclusion, run.updated_at = "completed", "failure", acme.estate.now
    acme.upload(run, one="P", two="F")
    assert acme.figures() == (2, 1)


def test_a_run_of_more_than_a_hundred_artifacts_is_read_whole(acme: Shop) -> None:
    run = acme.run()
    for number in range(130):
        acme.upload(run, f"suite{chr(97 + number // 26)}{chr(97 + number % 26)}-results", one="P")
    assert acme.figures() == (130, 0)


def test_runs_beyond_the_end_of_the_plain_list_are_found_in_windows(
    acme: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "DEEPEST_ITEM", 100)
    monkeypatch.setattr(lists, "MOST_FILTERED_RUNS", 40)
    monkeypatch.setattr(deep_lists, "MOST_FILTERED", 40)
    for number in reversed(range(230)):
        run = acme.run(f"{number:040x}", at=acme.estate.now - timedelta(hours=6 * number + 2))
        if number % 10 == 0:
            acme.upload(run, one="P")
    acme.figures()
    assert WorkflowRun.objects.count() == 230
    assert Snapshot.objects.count() == 23


@pytest.mark.parametrize("graphql", [True, False])
def test_an_index_that_is_days_behind_hides_no_run(acme: Shop, graphql: bool) -> None:
    acme.estate.graphql = graphql
    acme.upload(acme.run(OLD, at=acme.estate.now - timedelta(days=5)), one="P")
    assert acme.figures() == (1, 0)
    acme.estate.indexed_until = acme.estate.now - timedelta(days=4)
    acme.upload(acme.run(NEW), one="P", two="F")
    assert acme.figures() == (2, 1)


def test_an_index_that_is_behind_hides_nothing_that_the_plain_list_shows(
    acme: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "DEEPEST_ITEM", 20)
    monkeypatch.setattr(sansio, "PAGE_SIZE", 10)
    for number in reversed(range(30)):
        acme.run(f"{number:040x}", at=acme.estate.now - timedelta(hours=6 * number + 2))
    acme.estate.indexed_until = acme.estate.now - timedelta(days=4)
    acme.figures()
    assert WorkflowRun.objects.count() == 30


@pytest.mark.parametrize("count", [0, 10, 1_000_000])
def test_what_a_list_says_of_its_length_ends_nothing(
    acme: Shop, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sansio, "PAGE_SIZE", 10)
    run = acme.run()
    for number in range(23):
        acme.upload(run, f"suite{chr(97 + number // 26)}{chr(97 + number % 26)}-results", one="P")
    acme.estate.count_in_lists = count
    assert acme.figures() == (23, 0)


def test_artifacts_beyond_the_end_of_the_plain_list_are_asked_for_by_run(
    acme: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "DEEPEST_ITEM", 20)
    monkeypatch.setattr(sansio, "PAGE_SIZE", 10)
    for number in reversed(range(12)):
        run = acme.run(f"{number:040x}", at=acme.estate.now - timedelta(hours=6 * number + 2))
        for name in ("unit-results", "e2e-results", "dist"):
            acme.upload(run, name, one="P")
    acme.figures()
    assert Snapshot.objects.count() == 12
    assert {point.tests_total for point in Snapshot.objects.all()} == {2}


def test_a_single_file_that_was_uploaded_without_a_zip_is_read(acme: Shop) -> None:
    run = acme.run()
    acme.estate.add_artifact(run, "junit.xml", junit(adds="P", removes="F"), zipped=False)
    assert acme.figures() == (2, 1)


def test_an_artifact_that_is_deleted_between_list_and_download_costs_nothing_else(acme: Shop) -> None:
    run = acme.run()
    acme.upload(run, "unit-results", one="P")
    acme.upload(run, "e2e-results", two="P")
    doomed = acme.estate.artifacts_of_run(run)[0]
    acme.github.add_fault(rf"/actions/artifacts/{doomed.id}/zip", status=404, times=None)
    acme.collect()
    acme.repository.refresh_from_db()
    assert acme.repository.tests_total == 1
    assert Artifact.objects.get(github_id=doomed.id).reason


def test_a_renamed_default_branch_goes_on_with_the_series(acme: Shop) -> None:
    acme.upload(acme.run(OLD, at=acme.estate.now - timedelta(days=2)), one="P")
    assert acme.figures() == (1, 0)
    acme.shop.default_branch = "trunk"
    acme.upload(acme.run(NEW, head_branch="trunk"), one="P", two="P")
    assert acme.figures() == (2, 0)
    assert [point.sha for point in Snapshot.objects.oldest_first()] == [OLD, NEW]
    acme.upload(acme.run("ef" * 20, head_branch="main", at=acme.estate.now), one="F")
    assert acme.figures() == (2, 0), "the old name is another branch now"


def test_a_fork_s_branch_of_the_default_name_moves_nothing(acme: Shop) -> None:
    acme.upload(acme.run(OLD, at=acme.estate.now - timedelta(days=2)), one="P")
    fork = acme.run(NEW, head_repository_id=4711, head_branch="main", event="pull_request")
    acme.upload(fork, one="F", two="F")
    assert acme.figures() == (1, 0)
    assert not WorkflowRun.objects.filter(github_id=fork.id, is_trend=True).exists()


def test_an_empty_repository_is_one_without_evidence(acme: Shop) -> None:
    acme.shop.default_branch, acme.shop.head_sha = "main", ""
    assert acme.figures() == (None, None)
    assert acme.figures() == (None, None)
    assert acme.repository.condition == Repository.Condition.NO_EVIDENCE


@pytest.mark.parametrize("private", [True, False])
def test_who_may_see_a_repository_follows_github(acme: Shop, private: bool) -> None:
    acme.shop.private = not private
    acme.upload(acme.run(), one="P")
    acme.figures()
    acme.shop.private = private
    acme.figures()
    assert acme.repository.private is private


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_differs_from_github_s_loses_nothing(acme: Shop, hours: int) -> None:
    acme.estate.now += timedelta(hours=hours)
    run = acme.run()
    acme.upload(run, one="F")
    assert acme.figures() == (1, 1)
    again(acme, run, minutes_ago=90)
    acme.upload(run, one="P")
    assert acme.figures() == (1, 0)
    acme.upload(acme.run(OLD, at=acme.estate.now - timedelta(minutes=5)), one="P", two="P")
    assert acme.figures() == (2, 0)


@pytest.mark.parametrize("year", [1970, 2250])
def test_a_commit_that_its_author_s_clock_dated_wrongly_is_read(acme: Shop, year: int) -> None:
    acme.upload(acme.run(committed_at=acme.estate.now.replace(year=year)), one="P", two="F")
    assert acme.figures() == (2, 1)


def test_a_lost_repository_is_asked_weekly_and_goes_on_when_it_is_back(acme: Shop) -> None:
    acme.upload(acme.run(OLD, at=acme.estate.now - timedelta(days=9)), one="P")
    acme.figures()
    del acme.estate.repositories[acme.shop.id]
    assert acme.collect()["failed"] == 1
    acme.estate.repositories[acme.shop.id] = acme.shop
    acme.upload(acme.run(NEW), one="P", two="P")
    assert acme.figures() == (1, 0), "not asked within the week"
    Repository.objects.update(lost_at=timezone.now() - timedelta(days=8))
    assert acme.figures() == (2, 0)
    assert acme.repository.lost_at is None


def test_a_window_that_is_read_again_doubles_nothing(acme: Shop) -> None:
    for days in range(6):
        acme.upload(acme.run(f"{days}a" * 20, at=acme.estate.now - timedelta(days=days, hours=1)), one="P", two="F")
    acme.figures()
    before = list(Snapshot.objects.order_by("pk").values())
    Repository.objects.update(runs_etag="", pulse="", facts_etag="")
    WorkflowRun.objects.update(listed_at=None, artifacts_etag="")
    acme.github.forget()
    acme.figures()
    assert not acme.github.downloads
    assert list(Snapshot.objects.order_by("pk").values()) == before
    assert (Artifact.objects.count(), WorkflowRun.objects.count()) == (6, 6)
