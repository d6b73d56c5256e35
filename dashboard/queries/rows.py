"""Rows of hand-written SQL by column name: for questions that the ORM cannot ask in one query."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import connection
from psycopg.pq import Format
from psycopg.sql import Literal

from dashboard.latest import Latest
from dashboard.queries.planned import plans_kept

Answer = TypeVar("Answer")


def named_rows(sql: str, values: Mapping[str, Any], *, any_value: bool = False, binary: bool = False) -> list[Any]:
    """All rows, columns as attributes. Whatever a reader typed goes into ``values``, or into ``sql`` ``quoted``.

    ``any_value`` is ``plans_kept``'s. ``binary`` is for many bytes, which otherwise travel as twice as many digits.
    """
    with plans_kept(any_value=any_value), connection.cursor() as cursor:
        if binary:
            cursor.cursor.format = Format.BINARY
        cursor.execute(sql, dict(values))
        row = _row(names_of(cursor))
        return list(map(row._make, cursor.fetchall()))


def names_of(cursor: Any) -> tuple[str, ...]:
    """Of an answer's columns, without all else that ``description`` finds out about each."""
    answer = cursor.pgresult
    return tuple(answer.fname(place).decode() for place in range(answer.nfields))


@lru_cache(maxsize=512)
def _row(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


def quoted(text: str) -> str:
    """What a reader typed as SQL, quoted by the driver: only where PostgreSQL must know it to plan well.

    A prepared statement's plan is made for any text. For words that are looked for in names it expects one in two
    hundred to fit, and reads names until enough do.
    """
    connection.ensure_connection()
    return Literal(text).as_string(connection.connection).replace("%", "%%")


@dataclass(frozen=True, slots=True)
class Question(Generic[Answer]):
    """SQL with its values, and what its rows become; ``sql`` is "" where there is nothing to ask.

    Asked together with others its rows travel as JSON: a moment arrives as text (see ``moment``), bytes cannot.
    """

    sql: str
    values: Mapping[str, Any]
    read: Callable[[list[Any]], Answer]

    def ask(self) -> Answer:
        """One query, none where there is nothing to ask."""
        return self.read(named_rows(self.sql, self.values) if self.sql else [])


class Remembered(Latest[Hashable, Answer]):
    """Answers that stay true, each by what names all that it depends on. Two that ask at once both ask."""

    def question(self, name: Hashable, question: Question[Answer]) -> Question[Answer]:
        """The same question, or none where its answer is known."""
        known = self.get(name)
        if known is not None:
            return Question("", {}, lambda rows: known)
        return Question(question.sql, question.values, lambda rows: self.put(name, question.read(rows)))


def ask_together(questions: Mapping[str, Question[Any]]) -> dict[str, Any]:
    """The answers by name, in one query: for questions of one page that do not wait for each other."""
    asked = {name: question for name, question in questions.items() if question.sql}
    parts: list[str] = []
    values: dict[str, Any] = {}
    for name, question in asked.items():
        # Two questions may call different values alike.
        sql = question.sql.replace("%(", f"%({name}_")
        parts.append(f'(select json_agg(line) from ({sql}) line) as "{name}"')  # noqa: S608 - our own SQL
        values |= {f"{name}_{key}": value for key, value in question.values.items()}
    [found] = named_rows(f"select {', '.join(parts)}", values) if asked else [SimpleNamespace()]
    return {
        name: question.read([SimpleNamespace(**row) for row in getattr(found, name, None) or ()])
        for name, question in questions.items()
    }


def moment(value: datetime | str) -> datetime:
    """A moment of a row, whichever way it travelled."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
