"""Where tests stand in packed results, and what those results say of them."""

from __future__ import annotations

from collections.abc import Collection

from dashboard.packing import duration_of, unsqueeze
from dashboard.queries.rows import named_rows

PLACES = """
    select r.durations, array_agg(entry.id) as ids, array_agg(entry.place - 1) as places
    from repository own join snapshot_group g on g.repository_id = own.id and g.snapshot_id = own.latest_id
    join test_results r on r.id = g.results_id join test_roster t on t.id = r.roster_id
    cross join lateral unnest(t.case_ids) with ordinality as entry(id, place)
    where own.id = %(repository)s and g.name = any(%(groups)s) and entry.id = any(%(cases)s::bigint[])
    group by r.id
"""


def durations_now(
    repository_id: int, case_ids: Collection[int], groups: Collection[str]
) -> dict[int, float | None]:
    """What tests of these report groups took on the newest commit, in seconds (None unknown); one query."""
    rows = named_rows(PLACES, {"repository": repository_id, "cases": list(case_ids), "groups": list(groups)})
    found: dict[int, float | None] = {}
    for row in rows:
        codes = unsqueeze(row.durations)
        found |= {case: duration_of(codes[place]) for case, place in zip(row.ids, row.places, strict=True)}
    return found
