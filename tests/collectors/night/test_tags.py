"""Tags come with the night's one question, and cost no request of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.github.pulse import TAGS
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, FakeTag
from dashboard.models import Collection, Repository, Tag

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


def test_tags_are_there_after_a_repositorys_first_night_for_one_question(
    known: Repository, github: LookAlike
) -> None:
    assert tags() == {"v1": SHA, "v2": SHA}
    assert github.requests["graphql"] == 1
    assert Collection.objects.get().requests["graphql"] == 1


def test_in_later_nights_tags_cost_no_request_of_their_own(
    known: Repository, shop: FakeRepository, collect_now: Collect
) -> None:
    shop.tags.append(FakeTag("v3", SHA, shop.tags[0].at))
    requests = collect_now()["requests"]
    assert (requests["graphql"], requests["rest"]) == (1, 0)
    assert tags() == {"v1": SHA, "v2": SHA, "v3": SHA}


def test_a_night_of_new_repositories_ends_well_where_their_tags_are_not_to_be_had(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA, event="schedule")
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    github.add_fault("/graphql$", status=500, times=None)
    assert (collect_now()["collected"], tags()) == (1, {})
    assert Collection.objects.get().finished_at is not None


def test_a_tag_that_was_moved_or_deleted_on_github_follows(
    known: Repository, shop: FakeRepository, collect_now: Collect
) -> None:
    shop.tags = [FakeTag("v1", NEWER, shop.tags[0].at)]
    collect_now()
    assert tags() == {"v1": NEWER}


def releases() -> dict[str, tuple[str, str]]:
    return {tag.name: (tag.release, tag.release_url.rpartition("/acme/")[2]) for tag in Tag.objects.all()}


def test_a_release_that_is_made_of_a_tag_follows_and_a_draft_is_none(
    known: Repository, shop: FakeRepository, collect_now: Collect
) -> None:
    shop.tags = [
        replace(shop.tags[0], release="Spring"),
        replace(shop.tags[1], release=""),
        FakeTag("v3", SHA, shop.tags[0].at, release="Not yet", draft=True),
    ]
    assert collect_now()["requests"]["rest"] == 0
    of_v2 = ("v2", "shop/releases/tag/v2")
    assert releases() == {"v1": ("Spring", "shop/releases/tag/v1"), "v2": of_v2, "v3": ("", "")}
    shop.tags = [replace(tag, release=None) for tag in shop.tags]
    collect_now()
    assert set(releases().values()) == {("", "")}


def test_of_more_tags_than_are_listed_the_older_ones_stay(
    known: Repository, shop: FakeRepository, collect_now: Collect
) -> None:
    shop.tags += [FakeTag(f"w{n}", SHA, shop.tags[0].at + timedelta(hours=n + 1)) for n in range(TAGS)]
    collect_now()
    assert len(tags()) == TAGS + 2
