"""The declared dependencies as a graph, and what is wrong with it (contract section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dashboard.models import Dependency, ForbiddenDependency, Repository
from dashboard.visibility import Reader


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` depends on ``target``, both full names."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Graph:
    """``edges`` has all, the missing ones too; a cycle is a set of repositories that all reach one another."""

    edges: list[Edge] = field(default_factory=list)
    back_edges: list[Edge] = field(default_factory=list)
    self_dependencies: list[Edge] = field(default_factory=list)
    missing: list[Edge] = field(default_factory=list)
    cycles: list[list[str]] = field(default_factory=list)


def declared_graph(reader: Reader) -> Graph:
    """The edges between repositories that the reader may see, and those that lead nowhere. Two queries.

    An edge to a repository that the reader may not see is left out altogether.
    """
    visible = Repository.objects.visible_to(reader)
    rows = Dependency.objects.filter(repository__in=visible).order_by("repository__full_name", "target_name")
    if not reader.sees_private:
        # Left join: an edge without a target stays.
        rows = rows.exclude(target__private=True)
    forbidden = set(ForbiddenDependency.objects.values_list("organization_id", "target_id"))
    graph = Graph()
    for source, written, target, first, second, layer, other in rows.values_list(
        "repository__full_name",
        "target_name",
        "target__full_name",
        "repository__organization_id",
        "target__organization_id",
        "repository__organization__layer",
        "target__organization__layer",
    ):
        edge = Edge(source, target or written)
        graph.edges.append(edge)
        if target is None:
            graph.missing.append(edge)
        elif target == source:
            graph.self_dependencies.append(edge)
        elif (first, second) in forbidden or (layer is not None and other is not None and layer < other):
            graph.back_edges.append(edge)
    graph.cycles.extend(cycles_of(graph.edges))
    return graph


def cycles_of(edges: Iterable[Edge]) -> list[list[str]]:
    """Strongly connected components of two and more, each sorted: Tarjan's algorithm without recursion.

    Components rather than every closed path, of which twenty repositories can have more than anyone can count.
    """
    targets: dict[str, list[str]] = {}
    for edge in edges:
        targets.setdefault(edge.source, []).append(edge.target)
    return _Components(targets).found


class _Components:
    """The state of one search; ``low`` is the earliest node that is reachable from a node of the present path."""

    def __init__(self, targets: Mapping[str, list[str]]) -> None:
        self.targets = targets
        self.found: list[list[str]] = []
        self.position: dict[str, int] = {}
        self.low: dict[str, int] = {}
        self.open: dict[str, None] = {}
        for node in targets:
            if node not in self.position:
                self.walk(node)

    def enter(self, node: str) -> None:
        self.position[node] = self.low[node] = len(self.position)
        self.open[node] = None

    def walk(self, root: str) -> None:
        self.enter(root)
        path = [(root, iter(self.targets.get(root, ())))]
        while path:
            node, rest = path[-1]
            for target in rest:
                if target not in self.position:
                    self.enter(target)
                    path.append((target, iter(self.targets.get(target, ()))))
                    break
                if target in self.open:
                    self.low[node] = min(self.low[node], self.position[target])
            else:
                path.pop()
                if path:
                    self.low[path[-1][0]] = min(self.low[path[-1][0]], self.low[node])
                if self.low[node] == self.position[node]:
                    self.close(node)

    def close(self, node: str) -> None:
        """Everything that was opened since ``node`` is its component."""
        component: list[str] = []
        while not component or component[-1] != node:
            component.append(self.open.popitem()[0])
        if len(component) > 1:
            self.found.append(sorted(component))
