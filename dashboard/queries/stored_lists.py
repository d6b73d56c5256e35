"""Which tests a report has and which lines each file of a commit has: long lists, stored once for each content."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from dashboard.queries.rows import named_rows

LISTS = """
    select 'roster' as kind, id, case_ids::bigint[] as ids, null::bigint[] as maps
    from test_roster where id = any(%(rosters)s)
    union all
    select 'manifest', id, file_ids, line_map_ids from coverage_manifest where id = any(%(manifests)s)
"""


@dataclass(frozen=True, slots=True)
class StoredLists:
    """By id: the tests of a roster in its order, and the (file, line map) pairs of a manifest."""

    rosters: dict[int, Sequence[int]] = field(default_factory=dict)
    manifests: dict[int, set[tuple[int, int]]] = field(default_factory=dict)


def stored_lists(rosters: Collection[int], manifests: Collection[int]) -> StoredLists:
    """One query, none where nothing is asked for."""
    found = StoredLists()
    if rosters or manifests:
        for row in named_rows(LISTS, {"rosters": list(rosters), "manifests": list(manifests)}):
            if row.kind == "roster":
                found.rosters[row.id] = row.ids
            else:
                found.manifests[row.id] = set(zip(row.ids, row.maps, strict=True))
    return found
