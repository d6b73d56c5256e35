"""Rows gathered by table and written by COPY: what ``bulk_create`` would write, at a multiple of its speed.

A column that is not given gets its model's default, as it would from the ORM, so that a new column needs no word
here. Ids are counted up here, and each table's sequence is set after them when the rows are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Field, Model
from django.utils import timezone
from psycopg import sql


@dataclass(slots=True)
class _Table:
    model: type[Model]
    next_id: int
    columns: list[str]
    defaults: list[Any]
    places: dict[str, int]
    rows: list[list[Any]] = field(default_factory=list)


def _default(column: Field[Any, Any]) -> Any:
    if getattr(column, "auto_now", False) or getattr(column, "auto_now_add", False):
        return timezone.now()
    return column.get_db_prep_save(column.get_default(), connection)


def _next_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT coalesce(max(id), 0) + 1 FROM {}").format(sql.Identifier(table)))
        return int(cursor.fetchone()[0])


@dataclass(slots=True)
class Copying:
    """Rows of many tables on their way. One at a time in a database: nobody else may insert meanwhile."""

    tables: dict[type[Model], _Table] = field(default_factory=dict)

    def take_id(self, model: type[Model]) -> int:
        """An id for a row that is added later."""
        table = self.tables.get(model) or self._learn(model)
        table.next_id += 1
        return table.next_id - 1

    def add(self, model: type[Model], **values: Any) -> int:
        """Remember a row, given by attribute (``repository_id``, not ``repository``); its id."""
        table = self.tables.get(model) or self._learn(model)
        row = list(table.defaults)
        for name, value in values.items():
            row[table.places[name]] = value
        if row[0] is None:
            row[0] = table.next_id
            table.next_id += 1
        table.rows.append(row)
        return int(row[0])

    def _learn(self, model: type[Model]) -> _Table:
        fields = model._meta.concrete_fields
        assert fields[0].column == "id", f"{model.__name__} has no plain id"
        table = _Table(
            model,
            _next_id(model._meta.db_table),
            [str(column.column) for column in fields],
            [None if column.primary_key else _default(column) for column in fields],
            {column.attname: place for place, column in enumerate(fields)},
        )
        self.tables[model] = table
        return table

    def pending(self) -> int:
        return sum(len(table.rows) for table in self.tables.values())

    def write(self) -> int:
        """Write all rows, in the order in which their tables were first used; how many."""
        count = 0
        with connection.cursor() as cursor:
            for table in self.tables.values():
                if not table.rows:
                    continue
                name = sql.Identifier(table.model._meta.db_table)
                columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
                with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(name, columns)) as copy:
                    for row in table.rows:
                        copy.write_row(row)
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                    [table.model._meta.db_table, table.next_id - 1],
                )
                count += len(table.rows)
                table.rows.clear()
        return count
