"""Plans that PostgreSQL keeps: to plan a page's questions was most of its work for the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor

ASKED_BEFORE = 5
"""How often one connection has asked the same before the plan is kept."""


@contextmanager
def plans_kept(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """What is asked within is one statement with its values apart; what changes the database is not asked so.

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
    try:
        yield
    finally:
        raw.cursor_factory = before
