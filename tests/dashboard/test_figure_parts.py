"""A total of the estate can be taken apart: each repository's part, and the artifacts that it was read from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from dashboard.models import Artifact, Repository, SnapshotGroup
from dashboard.nights import day_of, night_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def rows(html: str) -> list[str]:
    """Each row of the table in words, the last one the sum."""
    table = re.search(r"<tbody.*?</table>", html, re.DOTALL)
    found = re.findall(r"<tr.*?</tr>", table[0], re.DOTALL) if table else []
    return [" ".join(strip_tags(row).split()) for row in found]


def artifact_of(repo: Repository, kind: str = "tests") -> Artifact:
    return Artifact.objects.filter(repository=repo, reports__kind=kind).latest("created_at")


def test_the_parts_of_a_total_add_up_to_it_and_each_names_its_artifact(client: Client) -> None:
    one, two = factories.repository(name="one"), factories.repository(name="two")
    factories.snapshot(one, tests=(8, 2, 0, 1), lines=(30, 40))
    factories.snapshot(two, tests=(100, 0, 0, 0), lines=(80, 100))
    factories.snapshot(factories.repository(name="old", archived=True))
    factories.snapshot(factories.repository(name="logged"), lines=None, evidence="log")
    tests = rows(page(client, "/figures/tests/"))
    assert [row.split()[:5] for row in tests[:2]] == [["two", "100", "100", "0", "0"], ["one", "11", "8", "2", "1"]]
    assert tests[2].startswith("All 2 111 108 2 1") and len(tests) == 3
    for row, repo in zip(tests, (two, one), strict=False):
        assert f"test-results {artifact_of(repo).sha256[:12]}" in row
    coverage = rows(page(client, "/figures/coverage/"))
    assert coverage[-1].startswith("All 2 110 140 78.5")
    assert artifact_of(one, "coverage").sha256[:12] in coverage[1]
    assert rows(page(client, "/figures/pass-rate/"))[0].startswith("one 11 8 2 1 80.0")
    assert len(rows(page(client, "/figures/reporting/"))) == 2


def test_an_organization_a_tag_and_an_earlier_night_have_parts_of_their_own(client: Client) -> None:
    acme = factories.repository(factories.organization("acme"), "api", tags=["flagship"])
    other = factories.repository(factories.organization("other"), "web")
    for repo in (acme, other):
        factories.snapshot(repo, days_ago=3, tests=(5, 0, 0, 0))
        factories.snapshot(repo, tests=(9, 0, 0, 0))
    assert [row.split()[0] for row in rows(page(client, "/o/ACME/figures/tests/"))] == ["api", "All"]
    assert [row.split()[0] for row in rows(page(client, "/figures/tests/?tag=flagship"))] == ["api", "All"]
    night = night_of(day_of(factories.today_at(days_ago=2)))
    then = rows(page(client, f"/figures/tests/?night={night}"))
    first = Artifact.objects.filter(repository=acme, name="test-results").earliest("created_at")
    assert then[0].startswith("api 5 5 0 0") and first.sha256[:12] in then[0]
    assert rows(page(client, "/figures/tests/?night=2001-01-01")) == []
    assert client.get("/o/nobody/figures/tests/").status_code == 404
    assert client.get("/figures/luck/").status_code == 404


def test_a_carried_group_names_the_artifact_of_the_commit_that_it_came_from(client: Client) -> None:
    repo = factories.repository()
    origin = factories.snapshot(repo, days_ago=1)
    newest = factories.snapshot(
        repo,
        tests=None,
        lines=(80, 100),
        tests_total=10,
        tests_passed=10,
        tests_failed=0,
        tests_errors=0,
        tests_skipped=0,
        tests_carried=True,
    )
    Artifact.objects.filter(run__head_sha=newest.sha, name="test-results").delete()
    SnapshotGroup.objects.create(repository=repo, snapshot=newest, name="unit", legs=1, carried_from=origin)
    row = rows(page(client, "/figures/tests/"))[0]
    digest = Artifact.objects.get(run__head_sha=origin.sha, name="test-results").sha256
    assert "carries" in row and digest[:12] in row
    opened = page(client, f"/r/acme/api/commits/{newest.sha}/?figure=tests")
    assert f"/commits/{origin.sha}/" in opened


def test_parts_of_private_repositories_are_for_staff(client: Client, admin_client: Client) -> None:
    factories.snapshot(factories.repository(name="secret", private=True))
    assert "secret" not in page(client, "/figures/tests/")
    assert "secret" in page(admin_client, "/figures/tests/")


@pytest.mark.parametrize("size", [3, 130])
def test_taking_a_total_apart_costs_three_queries_at_any_size(
    client: Client, size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.estate(size, nights=1)
    earlier = f"/figures/tests/?night={night_of(day_of(factories.today_at()))}"
    # The parts, the sums, the artifacts; an earlier night's parts bring their sums along.
    for address, queries in (("/figures/tests/", 3), ("/o/org-1/figures/coverage/", 3), (earlier, 2)):
        with django_assert_num_queries(queries):
            page(client, address)
