"""What PostgreSQL answers as values of Python, in a fraction of the time that Django's own ways take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.adapt import Loader
from psycopg.types.datetime import TimestamptzLoader


class MomentLoader(TimestamptzLoader):
    """Moments in UTC without a regular expression for each; a page reads hundreds of them.

    ``timezone`` is where Django looks, before each cursor, whether it has to put its own loader in place.
    """

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:  # infinite, or outside of Python's years: psycopg says which
            return super().load(data)


class JsonLoader(Loader):
    """What questions answer together; the columns that models keep are ``jsonb`` and read by their fields."""

    def load(self, data: Any) -> Any:
        return orjson.loads(data)


def read_quickly(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """For the signal that a connection was made; Django sets the zone of each to the one that it expects."""
    if connection.timezone is UTC:
        connection.connection.adapters.register_loader("timestamptz", MomentLoader)
    connection.connection.adapters.register_loader("json", JsonLoader)
