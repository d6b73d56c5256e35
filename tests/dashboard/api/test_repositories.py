"""GET /api/v1/repos, one repository, its trend; refusals; what strangers do not see."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from jsonschema import Draft202012Validator

from dashboard.api import schemas
from dashboard.queries.listing import SORTS
from tests.factories import estate, organization, repository, snapshot

pytestmark = pytest.mark.django_db

REPOS = "/api/v1/repos"


@pytest.fixture(autouse=True)
def public_installation(settings) -> None:
    settings.PUBLIC = True


def names(client: Client, **parameters: object) -> list[str]:
    response = client.get(REPOS, parameters)
    assert response.status_code == 200, response.content
    return [each["full_name"] for each in response.json()["results"]]


def instant(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))


def test_a_repository_tells_its_head_and_its_newest_commit_with_evidence(client: Client) -> None:
    repo = repository(organization("Acme"), "api")
    point = snapshot(repo, tests=(9, 1, 0, 2), lines=(2, 3), branches_valid=4, branches_covered=1)
    moment = instant(point.committed_at)
    assert client.get(f"{REPOS}/acme/API").json() == {
        "full_name": "Acme/api",
        "organization": "Acme",
        "status": "active",
        "default_branch": "main",
        "url": "https://github.com/Acme/api",
        "head": {
            "sha": point.sha,
            "committed_at": moment,
            "state": "reported",
            "run_url": point.run and point.run.url,
        },
        "latest": {
            "sha": point.sha,
            "committed_at": moment,
            "tests": {
                "total": 12,
                "passed": 9,
                "failed": 1,
                "errors": 0,
                "skipped": 2,
                "executions": 12,
                "from_logs": 0,
                "carried": False,
                "sha": point.sha,
                "committed_at": moment,
            },
            "coverage": {
                "lines_valid": 3,
                "lines_covered": 2,
                "branches_valid": 4,
                "branches_covered": 1,
                "percent": 200 / 3,
                "carried": False,
                "sha": point.sha,
                "committed_at": moment,
            },
            "evidence": "report",
            "incomplete": [],
        },
    }


def test_a_repository_that_never_reported_has_null_where_nothing_is_known(client: Client) -> None:
    repository(name="quiet", url="", default_branch="")
    found = client.get(f"{REPOS}/acme/quiet").json()
    assert found["head"] == {"sha": None, "committed_at": None, "state": "no_reports", "run_url": None}
    assert (found["latest"], found["url"], found["default_branch"]) == (None, None, None)


def test_one_kind_of_evidence_leaves_the_other_null(client: Client) -> None:
    snapshot(repository(name="tested"), lines=None)
    snapshot(repository(name="covered"), tests=None, lines=(70, None))
    assert client.get(f"{REPOS}/acme/tested").json()["latest"]["coverage"] is None
    covered = client.get(f"{REPOS}/acme/covered").json()["latest"]
    assert covered["tests"] is None
    assert (covered["coverage"]["lines_covered"], covered["coverage"]["percent"]) == (70, None)


def test_a_list_item_is_the_same_object_as_the_repository_itself(client: Client) -> None:
    snapshot(repository(name="api"))
    assert client.get(REPOS).json()["results"] == [client.get(f"{REPOS}/acme/api").json()]


def test_private_and_unknown_repositories_are_the_same_404_for_a_stranger(
    client: Client, admin_client: Client
) -> None:
    repository(name="secret", private=True)
    for below in ("", "/trend"):
        hidden = client.get(f"{REPOS}/acme/secret{below}")
        unknown = client.get(f"{REPOS}/acme/nobody{below}")
        assert hidden.status_code == unknown.status_code == 404
        assert hidden.json()["detail"].replace("secret", "nobody") == unknown.json()["detail"]
        assert admin_client.get(f"{REPOS}/acme/secret{below}").status_code == 200
    assert names(client) == []
    assert names(admin_client) == ["acme/secret"]


def test_the_list_is_filtered_by_organization_tag_text_and_status(client: Client) -> None:
    other = organization("other")
    repository(name="api", tags=["flagship"])
    repository(name="old-api", archived=True)
    repository(other, "site", tags=["flagship", "web"])
    assert names(client, org="ACME") == ["acme/api", "acme/old-api"]
    assert names(client, tag="flagship") == ["acme/api", "other/site"]
    assert names(client, q="API acme") == ["acme/api", "acme/old-api"]
    assert names(client, status="archived") == ["acme/old-api"]
    assert names(client, status="active", org="acme", q="", tag="") == ["acme/api"]
    assert names(client, org="nobody") == []


def test_text_is_searched_as_it_stands(client: Client) -> None:
    repository(name="a_b")
    repository(name="axb")
    assert names(client, q="a_b") == ["acme/a_b"]
    assert names(client, q="%") == []


def test_what_is_unknown_stands_last_whichever_way_it_is_sorted(client: Client) -> None:
    snapshot(repository(name="many"), tests=(9, 0, 0, 0), lines=(1, 10))
    snapshot(repository(name="few"), tests=(1, 1, 0, 0), lines=(9, 10))
    repository(name="none")
    assert names(client, sort="tests") == ["acme/few", "acme/many", "acme/none"]
    assert names(client, sort="-tests") == ["acme/many", "acme/few", "acme/none"]
    assert names(client, sort="-coverage") == ["acme/few", "acme/many", "acme/none"]
    assert names(client, sort="-failing") == ["acme/few", "acme/many", "acme/none"]
    assert names(client, sort="-name") == ["acme/none", "acme/many", "acme/few"]


def test_pages_lead_on_and_back_and_hold_each_repository_once(client: Client) -> None:
    for number in range(5):
        repository(name=f"r{number}")
    onward = _walk(client, f"{REPOS}?page_size=2&sort=tests&org=acme", "next")
    backward = _walk(client, onward[-1][0], "previous")
    assert [names_of_page for _, names_of_page in onward] == [["r0", "r1"], ["r2", "r3"], ["r4"]]
    assert [names_of_page for _, names_of_page in backward] == [["r4"], ["r2", "r3"], ["r0", "r1"]]


def _walk(client: Client, address: str | None, direction: str) -> list[tuple[str, list[str]]]:
    """(address, names) of each page from here on."""
    pages = []
    while address:
        page = client.get(address).json()
        assert page["count"] == 5
        pages.append((address, [each["full_name"].removeprefix("acme/") for each in page["results"]]))
        address = page[direction]
    return pages


def test_a_page_past_the_end_is_empty_and_leads_back_to_the_last(client: Client) -> None:
    for number in range(3):
        repository(name=f"r{number}")
    page = client.get(REPOS, {"page": 10**30, "page_size": 2}).json()
    assert (page["count"], page["results"], page["next"]) == (3, [], None)
    assert "page=2" in page["previous"]


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"page": "0"}, "page"),
        ({"page": "two"}, "page"),
        ({"page_size": "201"}, "page_size"),
        ({"page_size": "-1"}, "page_size"),
        ({"sort": "colour"}, "sort"),
        ({"sort": "--tests"}, "sort"),
        ({"status": "dead"}, "status"),
        ({"q": "a\x00"}, "q"),
        ({"org": "x" * 101}, "org"),
    ],
)
def test_a_value_that_makes_no_sense_is_400_and_names_the_key(client: Client, parameters: Any, key: str) -> None:
    response = client.get(REPOS, parameters)
    assert response.status_code == 400
    assert response.json()["detail"].startswith(f"{key}=")


@pytest.mark.parametrize("days", ["0", "-3", "many", "36501"])
def test_a_trend_of_senseless_days_is_400_and_names_the_key(client: Client, days: str) -> None:
    repository(name="api")
    response = client.get(f"{REPOS}/acme/api/trend", {"days": days})
    assert (response.status_code, response.json()["detail"][:5]) == (400, "days=")


def test_a_trend_has_one_point_for_each_commit_oldest_first_within_the_days_asked_for(client: Client) -> None:
    repo = repository(name="api")
    old, middle, new = (snapshot(repo, days_ago=days, tests=(days, 0, 0, 0)) for days in (120, 30, 1))
    points = client.get(f"{REPOS}/Acme/API/trend").json()["points"]
    assert [point["sha"] for point in points] == [middle.sha, new.sha]
    assert [point["tests"]["total"] for point in points] == [30, 1]
    assert points[0].keys() == {"sha", "committed_at", "tests", "coverage"}
    whole = client.get(f"{REPOS}/Acme/API/trend", {"days": 365}).json()["points"]
    assert [point["sha"] for point in whole] == [old.sha, middle.sha, new.sha]


def test_an_answer_that_did_not_change_is_304_and_one_that_did_is_sent(client: Client) -> None:
    repo = repository(name="api")
    first = client.get(f"{REPOS}/acme/api")
    again = client.get(f"{REPOS}/acme/api", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    snapshot(repo)
    assert client.get(f"{REPOS}/acme/api", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_no_shared_cache_may_keep_an_answer(client: Client) -> None:
    response = client.get(REPOS)
    assert "private" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("address", ["nothing", "repos/acme", "repos/acme/api/nothing", "repos/%00/api"])
def test_unknown_addresses_below_the_api_are_404_in_json(client: Client, address: str) -> None:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 404
    assert response.json()["detail"]


def test_nothing_can_be_written(client: Client) -> None:
    assert client.post(REPOS, {}).status_code == 405


def test_every_answer_fits_the_description_that_is_published(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    estate(8)
    for template, address in (
        ("/api/v1/estate", "/api/v1/estate"),
        ("/api/v1/repos", REPOS),
        ("/api/v1/repos/{owner}/{name}", f"{REPOS}/org-0/repo-0"),
        ("/api/v1/repos/{owner}/{name}/trend", f"{REPOS}/org-0/repo-0/trend"),
    ):
        answers = described["paths"][template]["get"]["responses"]
        schema = answers["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": described["components"]}).validate(client.get(address).json())


def test_the_documentation_names_every_parameter_and_order() -> None:
    page = (settings.BASE_DIR / "docs/api.md").read_text()
    for name in [*schemas.RepositoryParameters.model_fields, *SORTS]:
        assert f"`{name}`" in page


# 1 count and 1 page with organization and newest commit joined; the same for every size.
@pytest.mark.parametrize("size", [5, 60])
def test_a_page_of_repositories_takes_two_queries_at_any_size(
    client: Client, size: int, django_assert_num_queries
) -> None:
    estate(size)
    with django_assert_num_queries(2):
        assert client.get(REPOS, {"page_size": 200}).json()["count"] == size


# 1 for the repository with its newest commit; the trend 1 to find it and 1 for all its points.
@pytest.mark.parametrize("nights", [3, 40])
def test_a_repository_takes_one_query_and_its_trend_two(
    client: Client, nights: int, django_assert_num_queries
) -> None:
    estate(1, nights=nights)
    with django_assert_num_queries(1):
        client.get(f"{REPOS}/org-0/repo-0")
    with django_assert_num_queries(2):
        assert len(client.get(f"{REPOS}/org-0/repo-0/trend").json()["points"]) == nights


def test_carried_figures_name_the_commit_that_they_are_of(client: Client) -> None:
    repo = repository(name="api")
    older = snapshot(repo, days_ago=3, tests=(9, 0, 0, 0), lines=(2, 3))
    newer = snapshot(repo, days_ago=1, tests=(9, 1, 0, 0), lines=(2, 3), tests_carried=True)
    newer.groups.create(
        repository=repo, name="e2e", legs=1, carried_from=older, tests_total=4, tests_passed=4, tests_failed=0,
        tests_errors=0, tests_skipped=0, tests_executions=4, tests_flaky=0,
    )  # fmt: skip
    for latest in (
        client.get(f"{REPOS}/Acme/API").json()["latest"],
        client.get(REPOS).json()["results"][0]["latest"],
        client.get(f"{REPOS}/Acme/API/trend").json()["points"][-1],
    ):
        assert latest["sha"] == newer.sha
        assert (latest["tests"]["carried"], latest["tests"]["sha"]) == (True, older.sha)
        assert latest["tests"]["committed_at"] == instant(older.committed_at)
        assert (latest["coverage"]["carried"], latest["coverage"]["sha"]) == (False, newer.sha)
