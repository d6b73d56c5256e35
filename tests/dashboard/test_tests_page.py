"""The list of a repository's tests, and one test: what they say, what is found, and what they cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from collectors.rollup import refresh_repository
from dashboard.models import Case, Repository, Snapshot
from tests.dashboard.uploads import page_of, text_of
from tests.factories import failure, repository, results, roll_up, snapshot, snapshot_row, today_at

pytestmark = pytest.mark.django_db

PAGE = "/r/acme/api/tests/"
QUERIES = 6


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def commits(repo: Repository, *nights: dict[str, str], **options: Any) -> list[Snapshot]:
    """A commit a night up to today, each with the outcomes of its tests."""
    points = []
    for back, outcomes in enumerate(reversed(nights)):
        point = snapshot_row(repo, today_at(days_ago=back))
        results(point, outcomes, **options)
        points.append(point)
    refresh_repository(repo)
    return points[::-1]


def test_failing_tests_come_first_with_their_age_in_commits(client: Client) -> None:
    _, broke, _ = commits(
        repository(),
        {"old": "P", "new": "P", "fine": "P"},
        {"old": "F", "new": "P", "fine": "P"},
        {"old": "F", "new": "E", "fine": "P"},
    )
    text = text_of(client, PAGE)
    assert "2 of 3 tests fail at" in text
    assert f"old failed {broke.sha[:8]}" in text and "2 commits" in text
    assert "new error" in text and "1 commit" in text
    assert "fine" not in text.partition("Filter")[2]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"view": "all"}, {"alpha", "beta", "gamma", "late", "idle"}),
        ({"view": "failing"}, {"beta"}),
        ({"view": "new"}, {"late"}),
        ({"view": "removed"}, {"gone"}),
        ({"view": "skipped"}, {"idle"}),
        ({"view": "all", "outcome": "skipped"}, {"idle"}),
        ({"view": "all", "outcome": "flaky"}, {"gamma"}),
        ({"outcome": "passed"}, {"alpha", "gamma", "late"}),
        ({"view": "all", "q": "a"}, {"alpha", "beta", "gamma", "late"}),
        ({"view": "all", "q": "LPH a"}, {"alpha"}),
        ({"view": "all", "q": "%"}, set()),
        ({"view": "all", "q": "_"}, set()),
        ({"view": "all", "group": "nothing"}, set()),
        ({"view": "no such view", "sort": "'; drop table", "page": "x"}, {"beta"}),
    ],
)
def test_each_view_and_filter_finds_its_tests(client: Client, asked: dict[str, str], found: set[str]) -> None:
    steady = {"alpha": "P", "beta": "F", "gamma": "R", "idle": "S"}
    commits(repository(), steady | {"gone": "P"}, *[steady] * 19, steady | {"late": "P"})
    page = page_of(client, PAGE, **asked)
    assert {
        name for name in ("alpha", "beta", "gamma", "late", "idle", "gone") if f"<code>{name}</code>" in page
    } == found


def test_the_slowest_come_first_by_what_they_took_on_the_newest_commit(client: Client) -> None:
    repo = repository()
    for back, seconds in ((1, {"a": 5.0, "b": 1.0, "c": 0.01}), (0, {"a": 1.1, "b": 1.0, "c": 9.0})):
        results(snapshot_row(repo, today_at(days_ago=back)), dict.fromkeys(seconds, "P"), durations=seconds)
    refresh_repository(repo)
    page = page_of(client, PAGE, view="slowest")
    places = [page.index(f"<code>{name}</code>") for name in ("c", "a", "b")]
    assert places == sorted(places)
    assert "9.1 s" in page or "8.9 s" in page or "9.0 s" in page


def test_pages_follow_one_another_without_a_gap(client: Client) -> None:
    names = {f"test_{n:03}" for n in range(120)}
    commits(repository(), dict.fromkeys(names, "P"))
    seen: set[str] = set()
    for number in (1, 2, 3):
        page = page_of(client, PAGE, view="all", page=number)
        seen |= {name for name in names if f"<code>{name}</code>" in page}
    assert seen == names
    assert "Page 3 of 3" in page


def test_what_strangers_named_is_text(client: Client) -> None:
    commits(repository(), {"<script>alert(1)</script>": "F", "\u202eevil": "P", "": "P"}, classname="<b>x</b>")
    page = page_of(client, PAGE, view="all")
    assert "<script>alert" not in page and "<b>x" not in page and "\u202e" not in page
    case = Case.objects.get(name__startswith="<script")
    assert "<script>alert" not in page_of(client, f"{PAGE}{case.pk}/")


def test_a_repository_without_named_tests_says_why(client: Client) -> None:
    repository()
    assert "Its tests and coverage would stand here" in text_of(client, PAGE)


@pytest.mark.parametrize(("tests", "nights"), [(3, 2), (300, 30)])
def test_the_list_takes_six_queries_at_any_size(
    client: Client, django_assert_max_num_queries: Any, tests: int, nights: int
) -> None:
    night = {f"test_{n}": "F" if n % 3 == 0 else "S" if n % 3 == 1 else "P" for n in range(tests)}
    commits(repository(), *[night] * nights)
    for asked in ({"view": "failing"}, {"view": "slowest"}, {"view": "all", "q": "test"}):
        with django_assert_max_num_queries(QUERIES):
            client.get(PAGE, asked)


def test_a_failing_test_names_the_commits_to_suspect(client: Client) -> None:
    points = commits(repository(), {"a": "P"}, {"b": "P"}, {"a": "F"}, {"a": "E"})
    case = Case.objects.get(name="a")
    page = page_of(client, f"{PAGE}{case.pk}/")
    assert f"https://github.com/acme/api/compare/{points[0].sha}...{points[2].sha}" in page
    text = text_of(client, f"{PAGE}{case.pk}/")
    assert "Ends in an error on 2 commits in a row" in text
    assert "it passed on 1, failed on 2" in text


def test_a_test_that_never_passed_has_no_range_to_suspect(client: Client) -> None:
    commits(repository(), {"a": "F"}, {"a": "F"})
    case = Case.objects.get(name="a")
    text = text_of(client, f"{PAGE}{case.pk}/")
    assert "it has not passed before in this range" in text and "/compare/" not in page_of(
        client, f"{PAGE}{case.pk}/"
    )


def test_a_test_that_is_gone_and_one_that_never_was(client: Client) -> None:
    commits(repository(), {"a": "P", "b": "P"}, {"b": "P"})
    gone = Case.objects.get(name="a")
    assert "It is gone: its last commit was of" in text_of(client, f"{PAGE}{gone.pk}/")
    other = commits(repository(name="other"), {"c": "P"})[0]
    for absent in (10**30, 0, Case.objects.get(repository=other.repository).pk):
        assert client.get(f"{PAGE}{absent}/").status_code == 404


@pytest.mark.parametrize("nights", [2, 40])
def test_one_test_takes_six_queries_at_any_age(
    client: Client, django_assert_max_num_queries: Any, nights: int
) -> None:
    commits(repository(), *[{"a": "F" if n % 2 else "P", "b": "P"} for n in range(nights)])
    case = Case.objects.get(name="a")
    with django_assert_max_num_queries(QUERIES):
        client.get(f"{PAGE}{case.pk}/")


def test_failing_tests_lead_to_their_page_from_wherever_they_are_named(client: Client) -> None:
    repo = repository()
    point = snapshot(repo, tests=(1, 1, 0, 0))
    stored = failure(point, "test_login", classname="Cart")
    roll_up()
    address = f'href="{PAGE}{stored.case_id}/"'
    report = stored.report
    for page in (
        "/r/acme/api/",
        "/r/acme/api/failures/",
        f"/r/acme/api/commits/{point.sha}/",
        f"/r/acme/api/artifacts/{report.artifact.github_id}/",
    ):
        assert address in page_of(client, page), page
    assert f'href="{PAGE}?view=failing"' in page_of(client, "/")
