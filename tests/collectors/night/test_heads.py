"""Where the newest commit stands, whatever the newest evidence is of (contract section 5, ``head.state``)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.lookalike.faults import message
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, FakeRun, re_run
from dashboard.models import Repository, RepositoryDay, Snapshot

from .conftest import Collect
from .reports import junit_zip

OLD, NEW = "ab" * 20, "cd" * 20


class Shop:
    def __init__(self, github: LookAlike, shop: FakeRepository, repository: Repository, collect: Collect) -> None:
        self.github, self.shop, self.repository, self.collect = github, shop, repository, collect

    def run(self, sha: str, hours_ago: float, **fields: object) -> FakeRun:
        at = self.github.estate.now - timedelta(hours=hours_ago)
        return self.github.estate.add_run(self.shop, head_sha=sha, created_at=at, committed_at=at, **fields)

    def reported(self, sha: str, hours_ago: float, *names: str, **fields: object) -> FakeRun:
        run = self.run(sha, hours_ago, **fields)
        for name in names or ("test-results",):
            self.github.estate.add_artifact(run, name, junit_zip(adds="P"), created_at=run.created_at)
        return run

    def head(self) -> tuple[str, str, str | None]:
        """(HEAD, its state, the commit whose figures stand) after a collection."""
        self.collect()
        self.repository.refresh_from_db()
        latest = self.repository.latest
        return self.repository.head_sha, self.repository.head_state, latest and latest.sha


@pytest.fixture
def acme(github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect) -> Shop:
    return Shop(github, shop, repository, collect_now)


def test_head_is_reported_where_it_brought_the_figures(acme: Shop) -> None:
    acme.reported(NEW, 1)
    assert acme.head() == (NEW, "reported", NEW)


def test_head_is_running_until_its_run_ends(acme: Shop) -> None:
    acme.reported(OLD, 30)
    acme.run(NEW, 1, status="in_progress", conclusion=None)
    assert acme.head() == (NEW, "running", OLD)


def test_head_failed_before_its_reports(acme: Shop) -> None:
    acme.reported(OLD, 30)
    acme.run(NEW, 1, conclusion="failure")
    assert acme.head() == (NEW, "failed_before_reports", OLD)


def test_another_workflow_that_fails_is_not_what_kept_the_reports_away(acme: Shop) -> None:
    acme.reported(OLD, 30)
    acme.run(NEW, 1, conclusion="failure", workflow_path=".github/workflows/deploy.yml")
    assert acme.head() == (NEW, "no_reports", OLD)


def test_head_without_reports(acme: Shop) -> None:
    acme.reported(OLD, 30)
    acme.run(NEW, 1)
    assert acme.head() == (NEW, "no_reports", OLD)


def test_reports_of_head_that_expired_unread(acme: Shop) -> None:
    acme.reported(OLD, 30)
    run = acme.reported(NEW, 1)
    for artifact in acme.github.estate.artifacts_of_run(run):
        artifact.expired = True
    assert acme.head() == (NEW, "expired", OLD)


def test_an_incomplete_head_is_reported_and_moves_no_figure(acme: Shop) -> None:
    acme.reported(OLD, 30, "tests-py311", "tests-py312")
    acme.reported(NEW, 1, "tests-py311")
    assert acme.head() == (NEW, "reported", OLD)


@pytest.mark.parametrize("graphql", [True, False])
def test_a_rerun_of_an_older_commit_does_not_make_it_head(acme: Shop, graphql: bool) -> None:
    acme.github.estate.graphql = graphql  # without it, the runs alone tell which commit is newest
    older = acme.reported(OLD, 30)
    acme.reported(NEW, 20)
    acme.head()
    re_run(older, acme.github.estate.now)
    older.updated_at = acme.github.estate.now
    assert acme.head() == (NEW, "reported", NEW)


def test_a_head_that_no_workflow_ran_on_is_head_without_reports(acme: Shop) -> None:
    acme.reported(OLD, 30)
    assert acme.head() == (OLD, "reported", OLD)
    acme.shop.head_sha, acme.shop.pushed_at = NEW, acme.github.estate.now
    assert acme.head() == (NEW, "no_reports", OLD)
    assert acme.repository.head_run_url == ""
    assert acme.repository.head_committed_at == acme.github.estate.now
    assert acme.head() == (NEW, "no_reports", OLD), "and it stays so while nothing happens"


def test_what_runs_after_head_was_told_is_the_newer_head(acme: Shop) -> None:
    acme.reported(OLD, 30)
    acme.shop.head_sha, acme.shop.pushed_at = "ef" * 20, acme.github.estate.now
    acme.head()
    assert acme.head()[0] == "ef" * 20
    acme.shop.head_sha = ""
    acme.github.estate.graphql = False
    acme.reported(NEW, -1)
    assert acme.head() == (NEW, "reported", NEW)


class ForcePushed(Shop):
    """OLD stands on the branch, NEW was taken off it."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.github, shop.shop, shop.repository, shop.collect)
        self.reported(OLD, 200)
        self.reported(NEW, 190)
        assert self.head() == self.head() == (NEW, "reported", NEW)
        self.shop.left.add(NEW)
        self.github.forget()

    def reachable(self) -> dict[str, bool]:
        return dict(Snapshot.objects.values_list("sha", "reachable"))


