"""Tests, coverage and comparisons in JSON: contract section 5."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from collectors.interning import intern_manifest
from collectors.rollup import refresh_repository
from dashboard.models import Repository, Snapshot
from dashboard.packing import Branches, Lines
from tests.factories import repository, results, snapshot_row, today_at

pytestmark = pytest.mark.django_db

REPO = "/api/v1/repos/acme/api"
FILES = {
    ("src/a.py", True): Lines({1: 3, 2: 0, 4: 1}, {4: Branches(1, 2)}),
    ("src/deep/b.py", True): Lines({1: 1, 2: 1}),
    ("setup.py", True): Lines({1: 0}),
}


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def answer(client: Client, address: str, **parameters: object) -> Any:
    response = client.get(address, parameters)
    assert response.status_code == 200, response.content
    return response.json()


def commit(repo: Repository, back: int, outcomes: dict[str, str], files: Any = None, **options: Any) -> Snapshot:
    point = snapshot_row(repo, today_at(days_ago=back))
    results(point, outcomes, classname="Cart", **options)
    if files is not None:
        manifest = intern_manifest(repo, files)
        valid = sum(len(lines.hits) for lines in files.values())
        covered = sum(lines.covered for lines in files.values())
        Snapshot.objects.filter(pk=point.pk).update(
            manifest=manifest, lines_valid=valid, lines_covered=covered, files=len(files)
        )
    return point


@pytest.fixture
def repo() -> Repository:
    made = repository()
    commit(made, 2, {"a": "P", "b": "P", "gone": "P"}, {**FILES, ("old.py", True): Lines({1: 1})}, group="unit")
    commit(made, 1, {"a": "F", "b": "P", "c": "S"}, FILES, group="unit", durations={"b": 2.5})
    commit(
        made,
        0,
        {"a": "E", "b": "R", "c": "S"},
        FILES | {("src/a.py", True): Lines({1: 3, 2: 1, 4: 1})},
        group="unit",
        durations={"a": 0.5, "b": 2.0, "c": 0.0},
    )
    refresh_repository(made)
    return made


def shas(repo: Repository) -> list[str]:
    return list(Snapshot.objects.filter(repository=repo).oldest_first().values_list("sha", flat=True))


def test_the_tests_of_the_newest_commit_have_the_shape_of_every_list(client: Client, repo: Repository) -> None:
    found = answer(client, f"{REPO}/tests")
    assert set(found) == {"count", "next", "previous", "results"} and found["count"] == 3
    by_name = {test["name"]: test for test in found["results"]}
    assert set(by_name["a"]) == {"id", "group", "class", "name", "outcome", "flaky", "duration_seconds"}
    assert (by_name["a"]["class"], by_name["a"]["group"], by_name["a"]["outcome"]) == ("Cart", "unit", "error")
    assert by_name["a"]["duration_seconds"] == pytest.approx(0.5, rel=0.05)
    assert by_name["b"]["outcome"] == "passed" and by_name["b"]["flaky"] is True
    assert by_name["c"]["outcome"] == "skipped" and by_name["c"]["flaky"] is False


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"outcome": "error"}, ["a"]),
        ({"outcome": "failing"}, ["a"]),
        ({"outcome": "passed"}, ["b"]),
        ({"outcome": "flaky"}, ["b"]),
        ({"outcome": "failed"}, []),
        ({"q": "CART b"}, ["b"]),
        ({"q": "%"}, []),
        ({"group": "other"}, []),
        ({"view": "removed"}, ["gone"]),
        ({"sort": "-duration"}, ["b", "a", "c"]),
        ({"sort": "-name"}, ["c", "b", "a"]),
        ({"page_size": 2, "page": 2}, ["c"]),
        ({"page": 9}, []),
        ({"q": "a", "page": 9}, []),
        ({"outcome": "", "q": "", "sort": ""}, ["a", "b", "c"]),
    ],
)
def test_tests_are_filtered_sorted_and_paged(
    client: Client, repo: Repository, asked: dict[str, object], found: list[str]
) -> None:
    page = answer(client, f"{REPO}/tests", **asked)
    assert [test["name"] for test in page["results"]] == found
    if "page_size" in asked:
        assert page["count"] == 3 and page["next"] is None and "page=1" in page["previous"]
    if asked == {"q": "a", "page": 9}:
        assert page["count"] == 3


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("tests", "outcome", "exploded"),
        ("tests", "sort", "colour"),
        ("tests", "page", "0"),
        ("tests", "page_size", "201"),
        ("tests", "view", "sideways"),
        ("coverage", "page", "x"),
        ("compare", "base", "zz"),
        ("compare", "head", ""),
    ],
)
def test_a_value_that_makes_no_sense_is_400_and_names_its_key_and_what_would(
    client: Client, repo: Repository, part: str, key: str, value: str
) -> None:
    good = {"base": shas(repo)[0], "head": shas(repo)[1]} if part == "compare" else {}
    response = client.get(f"{REPO}/{part}", good | {key: value})
    assert response.status_code == 400
    assert response.json()["detail"].startswith(f"{key}={value} makes no sense: use ")
    if key == "sort":
        assert "first-seen" in response.json()["detail"]


def test_a_history_tells_each_commit_and_what_may_have_broken_the_test(client: Client, repo: Repository) -> None:
    [test] = answer(client, f"{REPO}/tests", q="a")["results"][:1]
    past = answer(client, f"{REPO}/tests/{test['id']}/history")
    first, second, third = shas(repo)
    assert [(each["sha"], each["outcome"]) for each in past["results"]] == [
        (third, "error"),
        (second, "failed"),
        (first, "passed"),
    ]
    assert past["count"] == 3 and past["suspects"] == {"good": first, "bad": second}
    assert past["test"]["id"] == test["id"] and past["last_seen_at"] is None
    assert len(answer(client, f"{REPO}/tests/{test['id']}/history", page_size=1)["results"]) == 1


def test_each_page_of_a_history_tells_how_long_the_test_took(client: Client) -> None:
    repo = repository()
    for back in (2, 1, 0):
        commit(repo, back, {"a": "P"}, durations={"a": 1.0 + back})
    commit(repo, 3, {"b": "P"})
    refresh_repository(repo)
    address = f"{REPO}/tests/{answer(client, f'{REPO}/tests')['results'][0]['id']}/history"
    whole = answer(client, address)
    took = [each["duration_seconds"] for each in whole["results"]]
    assert took == pytest.approx([1.0, 2.0, 3.0], rel=0.05)
    for number in (1, 2, 3):
        page = answer(client, address, page_size=1, page=number)
        assert [each["duration_seconds"] for each in page["results"]] == took[number - 1 : number]
        assert page["test"]["duration_seconds"] == took[0] and page["count"] == 3


def test_a_folder_has_totals_its_folders_and_its_files(client: Client, repo: Repository) -> None:
    top = answer(client, f"{REPO}/coverage")
    assert top["totals"] == {
        "path": "",
        "files": 3,
        "lines_valid": 6,
        "lines_covered": 5,
        "percent": pytest.approx(100 * 5 / 6),
    }
    assert [folder["path"] for folder in top["folders"]] == ["src/"]
    assert top["count"] == 1 and [file["path"] for file in top["results"]] == ["setup.py"]
    for asked in ("src", "src/"):
        below = answer(client, f"{REPO}/coverage", path=asked)
        assert below["path"] == "src/" and below["totals"]["lines_valid"] == 5
        assert [file["path"] for file in below["results"]] == ["src/a.py"]
        assert [folder["path"] for folder in below["folders"]] == ["src/deep/"]
    file = answer(client, f"{REPO}/coverage", path="src/a.py")
    assert file["results"][0]["lines_covered"] == 3 and file["count"] == 1


def test_a_file_has_the_state_of_each_line(client: Client, repo: Repository) -> None:
    Snapshot.objects.filter(pk=repo.latest_id).update(manifest=intern_manifest(repo, FILES))
    file = answer(client, f"{REPO}/coverage/files/src/a.py")
    assert file["lines"] == [[1, "covered", 3], [2, "missed", 0], [4, "partial", 1]]
    assert file["lines_valid"] == 3 and file["percent"] == pytest.approx(200 / 3)


def test_two_commits_are_compared_by_tests_and_by_files(client: Client, repo: Repository) -> None:
    first, _, third = shas(repo)
    found = answer(client, f"{REPO}/compare", base=first[:9], head=third.upper())
    tests, lines = found["tests"], found["coverage"]
    assert [test["name"] for test in tests["added"]] == ["c"]
    assert [test["name"] for test in tests["removed"]] == ["gone"]
    assert [(test["name"], test["base"], test["head"]) for test in tests["changed"]] == [("a", "passed", "error")]
    assert tests["counts"] == {"added": 1, "removed": 1, "changed": 1}
    assert [file["path"] for file in lines["removed"]] == ["old.py"]
    [changed] = lines["changed"]
    assert (changed["path"], changed["base"]["lines_covered"], changed["head"]["lines_covered"]) == (
        "src/a.py",
        2,
        3,
    )
    assert lines["percent_change"] == pytest.approx(100 * 5 / 6 - 100 * 5 / 7)
    same = answer(client, f"{REPO}/compare", base=third, head=third)
    assert same["tests"]["counts"] == same["coverage"]["counts"] == {"added": 0, "removed": 0, "changed": 0}


def test_the_unknown_and_the_hidden_are_404_with_a_sentence(client: Client, repo: Repository) -> None:
    repository(name="secret", private=True)
    for part in (
        "tests",
        "tests/1/history",
        "coverage",
        "coverage/files/a.py",
        f"compare?base={'a' * 40}&head={'b' * 40}",
    ):
        hidden, absent = (
            client.get(f"/api/v1/repos/acme/secret/{part}"),
            client.get(f"/api/v1/repos/acme/no/{part}"),
        )
        assert hidden.status_code == absent.status_code == 404 and absent.json()["detail"]
    for part in (
        "tests/999999/history",
        f"tests/{10**30}/history",
        "coverage?path=nowhere",
        "coverage/files/nowhere.py",
        f"compare?base={'a' * 40}&head={shas(repo)[0]}",
    ):
        response = client.get(f"{REPO}/{part}")
        assert response.status_code == 404 and response.json()["detail"], part


def test_a_repository_without_evidence_answers_empty_and_not_zero(client: Client) -> None:
    repository()
    assert answer(client, f"{REPO}/tests") == {"count": 0, "next": None, "previous": None, "results": []}
    nothing = answer(client, f"{REPO}/coverage")
    assert (
        nothing["totals"]["percent"] is None and nothing["totals"]["lines_valid"] is None and nothing["count"] == 0
    )


def test_every_answer_fits_the_description_that_is_published(client: Client, repo: Repository) -> None:
    described = client.get("/api/v1/openapi.json").json()
    first, _, third = shas(repo)
    test = answer(client, f"{REPO}/tests")["results"][0]["id"]
    for address, asked in (
        ("/tests", {}),
        (f"/tests/{test}/history", {}),
        ("/coverage", {"path": "src"}),
        ("/coverage/files/src/a.py", {}),
        ("/compare", {"base": first, "head": third}),
    ):
        path = re.sub(r"files/.*", "files/{path}", re.sub(r"tests/\d+", "tests/{test_id}", address))
        operation = described["paths"][f"/api/v1/repos/{{owner}}/{{name}}{path}"]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        whole = schema | {"components": described["components"]}
        Draft202012Validator(whole).validate(answer(client, f"{REPO}{address}", **asked))


@pytest.mark.parametrize("size", [5, 200])
def test_the_answers_take_few_queries_at_any_size(
    client: Client, django_assert_max_num_queries: Any, size: int
) -> None:
    made = repository()
    for back in (1, 0):
        files = {(f"src/f{n}.py", True): Lines({1: back, 2: n % 3}) for n in range(size)}
        commit(made, back, {f"t{n}": "PF"[(n + back) % 2] for n in range(size)}, files)
    refresh_repository(made)
    test = answer(client, f"{REPO}/tests")["results"][0]["id"]
    base, head = shas(made)
    for part, most in (
        ("tests?q=t", 5),
        (f"tests/{test}/history", 6),
        ("coverage?path=src", 4),
        ("coverage/files/src/f1.py", 3),
        (f"compare?base={base}&head={head}", 5),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(f"{REPO}/{part}").status_code == 200
