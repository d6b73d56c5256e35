"""Where tests stand in packed results, and what those results say of them.

Of a test's year only its own bytes are wanted. PostgreSQL finds its place in each set of tests: looked for in the
few that stand whole, counted from there in those that they tell (``dashboard.packing.differences``). Of results it
then hands out the one block that holds that place, and leaves the others where they are kept
(``dashboard.packing.squeezing``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from dashboard.packing import duration_of
from dashboard.packing.differences import Difference
from dashboard.packing.squeezing import BLOCK, byte_at, unsqueeze
from dashboard.queries.rows import named_rows


def _number_at(head: str, at: str) -> str:
    """SQL: the four bytes of a directory that begin there."""
    return " + ".join(f"(get_byte({head}, {at} + {byte}) << {24 - 8 * byte})" for byte in range(4))


def part_of(packed: str, place: str) -> str:
    """SQL: of squeezed codes what ``byte_at`` needs for a place; null where one of them is not known.

    What is short is handed out whole: looking for a block in it costs more than its bytes.
    """
    block = f"{place} / {BLOCK}"
    begin, end = (_number_at("h.head", f"1 + 4 * ({block} + {step})") for step in (0, 1))
    return f"""(case when {place} is null then null when octet_length({packed}) < {BLOCK} then {packed} else (
        select case when get_byte(h.head, 0) = 2
            then '\\x03'::bytea || substr({packed}, 1 + {begin}, {end} - ({begin})) else {packed} end
        from (select substr({packed}, 1, 1 + 4 * ({place} / {BLOCK} + 2)) as head offset 0) h
    ) end)"""  # noqa: S608 - names of columns


def places_of_case(results: str) -> str:
    """SQL: the tables of a ``with``, of which ``places`` is ``results`` with the ``place`` of ``%(case)s`` in each.

    ``results`` is a table with ``roster_id``; ``place`` is null where that set of tests lacks it. What the test's
    durations are told as differences to stands in one of the rows, for all sets (``usual_of``).
    """
    return f"""
        sets as materialized (
            select t.id, t.base_id, t.gone, t.come, t.durations, coalesce(t.base_id, t.id) as whole,
                   case when t.base_id is not null then array_position(t.case_ids, %(case)s) - 1 end as came
            from test_roster t where t.id in (select roster_id from {results})
        ), wholes as materialized (
            select w.id, w.durations, array_position(w.case_ids, %(case)s) - 1 as place
            from test_roster w where w.id in (select whole from sets)
        ), stayed as (
            select s.*, w.place as there, w.durations as usual,
                   case when w.place <> all(s.gone) then w.place - width_bucket(w.place, s.gone) end as stays
            from sets s join wholes w on w.id = s.whole
        ), placed as materialized (
            select id, coalesce(came + come[came + 1], stays + width_bucket(stays, come)) as place,
                   coalesce(came, there) as usual_at,
                   case when came is null then {part_of("usual", "there")} else durations end as usual
            from stayed
        ), listed as materialized (
            select array_agg(id) as ids, array_agg(place) as places, array_agg(usual_at) as usual_at,
                   array_agg(usual) as usual
            from placed
        ), places as materialized (
            select r.*, l.places[array_position(l.ids, r.roster_id)] as place,
                   case when r.is_first then l.ids end as sets,
                   case when r.is_first then l.usual_at end as usual_at,
                   case when r.is_first then l.usual end as usual
            from listed l cross join (select *, row_number() over () = 1 as is_first from {results}) r
        )
    """  # noqa: S608 - names of columns


def duration_at(row: Any, usual: int) -> float | None:
    """What a row's ``durations`` say at its ``place``, in seconds; None unknown."""
    return duration_of((byte_at(row.durations, row.place) + usual) % 256)


def usual_of(rows: Iterable[Any]) -> dict[int, int]:
    """By set of tests what durations in rows of ``places`` are told as differences to, as codes."""
    found = next((row for row in rows if row.sets is not None), None)
    if found is None:
        return {}
    told = zip(found.sets, found.usual_at, found.usual, strict=True)
    return {roster: byte_at(usual, at) for roster, at, usual in told if usual}


# Joined: a prepared statement would hold each test of the set against all that are asked for.
NOW = """
    select r.durations, t.gone, t.come, w.durations as usual, found.ids, found.places,
           case when t.base_id is null then '{}' else t.case_ids end as came, t.durations as usual_of_came
    from repository own join snapshot_group g on g.repository_id = own.id and g.snapshot_id = own.latest_id
    join test_results r on r.id = g.results_id join test_roster t on t.id = r.roster_id
    join test_roster w on w.id = coalesce(t.base_id, t.id)
    cross join lateral (
        select coalesce(array_agg(entry.id), '{}') as ids, coalesce(array_agg(entry.place - 1), '{}') as places
        from unnest(w.case_ids) with ordinality as entry(id, place)
        join unnest(%(cases)s::bigint[]) as asked(id) using (id)
    ) found
    where own.id = %(repository)s and g.name = any(%(groups)s)
"""


def durations_now(
    repository_id: int, case_ids: Collection[int], groups: Collection[str]
) -> dict[int, float | None]:
    """What tests of these report groups took on the newest commit, in seconds (None unknown); one query."""
    wanted = set(case_ids)
    rows = named_rows(NOW, {"repository": repository_id, "cases": list(wanted), "groups": list(groups)})
    return {case: seconds for row in rows for case, seconds in _durations_of(row, wanted)}


def _durations_of(row: Any, wanted: Collection[int]) -> Iterator[tuple[int, float | None]]:
    told = Difference(row.gone, row.come)
    codes, usual, of_came = (
        unsqueeze(each) if each else b"" for each in (row.durations, row.usual, row.usual_of_came)
    )
    for case, there in zip(row.ids, row.places, strict=True):
        place = told.place(there)
        if place is not None:
            yield case, duration_of((codes[place] + (usual[there] if usual else 0)) % 256)
    for number, (case, place) in enumerate(zip(row.came, told.places, strict=True)):
        if case in wanted:
            yield case, duration_of((codes[place] + (of_came[number] if of_came else 0)) % 256)
