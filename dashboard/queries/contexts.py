"""Which tests reach a line: as the contexts of coverage.py's data tell it, of the newest commit that has any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db.models import QuerySet

from dashboard.models import LineContexts
from dashboard.packing import unpack_contexts, unpack_names
from dashboard.queries.files import FileLines
from dashboard.queries.prepared import prepared

Contexts = Mapping[int, tuple[str, ...]]


def contexts_by_line(repository_id: int, report_ids: Iterable[int], path: str) -> dict[int, tuple[str, ...]]:
    """Line → names of the tests that ran it, sorted; empty where none of the reports tells. One query."""
    rows = _contexts(repository_id=repository_id, report_ids=list(report_ids), path=path)
    reached: dict[int, set[str]] = {}
    for row in rows:
        names = unpack_names(row.names.packed)
        for place, lines in unpack_contexts(row.packed).items():
            for line in lines:
                reached.setdefault(line, set()).add(names[place])
    return {line: tuple(sorted(tests)) for line, tests in sorted(reached.items())}


@prepared
def _contexts(*, repository_id: int, report_ids: list[int], path: str) -> QuerySet[LineContexts]:
    rows = LineContexts.objects.filter(repository_id=repository_id, names__report_id__any=report_ids)
    return rows.filter(file__path=path).select_related("names")


def with_tests(known: FileLines, contexts: Contexts) -> FileLines:
    """The file's lines, each with the number of tests that reach it; as they are where nothing tells."""
    if not contexts:
        return known
    lines = tuple(replace(line, tests=len(contexts.get(line.number, ()))) for line in known.lines)
    return replace(known, lines=lines)
