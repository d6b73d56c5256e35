"""Whether anything that pages show has changed: one cheap question instead of making a page again."""

from __future__ import annotations

from datetime import datetime

from dashboard.queries.rows import named_rows


def changed_since(moment: datetime) -> bool:
    """Whether a collection is at work, or one has ended or something was edited after the moment; one query."""
    [row] = named_rows(
        """
        select exists(select 1 from collection where finished_at is null or finished_at >= %(moment)s)
            or exists(select 1 from change where at >= %(moment)s)
            or exists(select 1 from repository where created_at >= %(moment)s) as changed
        """,
        {"moment": moment},
    )
    return bool(row.changed)
