"""Repositories and tests by words, over the whole estate: the few that are shown, never a count of all.

Every word must stand in a repository's full name, or in a test's name, class or suite. Tests are found through the
trigram index on their names, which a word of fewer than three letters cannot use: those ask repositories only.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.models import Case, Repository
from dashboard.queries.case_words import called
from dashboard.visibility import Reader

SHOWN = 20
MOST_WORDS = 5
SHORTEST_WORD = 3


@dataclass(frozen=True, slots=True)
class FoundTest:
    """``id`` as in the addresses of a test."""

    repository: str
    id: int
    group: str
    classname: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """At most ``SHOWN`` of each. ``tests`` None: no word was long enough to look for tests."""

    repositories: list[str]
    tests: list[FoundTest] | None


def search(reader: Reader, text: str) -> Found:
    """Two queries."""
    words = text.replace("\x00", "").split()[:MOST_WORDS]
    if not words:
        return Found([], [])
    visible = Repository.objects.visible_to(reader)
    named = visible
    for word in words:
        named = named.filter(full_name__icontains=word)
    names = list(named.order_by("full_name").values_list("full_name", flat=True)[:SHOWN])
    if max(map(len, words)) < SHORTEST_WORD:
        return Found(names, None)
    # "ilike" as it stands, because the ORM's own compares capitals, which the index does not hold.
    cases = Case.objects.filter(repository__in=visible, statistics__last_seen_at=None)
    cases = cases.extra(where=[called("test_case", word) for word in words])  # noqa: S610 - quoted by the driver
    rows = cases.values_list("repository__full_name", "pk", "group", "classname", "name")[:SHOWN]
    return Found(names, [FoundTest(*row) for row in rows])
