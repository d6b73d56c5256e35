"""Before a pattern is stored the admin shows what it would match of the last night's real artifacts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.models import Repository
from dashboard.queries.matching import Preview, Tried, last_night, preview
from tests.dashboard.uploads import upload
from tests.factories import organization, repository, run, sha_of, today_at

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def night(repo: Repository, *names: str, days_ago: int = 0, **fields: Any) -> None:
    """A run of that day which uploaded these."""
    made = run(repo, sha_of(repo.pk, days_ago), today_at(days_ago=days_ago), **fields)
    for name in names:
        upload(made, name)


def verdicts(shown: Preview) -> dict[str, tuple[str, str]]:
    return {match.name: (match.verdict, match.group) for match in shown.matches}


def test_each_artifact_of_the_last_night_is_shown_with_its_fate_and_its_group() -> None:
    api = repository()
    night(api, "unit-ubuntu-py312", "unit-windows-py313", "coverage", "docs-site")
    night(api, "gone-since", days_ago=3)
    shown = preview(last_night([api.pk]), Tried())
    assert verdicts(shown) == {
        "unit-ubuntu-py312": ("read", "unit"),
        "unit-windows-py313": ("read", "unit"),
        "coverage": ("read", "coverage"),
        "docs-site": ("passed over", "docs-site"),
    }
    assert shown.groups == [("coverage", 1), ("unit", 2)]
    assert "its name says “docs”" in shown.matches[-1].reason


def test_patterns_and_groups_are_tried_without_being_stored() -> None:
    api = repository()
    night(api, "unit-linux", "unit-old", "coverage")
    tried = Tried(include=("unit-*",), exclude=("*-old",), groups=("unit-* = all",))
    assert verdicts(preview(last_night([api.pk]), tried)) == {
        "unit-linux": ("read", "all"),
        "unit-old": ("passed over", "all"),
        "coverage": ("passed over", "coverage"),
    }


def test_a_repository_with_patterns_of_its_own_keeps_to_them() -> None:
    acme = organization()
    own, other = repository(acme, "own", artifact_include=["coverage"]), repository(acme, "other")
    for repo in (own, other):
        night(repo, "unit", "coverage")
    shown = verdicts(preview(last_night([own.pk, other.pk]), Tried(include=("unit",))))
    assert {name: fate for name, (fate, _) in shown.items()} == {"unit": "1 of 2 read", "coverage": "1 of 2 read"}


def test_uploads_of_pull_requests_are_not_shown() -> None:
    api = repository()
    night(api, "unit")
    night(api, "from-a-fork", days_ago=-1, is_trend=False)
    assert list(verdicts(preview(last_night([api.pk]), Tried()))) == ["unit"]


def test_the_forms_of_organization_and_repository_show_it_and_store_nothing(admin_client: Client) -> None:
    api = repository()
    night(api, "unit-linux", "coverage")
    for name, row in (("repository", api), ("organization", api.organization)):
        address = reverse(f"admin:{name}-artifacts", args=[row.pk])
        form = admin_client.get(reverse(f"admin:dashboard_{name}_change", args=[row.pk])).content.decode()
        assert f'hx-get="{address}"' in form
        part = admin_client.get(address, {"artifact_include": "unit-*"}, headers=HTMX).content.decode()
        assert "1 name of 2 would be read" in part
        assert "<html" not in part
    api.refresh_from_db()
    assert api.artifact_include == api.organization.artifact_include == []


def test_without_javascript_it_is_a_page_which_never_repeats_a_token(admin_client: Client) -> None:
    api = repository()
    night(api, "unit-linux")
    address = reverse("admin:organization-artifacts", args=[api.organization.pk])
    page = admin_client.post(address, {"artifact_include": "none-*", "token": "ghp_secret"}).content.decode()
    assert "0 names of 1 would be read" in page
    assert "<code>none-*</code>" in page
    assert "ghp_secret" not in page


def test_what_makes_no_sense_is_explained_instead(admin_client: Client) -> None:
    address = reverse("admin:repository-artifacts", args=[repository().pk])
    part = admin_client.get(address, {"artifact_include": ".*cov"}, headers=HTMX).content.decode()
    assert "Artifacts to read: “.*cov” is written as a regular expression" in part


def test_only_staff_see_it(client: Client) -> None:
    assert client.get(reverse("admin:repository-artifacts", args=[repository().pk])).status_code == 302


# Session, user, the organization, its repositories' ids, the artifacts; two of savepoints.
@pytest.mark.parametrize("size", [3, 30])
def test_thirty_repositories_take_as_many_queries_as_three(
    admin_client: Client, size: int, django_assert_max_num_queries
) -> None:
    acme = organization()
    for at in range(size):
        night(repository(acme, f"r{at}"), "unit")
    with django_assert_max_num_queries(6):
        page = admin_client.get(reverse("admin:organization-artifacts", args=[acme.pk]), headers=HTMX)
    assert "Held against what" in page.content.decode()
