"""Pages say what is carried, stale or incomplete, in words beside the mark."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.models import Repository, SourceFile
from tests.factories import organization, repository, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(settings) -> Repository:
    """acme/shop: its newest commit carries the group e2e, of which one file is stale."""
    settings.PUBLIC = True
    shop = repository(organization("acme"), "shop")
    older = snapshot(shop, days_ago=3, tests=(9, 0, 0, 0), lines=(2, 3))
    newer = snapshot(shop, days_ago=1, tests=(9, 1, 0, 0), lines=(2, 3), tests_carried=True, coverage_carried=True)
    till = SourceFile.objects.create(repository=shop, path="shop/till.py", resolved=True)
    newer.groups.create(
        repository=shop, name="e2e", legs=1, carried_from=older, stale=[till.pk], lines_covered=2, lines_valid=3,
        tests_total=4, tests_passed=4, tests_failed=0, tests_errors=0, tests_skipped=0, tests_executions=4,
        tests_flaky=0,
    )  # fmt: skip
    return shop


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("address", ["/r/acme/shop/", "/r/acme/shop/coverage/"])
def test_what_is_carried_is_named_with_its_commit_and_what_is_stale(
    shop: Repository, client: Client, address: str
) -> None:
    told = page(client, address)
    older = shop.snapshots.oldest_first()[0]
    assert "Carried, not of this commit: <b>e2e</b>" in told
    assert f'/r/acme/shop/commits/{older.sha}/"><code>{older.sha[:8]}</code>' in told
    assert "Stale, in no figure: <code>shop/till.py</code>" in told


def test_the_points_of_a_trend_say_what_they_are(shop: Repository, client: Client) -> None:
    older = shop.snapshots.oldest_first()[0]
    older.complete, older.missing_legs, older.reachable = False, ["tests-py312 (ci.yml)"], False
    older.save()
    told = page(client, "/r/acme/shop/")
    assert "</svg> carried</span>" in told
    assert 'title="Missing: tests-py312 (ci.yml)"' in told and "incomplete, 1 missing" in told
    assert "no longer on the branch" in told


def test_a_row_of_the_estate_says_carried_or_incomplete(shop: Repository, client: Client) -> None:
    assert "<title>carried from an earlier commit</title>" in page(client, "/")
    shop.refresh_from_db()
    assert shop.latest is not None
    shop.latest.complete = False
    shop.latest.save()
    assert "<title>an incomplete commit: legs are missing</title>" in page(client, "/")


def test_a_page_without_anything_carried_says_nothing_of_it(client: Client, settings) -> None:
    settings.PUBLIC = True
    snapshot(repository(organization("acme"), "api"), tests=(3, 0, 0, 0), lines=(1, 2))
    told = page(client, "/r/acme/api/")
    assert "Carried, not of" not in told and "Stale, in" not in told and "incomplete" not in told
