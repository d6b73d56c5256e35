"""Cycles among declared dependencies."""

from __future__ import annotations

import random

import pytest

from dashboard.queries.graph import Edge, cycles_of


def edges(*pairs: str) -> list[Edge]:
    return [Edge(*pair.split(">")) for pair in pairs]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([], []),
        (["a>b", "b>c", "a>c"], []),
        (["a>a"], []),
        (["a>b", "b>a"], [["a", "b"]]),
        (["x>a", "a>b", "b>c", "c>a", "c>y"], [["a", "b", "c"]]),
        (["a>b", "b>a", "b>c", "c>d", "d>c"], [["a", "b"], ["c", "d"]]),
        (["a>b", "b>a", "a>c", "c>a"], [["a", "b", "c"]]),
    ],
)
def test_a_cycle_is_a_set_of_repositories_that_all_reach_one_another(pairs: list[str], found: list) -> None:
    assert sorted(cycles_of(edges(*pairs))) == found


def test_a_chain_of_a_hundred_thousand_is_no_matter_of_recursion() -> None:
    chain = [Edge(str(n), str(n + 1)) for n in range(100_000)]
    assert cycles_of(chain) == []
    assert len(cycles_of([*chain, Edge("100000", "0")])[0]) == 100_001


def test_random_graphs_agree_with_plain_reachability() -> None:
    generator = random.Random(7)
    for _ in range(100):
        names = "abcdefg"[: generator.randint(2, 7)]
        graph = {name: {other for other in names if generator.random() < 0.25} for name in names}
        reach = {name: _reached(graph, name) for name in names}
        expected = {
            frozenset([name, *(other for other in names if other in reach[name] and name in reach[other])])
            for name in names
        }
        drawn = [Edge(name, other) for name in names for other in graph[name]]
        assert {frozenset(each) for each in cycles_of(drawn)} == {each for each in expected if len(each) > 1}


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += graph[name]
    return found
