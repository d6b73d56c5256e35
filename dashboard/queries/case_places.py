"""Where a test stands in packed results: one byte is read of each blob, whatever it holds."""

from __future__ import annotations

from collections.abc import Collection

from dashboard.packing import duration_at, unsqueeze
from dashboard.queries.rows import named_rows

PLACES = """
    select r.durations, array(
        select place - 1 from unnest(t.case_ids) with ordinality as entry(id, place) where id = any(%(cases)s)
    ) as places, array(select id from unnest(t.case_ids) as entry(id) where id = any(%(cases)s)) as ids
    from repository own join snapshot_group g on g.repository_id = own.id and g.snapshot_id = own.latest_id
    join test_results r on r.id = g.results_id join test_roster t on t.id = r.roster_id
    where own.id = %(repository)s and g.name = any(%(groups)s)
"""


def durations_now(
    repository_id: int, case_ids: Collection[int], groups: Collection[str]
) -> dict[int, float | None]:
    """What tests of these report groups took on the newest commit, in seconds (None unknown); one query."""
    rows = named_rows(PLACES, {"repository": repository_id, "cases": list(case_ids), "groups": list(groups)})
    found: dict[int, float | None] = {}
    for row in rows:
        codes = unsqueeze(row.durations)
        found |= {case: duration_at(codes, place) for case, place in zip(row.ids, row.places, strict=True)}
    return found
