"""Where the newest commit stands, whatever the newest evidence is of (contract section 5, ``head.state``)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.lookalike.estate import FakeRepository, FakeRun, re_run
from collectors.lookalike.server import LookAlike
from dashboard.models import Repository

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


def test_a_rerun_of_an_older_commit_does_not_make_it_head(acme: Shop) -> None:
    older = acme.reported(OLD, 30)
    acme.reported(NEW, 20)
    acme.head()
    re_run(older, acme.github.estate.now)
    older.updated_at = acme.github.estate.now
    assert acme.head() == (NEW, "reported", NEW)
