"""What is kept of each test: the same figures whichever way its commits were read."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from collectors.case_statistics import refresh_untold
from collectors.collect import only_collector_of
from collectors.rollup import refresh_repository
from dashboard.models import CaseGroup, CaseStatistics, Repository, Snapshot, SnapshotGroup
from dashboard.packing import quantised
from tests.factories import repository, results, snapshot_row, today_at

pytestmark = pytest.mark.django_db

History = Mapping[int, Mapping[str, Mapping[str, str]]]
"""Commit (its number in the order of the trend) → report group → test → P, F, E, S or R (passed on a retry)."""


def store(repo: Repository, number: int, groups: Mapping[str, Mapping[str, str]], **fields: Any) -> Snapshot:
    point = snapshot_row(repo, today_at() - timedelta(days=40 - number), **fields)
    for group, outcomes in groups.items():
        results(point, outcomes, group=group)
    return point


def statistics(repo: Repository) -> dict[tuple[str, str], tuple[object, ...]]:
    """Everything that is kept of each test but its duration."""
    rows = CaseStatistics.objects.filter(repository=repo).select_related("since", "case")
    return {
        (row.case.group, row.case.name): (
            row.outcome,
            row.flaky,
            row.since.sha,
            row.since_at,
            row.first_seen_at,
            row.last_seen_at,
        )
        for row in rows
    }


def standing(name: str) -> CaseStatistics:
    return CaseStatistics.objects.get(case__name=name)


def versions(repo: Repository) -> dict[str, str]:
    """By name of the test, which transaction wrote its row."""
    rows = CaseStatistics.objects.filter(repository=repo).extra(select={"at": "test_statistics.xmin::text"})
    return dict(rows.values_list("case__name", "at"))


def expected(history: History) -> dict[tuple[str, str], tuple[object, ...]]:
    """The definition, written down plainly."""

    def at(number: int) -> Any:
        return today_at() - timedelta(days=40 - number)

    newest = max(history)
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for group in {group for commit in history.values() for group in commit}:
        commits = [number for number in sorted(history) if group in history[number]]
        for name in {name for number in commits for name in history[number][group]}:
            seen = [number for number in commits if name in history[number][group]]
            letters = [history[number][group][name] for number in seen]
            kinds = ["F" if letter in "FE" else "P" if letter in "PR" else "S" for letter in letters]
            length = next((n for n, kind in enumerate(reversed(kinds)) if kind != kinds[-1]), len(kinds))
            since = seen[len(seen) - length]
            here = commits[-1] == seen[-1] and commits[-1] == newest
            found[group, name] = (
                "SPFE".index(letters[-1]) if letters[-1] != "R" else 1,
                letters[-1] == "R",
                since,
                at(since),
                at(seen[0]),
                None if here else at(seen[-1]),
            )
    return found


def drawn(seed: int, commits: int = 9) -> dict[int, dict[str, dict[str, str]]]:
    """A history in which tests come, go, come back, fail, waver and are skipped; one group misses some commits."""
    chance = random.Random(seed)
    history: dict[int, dict[str, dict[str, str]]] = {}
    for number in range(commits):
        groups = ["unit", "e2e"] if number == commits - 1 or chance.random() < 0.6 else ["unit"]
        history[number] = {
            group: {f"test_{n}": chance.choice("PPPPFFESR") for n in range(6) if n == 0 or chance.random() < 0.8}
            for group in groups
        }
    return history


def numbered(
    stored: Mapping[Any, tuple[object, ...]], points: Mapping[int, Snapshot]
) -> dict[Any, tuple[object, ...]]:
    """With commits by their numbers, as the definition has them."""
    numbers = {point.sha: number for number, point in points.items()}
    return {key: (*row[:2], numbers[str(row[2])], *row[3:]) for key, row in stored.items()}


def read(repo: Repository, history: History, order: Iterable[int], every: int = 1) -> dict[int, Snapshot]:
    """Read commits in that order, bringing the lists up to date after ``every`` few of them."""
    points = {}
    for count, number in enumerate(order, start=1):
        points[number] = store(repo, number, history[number])
        if count % every == 0:
            refresh_repository(repo)
    refresh_repository(repo)
    return points


@pytest.mark.parametrize("seed", range(2))
def test_commits_read_in_any_order_give_the_figures_of_reading_them_in_order(seed: int) -> None:
    history = drawn(seed)
    orders = [
        sorted(history),
        sorted(history, reverse=True),
        random.Random(seed).sample(sorted(history), len(history)),
    ]
    for number, order in enumerate(orders):
        repo = repository(name=f"api-{number}")
        points = read(repo, history, order, every=number + 2)
        assert numbered(statistics(repo), points) == expected(history), order


@pytest.mark.parametrize("seed", range(2))
def test_a_leg_that_was_run_again_changes_what_its_commit_said_and_no_more(seed: int) -> None:
    repo, history = repository(), drawn(seed)
    points = read(repo, history, sorted(history), every=5)
    history[6] = {"unit": {"test_0": "F", "test_1": "P", "test_new": "P"}}
    SnapshotGroup.objects.filter(snapshot=points[6]).delete()
    results(points[6], history[6]["unit"], group="unit")
    refresh_repository(repo)
    assert numbered(statistics(repo), points) == expected(history)


def test_commits_that_a_force_push_took_off_the_branch_count_no_more() -> None:
    repo, history = repository(), drawn(5)
    points = read(repo, history, sorted(history))
    points[7].run.left_branch = points[3].run.left_branch = True
    points[7].run.save()
    points[3].run.save()
    refresh_repository(repo)
    left = {number: commit for number, commit in history.items() if number not in (3, 7)}
    assert numbered(statistics(repo), points) == expected(left)


def test_reading_the_same_again_writes_nothing(django_assert_num_queries: Any) -> None:
    repo, history = repository(), drawn(1)
    read(repo, history, sorted(history))
    before = versions(repo)
    refresh_repository(repo)
    assert versions(repo) == before


def test_a_night_writes_only_the_rows_of_tests_that_changed() -> None:
    repo = repository()
    quiet = {f"test_{n}": "P" for n in range(30)}
    read(repo, {0: {"unit": quiet}, 1: {"unit": quiet}}, (0, 1))
    before = versions(repo)
    read(repo, {2: {"unit": quiet | {"test_7": "F"}}}, (2,))
    assert {name for name, at in versions(repo).items() if at != before[name]} == {"test_7"}


def test_a_group_that_is_carried_is_still_there_and_one_that_ended_is_not() -> None:
    repo = repository()
    points = read(repo, {0: {"unit": {"a": "P"}, "e2e": {"b": "F"}}, 1: {"unit": {"a": "P"}}}, (0, 1))
    assert standing("b").last_seen_at == points[0].ordered_at
    carried = results(points[1], {}, group="e2e")
    SnapshotGroup.objects.filter(pk=carried.pk).update(carried_from=points[0])
    refresh_repository(repo)
    assert standing("b").last_seen_at is None


def test_a_test_that_fell_out_of_every_commit_is_as_if_it_had_never_been_there() -> None:
    repo = repository()
    points = read(repo, {0: {"unit": {"a": "P", "b": "F"}}}, (0,))
    SnapshotGroup.objects.filter(snapshot=points[0]).delete()
    results(points[0], {"a": "P"}, group="unit")
    refresh_repository(repo)
    assert not CaseStatistics.objects.filter(case__name="b").exists()


def test_what_was_told_stands_when_old_results_are_kept_no_more() -> None:
    repo = repository()
    history = {n: {"unit": {"a": "P", "b": "F"}} for n in range(6)}
    points = read(repo, history, sorted(history))
    before = numbered(statistics(repo), points)
    old = [points[n].pk for n in range(3)]
    SnapshotGroup.objects.filter(snapshot__in=old).update(results=None)
    # A commit in between arrives late, so that all is walked anew.
    Snapshot.objects.filter(pk=points[4].pk).update(ordered_at=points[4].ordered_at + timedelta(minutes=5))
    refresh_repository(repo)
    assert numbered(statistics(repo), points) == before


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_stored_duration_is_near_the_newest_whatever_was_read_last(order: tuple[int, ...]) -> None:
    repo = repository()
    seconds = {0: 2.0, 1: 2.2, 2: 9.0}
    for number in order:
        point = snapshot_row(repo, today_at() - timedelta(days=10 - number))
        results(
            point, {"slow": "P", "quick": "P"}, durations={"slow": seconds[number], "quick": 0.001 * (number + 1)}
        )
        refresh_repository(repo)
    kept = dict(CaseStatistics.objects.filter(repository=repo).values_list("case__name", "duration_ms"))
    assert 9_000 / 1.6 < kept["slow"] < 9_000 * 1.6
    assert kept["quick"] < 60


def test_where_it_is_not_known_what_is_stored_the_durations_are_stored_anew() -> None:
    repo, night = repository(), {"unit": {"slow": "P", "quick": "P"}}
    read(repo, {0: night, 1: night}, (0, 1))
    # As a database of an earlier release has it, and some duration that was near then.
    CaseGroup.objects.update(roster=None, durations=b"")
    CaseStatistics.objects.update(duration_ms=77_000)
    read(repo, {2: night}, (2,))
    assert {row.duration_ms for row in CaseStatistics.objects.all()} == {round(1000 * (quantised(0.25) or 0))}


def test_repositories_read_before_there_were_statistics_are_told_from_what_is_stored() -> None:
    repo, history = repository(), drawn(2)
    points = read(repo, history, sorted(history))
    CaseGroup.objects.all().delete()
    CaseStatistics.objects.all().delete()
    assert refresh_untold(10, only_collector_of) == 1
    assert numbered(statistics(repo), points) == expected(history)
    assert refresh_untold(10, only_collector_of) == 0


def test_only_a_walk_anew_looks_for_other_tests_and_only_for_those_of_its_own_repository() -> None:
    plans: list[str] = []

    def explained(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('DELETE FROM "test_statistics"') and not many:
            with connection.connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")  # tables are small here
                plans.append("\n".join(row[0] for row in cursor.execute(f"EXPLAIN {sql}", params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        repo, night = repository(), {"unit": {"test_1": "P"}}
        read(repo, {0: night, 1: night}, [1])
        assert plans == []
        read(repo, {0: night, 1: night}, [0])
    assert len(plans) == 1
    assert re.search(r"on test_case \w+ .*\n\s+Index Cond: \(repository_id = ", plans[0]), plans[0]
