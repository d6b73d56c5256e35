"""What a repository stands on without saying so: the failing ones below those that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from dashboard.queries.full_names import FullNamed
from dashboard.visibility import Reader

DEEPEST = 12
MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class FailingBelow(FullNamed):
    """A failing repository at second hand or further; ``through`` is the one that is named, and leads to it."""

    full_name: str
    condition: str
    through: str

    @property
    def through_name(self) -> str:
        return self.through.partition("/")[2]


# One subquery of the repository's own row. The way never leads through a repository that the reader may not see.
BELOW = """
    with recursive below(id, through, depth) as (
        select r.id, r.id, 1 from dependency d
        join repository r on r.id = d.target_id and (%s or not r.private)
        where d.repository_id = repository.id
        union
        select r.id, below.through, below.depth + 1 from below
        join dependency d on d.repository_id = below.id
        join repository r on r.id = d.target_id and (%s or not r.private)
        where below.depth < %s
    ), failing as (
        select distinct on (r.id) r.full_name, r.condition, t.full_name as through, below.depth
        from below join repository r on r.id = below.id join repository t on t.id = below.through
        where r.condition in ('failing', 'ran-nothing') and r.id <> repository.id
        order by r.id, below.depth, t.full_name
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'full_name', full_name, 'condition', condition, 'through', through) order by depth, full_name
    ), '[]') from (select * from failing where depth > 1 order by depth, full_name limit %s) as shown
"""


def failing_below(reader: Reader) -> RawSQL:
    staff = reader.sees_private
    return RawSQL(BELOW, (staff, staff, DEEPEST, MOST_SHOWN), output_field=JSONField())  # noqa: S611 - a constant of ours


def failing_below_of(found: list[Mapping[str, Any]]) -> tuple[FailingBelow, ...]:
    return tuple(FailingBelow(row["full_name"], row["condition"], row["through"]) for row in found)
