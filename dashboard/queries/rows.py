"""Rows of hand-written SQL by column name: for questions that the ORM cannot ask in one query."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from django.db import connection


def named_rows(sql: str, values: Mapping[str, Any]) -> list[Any]:
    """All rows, columns as attributes. Whatever a reader typed goes into ``values``, never into ``sql``."""
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(values))
        names = [column.name for column in cursor.description or ()]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