@pytest.fixture
def pushed(acme: Shop) -> ForcePushed:
    return ForcePushed(acme)


def test_a_force_push_back_leaves_the_earlier_commit_latest(pushed: ForcePushed) -> None:
    assert pushed.head() == (OLD, "reported", OLD)
    assert pushed.reachable() == {OLD: True, NEW: False}, "its point is kept and marked"
    assert pushed.github.requests["compare"] == 1


def test_a_force_push_onto_another_commit_leaves_that_latest(pushed: ForcePushed) -> None:
    pushed.reported("ef" * 20, 1)
    assert pushed.head() == ("ef" * 20, "reported", "ef" * 20)
    assert pushed.reachable() == {OLD: True, NEW: False, "ef" * 20: True}
    days = RepositoryDay.objects.filter(repository=pushed.repository).values_list("snapshot__sha", flat=True)
    assert NEW not in set(days)


def test_a_commit_that_left_is_asked_about_once(pushed: ForcePushed) -> None:
    pushed.head()
    pushed.github.forget()
    assert pushed.head() == (OLD, "reported", OLD)
    assert pushed.github.requests["compare"] == 0


def test_a_commit_that_comes_back_is_latest_again(pushed: ForcePushed) -> None:
    pushed.head()
    pushed.shop.left.clear()
    assert pushed.head() == (NEW, "reported", NEW)
    assert pushed.reachable() == {OLD: True, NEW: True}


def test_a_late_upload_of_a_commit_that_left_does_not_bring_it_back(pushed: ForcePushed) -> None:
    pushed.head()
    (run,) = [run for run in pushed.github.estate.runs_of(pushed.shop) if run.head_sha == NEW]
    re_run(run, pushed.github.estate.now)
    run.updated_at = pushed.github.estate.now
    pushed.github.estate.add_artifact(run, "test-results", junit_zip(adds="F"), created_at=run.updated_at)
    pushed.github.estate.graphql = False
    assert pushed.head() == (OLD, "reported", OLD)
    assert pushed.reachable() == {OLD: True, NEW: False}


def test_a_commit_that_github_has_forgotten_has_left(pushed: ForcePushed) -> None:
    pushed.github.add_fault(f"/compare/main...{NEW}", status=404, body=message("Not Found"))
    assert pushed.head() == (OLD, "reported", OLD)
    assert pushed.reachable() == {OLD: True, NEW: False}


def test_a_token_that_may_not_compare_marks_nothing_and_fails_nothing(pushed: ForcePushed) -> None:
    pushed.github.add_fault("/compare/", status=404, body=message("Not Found"), times=None)
    assert pushed.collect()["failed"] == 0
    assert pushed.reachable() == {OLD: True, NEW: True}


def test_a_server_without_graphql_is_asked_where_head_left_to(pushed: ForcePushed) -> None:
    pushed.github.estate.graphql = False
    pushed.reported("ef" * 20, 1)
    assert pushed.head() == ("ef" * 20, "reported", "ef" * 20)
    assert pushed.reachable() == {OLD: True, NEW: False, "ef" * 20: True}


def test_many_pushes_are_no_force_push(acme: Shop) -> None:
    acme.reported(OLD, 200)
    acme.head()
    acme.head()
    for number in range(8):
        acme.reported(f"{number:02x}" * 20, 20 - number)
    assert acme.head()[0] == "07" * 20
    assert acme.github.requests["compare"] == 1
    assert not Snapshot.objects.filter(reachable=False).exists()
