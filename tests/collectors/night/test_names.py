"""Renames, transfers, names that are used again: a repository is its id, whatever it is called."""

from __future__ import annotations

import pytest

from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository
from dashboard.models import FormerName, Repository

from .conftest import Collect
from .reports import junit_zip


@pytest.fixture(autouse=True)
def read_once(github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect) -> None:
    """acme/shop after a night, with one test."""
    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(adds="P"))
    collect_now()


def test_a_rename_keeps_the_old_name_as_a_former_one(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.rename_repository(shop, "acme/store")
    collect_now()
    assert [str(former) for former in FormerName.objects.filter(repository=repository)] == ["acme/shop"]
    github.estate.rename_repository(shop, "acme/shop")
    collect_now()
    assert [str(former) for former in FormerName.objects.all()] == ["acme/store"]


def test_another_case_of_the_name_is_no_rename(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.rename_repository(shop, "acme/Shop")
    collect_now()
    repository.refresh_from_db()
    assert repository.full_name == "acme/Shop" and not FormerName.objects.exists()


def test_a_transfer_moves_the_row_to_its_new_owner(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.add_organization("umbrella")
    github.estate.rename_repository(shop, "umbrella/shop")
    collect_now()
    repository.refresh_from_db()
    assert (repository.full_name, repository.organization.login, repository.tests_total) == (
        "umbrella/shop",
        "umbrella",
        1,
    )
    assert FormerName.objects.get().full_name == "acme/shop"


def test_a_new_repository_that_takes_an_old_name_is_another_one(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    repository.organization.discover = True
    repository.organization.save()
    github.estate.rename_repository(shop, "acme/store")
    successor = github.estate.add_repository("acme/shop")
    run = github.estate.add_run(successor)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P", more="P"))
    assert collect_now()["failed"] == 0
    collect_now()
    tests = {row.github_id: (row.full_name, row.tests_total) for row in Repository.objects.all()}
    assert tests == {shop.id: ("acme/store", 1), successor.id: ("acme/shop", 2)}


def test_a_name_that_leads_to_a_repository_listed_already_is_told(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.rename_repository(shop, "acme/store")
    collect_now()
    Repository.objects.create(organization=repository.organization, name="shop")
    summary = collect_now()
    assert [error["error"] for error in summary["errors"]] == [
        "GitHub calls acme/shop acme/store now, which is collected already: switch acme/shop off in the admin."
    ]
    assert Repository.objects.get(pk=repository.pk).tests_total == 1
