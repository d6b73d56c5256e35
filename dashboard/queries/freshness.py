"""Whether anything that pages show has changed: one cheap question instead of making a page again."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from dashboard.queries.rows import named_rows


def database_state() -> str | None:
    """A mark that is equal for two readers only if they see the same rows of every table; one query.

    It is PostgreSQL's snapshot: the oldest transaction at work, the next to begin, and those between that have not
    ended. None inside of a transaction, whose own rows it says nothing about.
    """
    if connection.in_atomic_block:
        return None
    [row] = named_rows("select pg_current_snapshot()::text as state", {})
    return str(row.state)


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
