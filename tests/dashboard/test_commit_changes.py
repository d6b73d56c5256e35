"""What changed at a commit is told by the names of tests and files, on the overview and on its own page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.models import Repository, Snapshot, SnapshotGroup
from dashboard.packing import Lines
from dashboard.queries.commit_changes import ChangedFile, CommitChanges, changes_of
from dashboard.queries.trend import span_of, trend
from tests.dashboard.uploads import text_of
from tests.factories import covered, failure, repository, results, snapshot, today_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public(settings: Any) -> None:
    settings.PUBLIC = True


def commit(repo: Repository, days_ago: int, outcomes: dict[str, str], lines: Any = None, **fields: Any) -> Snapshot:
    point = snapshot(repo, days_ago=days_ago, **fields)
    results(point, outcomes)
    covered(point, {(path, True): Lines(hits) for path, hits in (lines or {}).items()})
    return point


def told(changes: CommitChanges) -> dict[str, list[str]]:
    return {
        part.word: [each.name for each in part.tests] + [file.path for file in part.files] for part in changes.parts
    }


def changes(repo: Repository, newest: int = 30, named: int = 3) -> dict[str, CommitChanges]:
    points = trend(repo.pk, span_of({"days": "all"}, today_at().date())).points
    return changes_of(repo.pk, points, newest, named).ask()


BEFORE = {"stays": "P", "breaks": "P", "is fixed": "E", "still fails": "F", "goes": "P", "is retried": "P"}
AFTER = {
    "stays": "P",
    "breaks": "F",
    "is fixed": "P",
    "still fails": "E",
    "comes": "P",
    "is retried": "R",
    "bad": "F",
}


def test_tests_that_broke_were_fixed_came_and_went_are_named() -> None:
    repo = repository()
    commit(repo, 2, BEFORE)
    newest = commit(repo, 1, AFTER)
    found = changes(repo)
    assert list(found) == [newest.sha]
    names = {word: sorted(each) for word, each in told(found[newest.sha]).items()}
    assert names == {"Broke": ["bad", "breaks"], "Fixed": ["is fixed"], "New": ["comes"], "Gone": ["goes"]}


def test_files_whose_coverage_fell_or_rose_are_named_the_largest_change_first() -> None:
    repo = repository()
    base = {"a.py": {1: 1, 2: 1}, "b.py": {1: 1, 2: 1, 3: 1}, "c.py": {1: 0}, "same.py": {1: 1, 2: 0}}
    head = {"a.py": {1: 1, 2: 0}, "b.py": {1: 1, 2: 0, 3: 0}, "c.py": {1: 1}, "same.py": {5: 1, 6: 0}}
    commit(repo, 2, {"t": "P"}, base)
    newest = commit(repo, 1, {"t": "P"}, head)
    assert told(changes(repo)[newest.sha]) == {"Fell": ["b.py", "a.py"], "Rose": ["c.py"]}


def test_a_commit_is_held_against_the_last_complete_one_and_has_lost_nothing_while_legs_are_missing() -> None:
    repo = repository()
    complete = commit(repo, 3, {"a": "P", "b": "P"})
    partial = commit(repo, 2, {"a": "F"}, complete=False)
    newest = commit(repo, 1, {"a": "P", "b": "P", "c": "P"})
    found = changes(repo)
    assert told(found[partial.sha]) == {"Broke": ["a"]}
    assert told(found[newest.sha]) == {"New": ["c"]}
    assert found[newest.sha].since == complete.sha


def test_of_many_changes_the_first_are_named_and_all_are_counted() -> None:
    repo = repository()
    commit(repo, 2, {"t": "P"})
    newest = commit(repo, 1, {"t": "P", **{f"test_{n}": "P" for n in range(50)}})
    [part] = changes(repo)[newest.sha].parts
    assert (len(part.tests), part.count, part.more) == (3, 50, 47)


def test_the_overview_and_the_commits_page_say_it(client: Client) -> None:
    repo = repository()
    base = commit(repo, 2, BEFORE, {"src/a.py": {1: 1, 2: 1}})
    newest = commit(repo, 1, AFTER, {"src/a.py": {1: 1, 2: 0}})
    overview = text_of(client, "/r/acme/api/")
    assert "Broke 2" in overview
    assert "src/a.py 100 → 50.0" in overview
    page = text_of(client, f"/r/acme/api/commits/{newest.sha}/")
    assert f"What changed since {base.sha[:8]}" in page
    assert "Gone 1 goes" in page


@pytest.mark.parametrize("commits", [2, 25])
def test_it_costs_three_queries_whatever_the_number_of_commits(
    client: Client, django_assert_num_queries: Any, commits: int
) -> None:
    repo = repository()
    for age in range(commits, 0, -1):
        commit(repo, age, {"t": "PF"[age % 2], f"t{age}": "P"}, {"a.py": {1: 1, 2: age % 2}})
    points = trend(repo.pk, span_of({"days": "all"}, today_at().date())).points
    with django_assert_num_queries(3):
        assert len(changes_of(repo.pk, points, 30, 3).ask()) == commits - 1


def test_commits_are_held_against_each_other_once_and_again_when_one_is_put_together_anew(
    django_assert_num_queries: Any,
) -> None:
    repo = repository()
    commit(repo, 2, BEFORE)
    newest = commit(repo, 1, AFTER)
    points = trend(repo.pk, span_of({"days": "all"}, today_at().date())).points
    before = changes_of(repo.pk, points, 30, 3).ask()
    with django_assert_num_queries(2):  # what is stored, and names; the lists of tests are not asked for again
        assert changes_of(repo.pk, points, 30, 3).ask() == before
    SnapshotGroup.objects.filter(snapshot=newest).delete()
    results(newest, BEFORE | {"stays": "F"})
    assert told(changes(repo)[newest.sha]) == {"Broke": ["stays"]}


# The repository; the points; the standing artifacts with their reports; what is stored of the commits; the lists of
# what differs; and at once the names of that, the failures, the marks, what is carried, the least covered files.
@pytest.mark.parametrize("commits", [3, 15])
def test_pages_of_a_commit_that_fails_carries_and_changes_take_six_queries(
    client: Client, django_assert_num_queries: Any, commits: int
) -> None:
    repo = repository()
    for age in range(commits, 0, -1):
        standing: dict[str, Any] = {"tests_carried": True, "coverage_carried": True} if age == 1 else {}
        lines = {f"{n}.py": {1: 1, 2: age % 2} for n in range(commits)}
        point = commit(repo, age, {f"t{n}": "PF"[(n + age) % 2] for n in range(commits)}, lines, **standing)
    failure(point, "t1", "boom")
    origin = Snapshot.objects.filter(repository=repo).earliest("ordered_at")
    SnapshotGroup.objects.create(
        repository=repo, snapshot=point, name="e2e", legs=1, carried_from=origin, tests_total=3, lines_covered=1
    )
    for page in ("/r/acme/api/", f"/r/acme/api/commits/{point.sha}/"):
        with django_assert_num_queries(6):
            said = text_of(client, page)
        assert all(word in said for word in ("Broke", "Fixed", "boom", "e2e", origin.sha[:8])), page


def test_percents_that_differ_never_look_equal() -> None:
    assert ChangedFile("a.py", 100.0, 50.0).told == "100 → 50.0"
    assert ChangedFile("a.py", 98.4126, 98.4375).told == "98.4126\u202f% → 98.4375\u202f%"
