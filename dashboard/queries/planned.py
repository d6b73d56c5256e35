"""Plans that PostgreSQL keeps: to plan a page's questions was most of its work for the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor

ASKED_BEFORE = 5
"""How often one connection has asked the same before the plan is kept."""


FOR_ANY_VALUE = b"set plan_cache_mode = force_generic_plan"
FOR_THESE_VALUES = b"set plan_cache_mode = auto"


@contextmanager
def plans_kept(using: str = DEFAULT_DB_ALIAS, *, any_value: bool = False) -> Iterator[None]:
    """What is asked within is one statement with its values apart; what changes the database is not asked so.

    PostgreSQL plans a question for its very values each time where it expects that to pay, and of questions that
    find a row here and a row there it expects so wrongly: to plan the messages of a test took twenty times as long
    as to read them. ``any_value`` has the one plan for all values taken: only for what is found by keys, whatever
    they are.

    ``PREPARED_STATEMENTS`` turns it off, where a pooler gives each transaction another connection.
    """
    wrapper = connections[using]
    wrapper.ensure_connection()
    raw = wrapper.connection
    if not settings.PREPARED_STATEMENTS:
        yield
        return
    before, raw.prepare_threshold = raw.cursor_factory, ASKED_BEFORE
    raw.cursor_factory = ServerBindingCursor
    if any_value:
        raw.pgconn.exec_(FOR_ANY_VALUE)
    try:
        yield
    finally:
        raw.cursor_factory = before
        if any_value:
            raw.pgconn.exec_(FOR_THESE_VALUES)
