"""Tags come with the night's one question, and cost no request of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.github.pulse import TAGS
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, FakeTag
from dashboard.models import Repository, Tag

from .conftest import Collect
from .reports import junit_zip

SHA, NEWER = "ab" * 20, "cd" * 20


@pytest.fixture
def known(github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect) -> Repository:
    """acme/shop after its first night, with a tag and an annotated one on its commit."""
    at = github.estate.now - timedelta(days=6)
    run = github.estate.add_run(shop, head_sha=SHA, created_at=at, event="schedule")
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    shop.tags = [FakeTag("v1", SHA, at), FakeTag("v2", SHA, at, annotated=True)]
    collect_now()
    return repository


def tags() -> dict[str, str]:
    return dict(Tag.objects.values_list("name", "sha"))


def test_tags_are_stored_by_the_commit_that_they_name_and_cost_no_request(
    known: Repository, collect_now: Collect
) -> None:
    requests = collect_now()["requests"]
    assert (requests["graphql"], requests["rest"]) == (1, 0)
    assert tags() == {"v1": SHA, "v2": SHA}


def test_a_tag_that_was_moved_or_deleted_on_github_follows(
    known: Repository, shop: FakeRepository, collect_now: Collect
) -> None:
    collect_now()
    shop.tags = [FakeTag("v1", NEWER, shop.tags[0].at)]
    collect_now()
    assert tags() == {"v1": NEWER}


def test_of_more_tags_than_are_listed_the_older_ones_stay(
    known: Repository, shop: FakeRepository, collect_now: Collect
) -> None:
    collect_now()
    shop.tags += [FakeTag(f"w{n}", SHA, shop.tags[0].at + timedelta(hours=n + 1)) for n in range(TAGS)]
    collect_now()
    assert len(tags()) == TAGS + 2
