"""Old commits lose their detail and nothing else; what nothing points at goes; the pages say so."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from collectors.collect import LOCK_CLASS
from collectors.maintenance import maintain, orphans, retention
from collectors.parsers.results import ReadReport
from collectors.snapshots import put_together
from dashboard.models import (
    CoverageManifest,
    Failure,
    FailureMessage,
    FileTree,
    LineMap,
    Report,
    Repository,
    RepositoryDay,
    Results,
    Roster,
    Snapshot,
    SnapshotGroup,
    SourceAnalysis,
)
from dashboard.models.figures import FIGURE_NAMES
from tests.factories import organization, repository, today_at
from tests.readings import cases, read_artifact, read_commit

pytestmark = pytest.mark.django_db
CONTENTS = (Results, Roster, Failure, FailureMessage, CoverageManifest, LineMap)


def now() -> datetime:
    return datetime.now(UTC)


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in CONTENTS}


def figures() -> list[Any]:
    """Everything that a trend, a day or a report's line is drawn from."""
    return [
        list(model.objects.order_by("pk").values_list("pk", *FIGURE_NAMES))
        for model in (Snapshot, SnapshotGroup, RepositoryDay, Repository)
    ] + [list(Report.objects.order_by("pk").values_list("pk", "tests_total", "tests_failed", "lines_covered"))]


@pytest.fixture
def shop() -> Repository:
    """A year of three commits: each with another test, another failure and another version of a file."""
    repo = repository(organization("acme"), "shop", own_detail_days=90)
    for number, days_ago in enumerate((360, 200, 1)):
        tests = cases(logs_in="P", pays="F", **{f"test_{number}": "F"})
        read_commit(repo, today_at(days_ago=days_ago), {"unit": tests}, {"src/cart.py": {1: 1, 2: number}})
    return repo


def test_old_commits_lose_results_failures_and_lines_and_keep_every_figure(shop: Repository) -> None:
    before = figures()
    done = maintain(now())
    assert done.commits == 2 and figures() == before
    assert counts() == {
        "Results": 1, "Roster": 1, "Failure": 2, "FailureMessage": 2, "CoverageManifest": 1, "LineMap": 1,
    }  # fmt: skip


def test_with_nothing_said_everything_is_kept(shop: Repository) -> None:
    Repository.objects.update(own_detail_days=None)
    before = counts()
    assert maintain(now()).commits == 0 and counts() == before


def test_a_repository_overrides_its_organization_and_that_the_installation(shop: Repository, settings: Any) -> None:
    settings.KEEP_DETAIL_DAYS = 100
    assert shop.detail_days == 90
    shop.own_detail_days = None
    assert shop.detail_days == 100
    shop.organization.detail_days = 0
    assert shop.detail_days == 0


def test_the_newest_commit_keeps_its_detail_however_old_it_is() -> None:
    repo = repository(own_detail_days=90)
    read_commit(repo, today_at(days_ago=300), {"unit": cases(pays="F")}, {"src/cart.py": {1: 1}})
    assert maintain(now()).commits == 0 and Failure.objects.count() == 1


def test_killed_between_any_two_batches_and_run_again_it_ends_the_same(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "COMMITS_AT_ONCE", 1)
    monkeypatch.setattr(orphans, "BATCH", 1)
    before, steps = figures(), 0

    class KilledError(Exception):
        pass

    real_drop, real_take = retention._drop, orphans._taken_away

    def run_until(step: int) -> bool:
        """Whether maintenance came through before its ``step``-th piece of work was to begin."""
        left = step

        def killing(real: Any) -> Any:
            def piece(*args: Any) -> Any:
                nonlocal left
                left -= 1
                if left < 0:
                    raise KilledError
                return real(*args)

            return piece

        monkeypatch.setattr(retention, "_drop", killing(real_drop))
        monkeypatch.setattr(orphans, "_taken_away", killing(real_take))
        try:
            maintain(now())
        except KilledError:
            return False
        return True

    while not run_until(steps):
        assert figures() == before
        steps += 1
    assert steps > 3 and figures() == before
    assert counts()["Results"] == counts()["LineMap"] == 1 and counts()["Failure"] == 2


def test_a_late_upload_to_a_commit_without_detail_takes_no_figure_from_it(shop: Repository) -> None:
    maintain(now())
    shop.refresh_from_db()
    oldest = Snapshot.objects.oldest_first().first()
    assert oldest is not None and oldest.run is not None
    read_artifact(oldest.run, "more", ReadReport("more.xml", "junit", "tests", 1, tests=cases(other="P")))
    kept = put_together(shop, oldest.sha)
    assert kept is not None and kept.tests_total == 3 and kept.lines_covered == oldest.lines_covered


def test_a_repository_that_is_being_collected_is_left_for_the_next_night(shop: Repository) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK_CLASS, shop.pk])
        done = maintain(now())
        assert done.busy == 2 and done.commits == 0  # once for retention, once for the sweep
    finally:
        other.close()
    assert maintain(now()).commits == 2


def test_results_of_an_artifact_that_was_read_again_are_taken_away(shop: Repository) -> None:
    Repository.objects.update(own_detail_days=None)
    newest = Snapshot.objects.newest_first()[0]
    assert newest.run is not None
    read_artifact(newest.run, "unit", ReadReport("unit.xml", "junit", "tests", 1, tests=cases(logs_in="P")))
    put_together(shop, newest.sha)
    assert Results.objects.count() == 4
    assert maintain(now()).rows["test_results"] == 1
    assert Results.objects.count() == 3 and Snapshot.objects.get(pk=newest.pk).tests_total == 1


def test_analyses_of_source_that_is_in_the_tree_no_more_are_taken_away(shop: Repository) -> None:
    FileTree.objects.create(
        repository=shop, sha="a" * 40, packed=zlib.compress(b"src/cart.py"), blobs=zlib.compress(b"b1 20")
    )
    for blob in ("b1", "b2"):
        SourceAnalysis.objects.create(repository=shop, blob=blob, settings=b"s", packed=b"")
    maintain(now())
    assert list(SourceAnalysis.objects.values_list("blob", flat=True)) == ["b1"]


def test_the_pages_of_an_old_commit_say_what_was_dropped_and_when(
    shop: Repository, client: Client, settings: Any
) -> None:
    settings.PUBLIC = True
    oldest = Snapshot.objects.oldest_first()[0]
    assert oldest.run is not None
    artifact = oldest.run.artifacts.order_by("pk")[0]
    pages = [
        "/r/acme/shop/?days=all",
        f"/r/acme/shop/commits/{oldest.sha}/",
        f"/r/acme/shop/runs/{oldest.run.github_id}/",
        f"/r/acme/shop/artifacts/{artifact.github_id}/",
    ]
    for page in pages:
        assert "dropped on" not in client.get(page).content.decode()
    maintain(now())
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200 and "dropped on" in answer.content.decode(), page
    test = shop.cases.get(name="pays")
    assert "dropped on" in client.get(f"/r/acme/shop/tests/{test.pk}/").content.decode()
    newest = Snapshot.objects.newest_first()[0]
    answer = client.get(f"/api/v1/repos/acme/shop/compare?base={oldest.sha}&head={newest.sha}")
    assert answer.status_code == 404 and "were dropped on" in answer.json()["detail"]
    assert "dropped on" not in client.get(f"/r/acme/shop/commits/{newest.sha}/").content.decode()
