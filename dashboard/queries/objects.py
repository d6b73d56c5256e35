"""What a queryset makes of its rows, worked out once for all who ask the same question.

Django works it out for each of them, and looks at each column again for each question; on a page of six questions
that took longer than reading the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

import orjson
from django.db.models import JSONField, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    ValuesListIterable,
    get_related_populators,
)
from django.db.models.sql.compiler import SQLCompiler

Rows = Iterable[Any]
Maker = Callable[[Rows], list[Any]]
Converter = Callable[[Any, Any, Any], Any]


WHOLE = {20, 21, 23}
"""PostgreSQL's numbers of its types of whole numbers: what arrives as one needs not be made one."""


class RowReader:
    """What a cursor was asked, as the queryset would give it; ``compiler`` has put the question together."""

    def __init__(self, queryset: QuerySet[Any], compiler: SQLCompiler) -> None:
        self.make, self.compiler = _maker_of(queryset, compiler), compiler
        self.cut = compiler.col_count if compiler.has_extra_select else None
        columns = [column for column, _, _ in compiler.select[: compiler.col_count]]
        self.converters = {place: _quicker(*known) for place, known in compiler.get_converters(columns).items()}
        self.knows_types = False

    def read(self, cursor: Any) -> list[Any]:
        if not self.knows_types:  # which are the same for every answer
            self.converters = {
                place: known
                for place, known in self.converters.items()
                if not (_makes_whole(*known) and cursor.pgresult.ftype(place) in WHOLE)
            }
            self.knows_types = True
        rows: Rows = cursor.fetchall()
        if self.cut is not None:
            rows = (row[: self.cut] for row in rows)
        return self.make(self.compiler.apply_converters(rows, self.converters) if self.converters else rows)


def _makes_whole(converters: list[Converter], expression: Any) -> bool:
    """Whether a value is only made a whole number, as a sum that PostgreSQL tells as numeric."""
    is_whole = expression.output_field.get_internal_type().endswith("IntegerField")
    return is_whole and converters == [getattr(expression, "convert_value", None)]


def _maker_of(queryset: QuerySet[Any], compiler: SQLCompiler) -> Maker:
    asked: Any = queryset
    kind = asked._iterable_class
    if kind not in _MAKERS or asked._known_related_objects or asked._prefetch_related_lookups:
        raise TypeError(f"What {kind.__name__} makes of rows cannot be prepared.")
    return _MAKERS[kind](queryset, compiler)


def _quicker(converters: list[Converter], expression: Any) -> tuple[list[Converter], Any]:
    """The same, but JSON is read at C speed; what a field with a decoder of its own holds is left to it."""
    return [_json if _is_plain_json(each) else each for each in converters], expression


def _is_plain_json(converter: Converter) -> bool:
    field = getattr(converter, "__self__", None)
    return type(field) is JSONField and field.decoder is None


def _json(value: Any, expression: Any, connection: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


def _objects(queryset: QuerySet[Any], compiler: SQLCompiler) -> Maker:
    database, described = queryset.db, compiler.klass_info
    assert described is not None
    of_model, columns = described["model"].from_db, described["select_fields"]
    own = slice(columns[0], columns[-1] + 1)
    names = [column.target.attname for column, _, _ in compiler.select[own]]
    related = get_related_populators(described, compiler.select, database)  # type: ignore[call-arg] # of a later Django
    annotated = dict(compiler.annotation_col_map or {})
    values = itemgetter(*annotated.values(), 0, 0)  # of two places at least, or it would answer no tuple

    def make(rows: Rows) -> list[Any]:
        made = []
        for row in rows:
            found = of_model(database, names, row[own])
            for other in related:
                other.populate(row, found)
            if annotated:
                found.__dict__.update(zip(annotated, values(row), strict=False))
            made.append(found)
        return made

    return make


def _dictionaries(queryset: QuerySet[Any], compiler: SQLCompiler) -> Maker:
    query = queryset.query
    names = tuple(query.selected or (*query.extra_select, *query.values_select, *query.annotation_select))
    return lambda rows: [dict(zip(names, row, strict=False)) for row in rows]


_MAKERS: dict[Any, Callable[[QuerySet[Any], SQLCompiler], Maker]] = {
    ModelIterable: _objects,
    ValuesIterable: _dictionaries,
    ValuesListIterable: lambda queryset, compiler: lambda rows: list(map(tuple, rows)),
    FlatValuesListIterable: lambda queryset, compiler: lambda rows: [row[0] for row in rows],
}
