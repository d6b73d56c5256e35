"""Questions that the ORM puts together once: on most pages writing its SQL took longer than the database's answer.

    @prepared
    def newest(reader: Reader, *, since: datetime) -> QuerySet[Repository]:
        return Repository.objects.visible_to(reader).filter(evidence_at__gte=since)

    newest(reader, since=night)      # a list; the second time only the moment is new

What stands before the star is the question's shape: for each there is SQL of its own. What stands after it are
values, which the function may hand to a filter and may not look at; None and "" are of the shape, since they ask
for something else. A value that does not come out of the ORM as it went in cannot be prepared; what ``contains``
and ``startswith`` look for can. Lists of values go to the lookup ``any``, which hands them over whole: ``in``
would ask another question for each length.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import Count, Field, ForeignObject, Lookup, QuerySet, Value
from psycopg.types.numeric import Int2, Int4, Int8

from dashboard.queries.objects import RowReader
from dashboard.queries.planned import plans_kept

BITS = {Int2: 16, Int4: 32, Int8: 64}
MOST_SHAPES = 200
"""Kept of one question; past this all are put together anew."""


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``id__any=[1, 2]``: the same as ``in``, with all values in one parameter."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        if hasattr(self.rhs, "as_sql"):  # an ArraySubquery, read first and then looked up
            array, own = compiler.compile(self.rhs)
            return f"{column} = ANY({array})", (*parameters, *own)
        return f"{column} = ANY(%s)", (*parameters, self.rhs)


def number_of(rows: QuerySet[Any]) -> QuerySet[Any]:
    """How many rows there are, as a question that can be prepared; no answer at all where there are none."""
    alike = rows.order_by().annotate(all=Value(1)).values("all")
    return alike.annotate(of=Count("pk")).values_list("of", flat=True)


class _Question:
    """A queryset with its SQL, in which ``places`` of the parameters are still to be filled in."""

    def __init__(self, rows: QuerySet[Any], marks: Mapping[str, object]) -> None:
        self.using, self.sql = rows.db, ""
        compiler = rows.query.get_compiler(self.using)
        try:
            self.sql, self.parameters = compiler.as_sql()
        except EmptyResultSet:  # as by a reader who may see nothing: there is nothing to ask
            return
        self.answer = RowReader(rows, compiler)
        self.places: dict[int, tuple[str, Callable[[Any], Any]]] = {
            place: (name, worded)
            for place, parameter in enumerate(self.parameters)
            for name, mark in marks.items()
            if (worded := _wording(parameter, mark))
        }
        lost = [name for name in marks if name not in {name for name, _ in self.places.values()}]
        if lost or any(str(mark) in str(parameter) for mark in marks.values() for parameter in self._others()):
            raise TypeError(f"{', '.join(lost) or 'A value'} does not come out of the ORM as it went in.")

    def _others(self) -> list[object]:
        return [parameter for place, parameter in enumerate(self.parameters) if place not in self.places]

    def ask(self, values: Mapping[str, object], any_value: bool) -> list[Any]:
        if not self.sql:
            return []
        filled = list(self.parameters)
        for place, (name, worded) in self.places.items():
            filled[place] = worded(values[name])
        with plans_kept(self.using, any_value=any_value), connections[self.using].cursor() as cursor:
            cursor.execute(self.sql, tuple(filled))
            return self.answer.read(cursor)


def prepared(build: Callable[..., QuerySet[Any]]) -> Callable[..., list[Any]]:
    return _prepared(build, any_value=False)


def prepared_by_keys(build: Callable[..., QuerySet[Any]]) -> Callable[..., list[Any]]:
    """The same for rows that are found by keys, whatever these are: ``plans_kept`` with ``any_value``."""
    return _prepared(build, any_value=True)


def _prepared(build: Callable[..., QuerySet[Any]], any_value: bool) -> Callable[..., list[Any]]:
    known: dict[Hashable, _Question] = {}

    @wraps(build)
    def ask(*shape: Hashable, **values: object) -> list[Any]:
        given = {name: value for name, value in values.items() if value not in (None, "")}
        absent = {name: value for name, value in values.items() if name not in given}
        key = shape, tuple(absent.items()), tuple(given)
        question = known.get(key)
        if question is None:
            marks = {name: _mark(value, number) for number, (name, value) in enumerate(given.items(), 1)}
            if len(known) >= MOST_SHAPES:
                known.clear()
            question = known[key] = _Question(build(*shape, **marks, **absent), marks)
        return question.ask(given, any_value)

    return ask


def _wording(parameter: object, mark: object) -> Callable[[Any], Any] | None:
    """How the ORM words a value where ``parameter`` came out for its mark; None where it did not."""
    if isinstance(mark, str) and parameter in (f"%{mark}%", f"{mark}%"):
        before = "%" if str(parameter).startswith("%") else ""
        return lambda word: f"{before}{connection.ops.prep_for_like_query(word)}%"
    if not isinstance(parameter, type(mark)) or parameter != mark:
        return None
    if not isinstance(mark, int):
        return lambda value: value
    # An integer for a column comes out as one of that column's size; an address can name one that no column holds.
    kind: Any = type(parameter)
    bits = BITS.get(kind, 64)
    return lambda value: kind(value) if value.bit_length() < bits else value


def _mark(value: object, number: int) -> object:
    """A value of the same kind that nobody asks for."""
    if isinstance(value, list):
        return [_mark(0, number)]
    if isinstance(value, str):
        return f"\ue000{number}\ue001"
    if isinstance(value, bool) or not isinstance(value, int | date):
        raise TypeError(f"{value!r} cannot be a value of a prepared question: make it a part of the shape.")
    if isinstance(value, int):
        return -987_654_321 - number
    return datetime(1, 2, 3, 4, 5, number, tzinfo=UTC) if isinstance(value, datetime) else date(1, 2, 3 + number)
