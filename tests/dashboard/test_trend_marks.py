"""What stands beside a repository's trend: what other than the code may have moved it, and what stands out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from dashboard.charts.outliers import outliers
from dashboard.models import Artifact, Repository, Snapshot, SnapshotGroup, Tag
from dashboard.queries.marks import Mark, marks_of
from dashboard.queries.trend import Span, trend
from tests import factories
from tests.dashboard.drawings import figure_in


@dataclass(frozen=True)
class Commit:
    sha: str
    tests: int | None
    percent: float | None = 80.0


def commits(*tests: int | None) -> list[Commit]:
    return [Commit(str(number), count) for number, count in enumerate(tests)]


def test_a_commit_far_from_its_neighbours_is_an_outlier_and_a_new_level_is_none() -> None:
    assert outliers(commits(*[100] * 6, 12, *[100] * 6)) == {"6"}
    assert outliers(commits(*[100] * 6, 250, *[100] * 6)) == {"6"}
    assert outliers(commits(*[100] * 6, *[300] * 6)) == frozenset()
    assert outliers(commits(*[100] * 6, 60, *[100] * 6)) == frozenset()


def test_coverage_ten_points_away_is_an_outlier_and_the_unknown_is_none() -> None:
    near = [Commit(str(number), None, 80.0) for number in range(12)]
    assert outliers([*near[:6], Commit("fell", None, 70.0), *near[6:]]) == {"fell"}
    assert outliers([*near[:6], Commit("?", None, None), *near[6:]]) == frozenset()


def test_the_first_and_the_last_three_commits_are_not_judged() -> None:
    assert outliers(commits(1, 2, 3, *[100] * 8, 1, 2, 3)) == frozenset()
    assert outliers([]) == frozenset()


@pytest.fixture
def repo(db: None) -> Repository:
    return factories.repository()


def group(point: Snapshot, *legs: str) -> None:
    SnapshotGroup.objects.create(
        repository=point.repository, snapshot=point, name="unit", legs=len(legs), leg_names=list(legs)
    )


def marks(repo: Repository) -> list[Mark]:
    return list(marks_of(repo.pk, repo.organization_id, trend(repo.pk, Span(None, None, "all")).points).ask())


def test_a_report_that_joins_or_leaves_is_marked_where_it_did(repo: Repository) -> None:
    for days_ago, legs in (
        (3, ("linux (ci.yml)",)),
        (2, ("linux (ci.yml)", "mac (ci.yml)")),
        (1, ("mac (ci.yml)",)),
    ):
        group(factories.snapshot(repo, days_ago=days_ago), *legs)
    # One that is missing a leg has not lost it.
    group(factories.snapshot(repo, complete=False), "other (ci.yml)")
    assert [mark.text for mark in marks(repo)] == [
        "1 report joined: mac (ci.yml)",
        "1 report left: linux (ci.yml)",
    ]


def test_newer_parsers_are_marked_at_the_first_commit_that_they_read(repo: Repository) -> None:
    points = [factories.snapshot(repo, days_ago=days_ago) for days_ago in (3, 2, 1)]
    for point in points:
        group(point, "linux (ci.yml)")
    Artifact.objects.filter(run__head_sha=points[2].sha).update(reader_version=2)
    assert [(mark.sha, mark.text) for mark in marks(repo)] == [(points[2].sha, "read by version 2 of the parsers")]


def test_a_changed_setting_is_marked_at_the_next_commit_by_its_name_only(repo: Repository) -> None:
    points = [factories.snapshot(repo, days_ago=days_ago) for days_ago in (3, 1)]
    user = User.objects.create(username="secretive")
    kind = ContentType.objects.get_for_model(Repository)
    for fields, when in ((["Artifacts to read"], 2), (["Tags"], 2), (["Report groups"], 0)):
        LogEntry.objects.create(
            user=user,
            content_type=kind,
            object_id=str(repo.pk),
            action_flag=CHANGE,
            change_message=json.dumps([{"changed": {"fields": fields}}]),
            action_time=factories.today_at(days_ago=when),
        )
    # Tags move no figure; the groups were changed after the newest commit, which shows nothing of it.
    assert [(mark.sha, mark.text) for mark in marks(repo)] == [
        (points[1].sha, "settings changed: Artifacts to read")
    ]


def test_the_page_draws_lists_and_names_what_is_beside_the_trend(client: Client, settings: Any, db: None) -> None:
    settings.PUBLIC = True
    repo = factories.repository()
    for days_ago in range(12, 0, -1):
        tests = (3, 0, 0, 0) if days_ago == 6 else (100, 0, 0, 0)
        group(factories.snapshot(repo, days_ago=days_ago, tests=tests), "mac" if days_ago > 8 else "linux")
    html = client.get("/r/acme/api/").content.decode()
    assert "1 report joined: linux; 1 report left: mac" in html
    assert "With 1 outlier" in html and "fewer than half or more than twice" in html
    drawn = figure_in(html)
    assert len(drawn["layout"]["shapes"]) == 1 and drawn["layout"]["shapes"][0]["line"]["dash"] == "dot"
    assert 3 in drawn["data"][0]["y"]
    without = client.get("/r/acme/api/?outliers=without")
    assert figure_in(without.content.decode())["data"][0]["y"] == [100] * 11
    # The table behind the drawing keeps it, and says what it is.
    assert without.content.decode().count(">outlier</span>") == 1


def test_a_tag_stands_at_the_commit_that_it_names_else_at_the_first_one_after_it(repo: Repository) -> None:
    first, second, _ = (factories.snapshot(repo, days_ago=age) for age in (3, 2, 1))
    tagged = [("v1", first.sha, first.ordered_at), ("v2", "f" * 40, first.ordered_at + timedelta(hours=1))]
    for name, sha, at in (*tagged, ("long ago", "e" * 40, first.ordered_at - timedelta(days=9))):
        Tag.objects.create(repository=repo, name=name, sha=sha, at=at)
    points = trend(repo.pk, Span(None, None, "all")).points
    found = marks_of(repo.pk, repo.organization_id, points).ask()
    assert [(mark.word, mark.sha) for mark in found] == [("v1", first.sha), ("v2", second.sha)]


def test_a_release_is_named_with_its_tag_and_led_to_on_github(
    repo: Repository, client: Client, settings: Any
) -> None:
    settings.PUBLIC = True
    point = factories.snapshot(repo)
    page = "https://github.com/acme/api/releases/tag/v1"
    Tag.objects.create(
        repository=repo, name="v1", sha=point.sha, at=point.ordered_at, release="Spring", release_url=page
    )
    other = {"release": "Evil", "release_url": "javascript:alert(1)"}
    Tag.objects.create(repository=repo, name="v2", sha=point.sha, at=point.ordered_at, **other)
    html = client.get("/r/acme/api/").content.decode()
    assert html.count(f'href="{page}"') == 2  # beside the commit, and in the list behind the trend
    assert "tagged v1, released as Spring" in html
    assert "tagged v2, released as Evil" in html and "javascript:" not in html
