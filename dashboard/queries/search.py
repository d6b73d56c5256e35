"""Repositories and tests by words, over the whole estate: the few that are shown, never a count of all.

Every word must stand in a repository's full name, or in a test's name, class or suite. Tests are found through a
trigram index, which a word of fewer than three letters cannot use: those ask repositories only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from dashboard.models import Repository
from dashboard.queries.case_words import lines_called
from dashboard.queries.rows import named_rows
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
    return Found(names, _tests(visible, words))


# Joined to what is found, and not the other way: where many tests fit, reading ends at the first few.
FITTING = f"""
    select r.full_name, c.id, c."group", c.classname, c.name
    from ({{called}}) as called join test_case c on c.id = called.id
    left join test_statistics t on t.case_id = c.id
    join repository r on r.id = c.repository_id
    where t.last_seen_at is null and r.id in ({{visible}}) limit {SHOWN}
"""  # noqa: S608 - our own words, and those of the ORM


def _tests(visible: QuerySet[Repository], words: Sequence[str]) -> list[FoundTest]:
    try:
        condition, values = visible.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # a reader who sees none
        return []
    names = [f"visible_{place}" for place in range(len(values))]
    condition %= tuple(f"%({name})s" for name in names)
    sql = FITTING.format(called=lines_called(words), visible=condition)
    return [FoundTest(*row) for row in named_rows(sql, dict(zip(names, values, strict=True)))]
