"""JSON whose shape is declared: only what a reader names is built, and its types are checked while it is decoded.

    class Test(Struct):
        name: str = ""
        duration: float | None = None

That takes two thirds of the time in which orjson builds everything. Where a file has something else in one place
(null for a text, a number for a name), that place is taken loosely, as ``json_reading`` takes values: a text out of
what is nearly one, and nothing out of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import msgspec
import orjson

from collectors.parsers.json_reading import load, load_object, records, text
from collectors.parsers.results import ReportError
from collectors.parsers.text import as_utf8

T = TypeVar("T", bound=msgspec.Struct)
V = TypeVar("V")

_OTHERWISE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read(data: bytes, kind: type[T], warnings: list[str]) -> T:
    """The file's one JSON object. Raises ReportError where it is none, with the place of a mistake."""
    try:
        return _decoder(kind).decode(as_utf8(data))
    except _OTHERWISE:
        found: T = loosely(load_object(data, warnings), kind)
        return found


def exactly(data: bytes, kind: type[V]) -> V | None:
    """The file's one JSON value where all of it is as declared; None where a place is not, and nothing is said."""
    text = as_utf8(data)
    try:
        if not text.isascii():
            text.decode()  # what is passed over is not looked at
        return _decoder(kind).decode(text)  # type: ignore[arg-type]
    except _OTHERWISE:
        return None


def read_list(data: bytes, kind: type[T], warnings: list[str], what: str) -> list[T]:
    """The same for a file that is a list of such objects; ``what`` says of what, if it is none."""
    try:
        return _decoder(list[kind]).decode(as_utf8(data))  # type: ignore[valid-type]
    except _OTHERWISE:
        value = load(data, warnings)
    if not isinstance(value, list):
        raise ReportError(f"The JSON is no list of {what}.")
    return [loosely(item, kind) for item in value if isinstance(item, dict)]


def read_lines(
    data: bytes, kind: type[T], warnings: list[str], other: Callable[[bytes], object] | None = None
) -> Iterator[T]:
    """The objects of a file with one on each line, as ``json_reading.records`` finds them."""
    decode = _decoder(kind).decode

    def loads(line: bytes) -> T:
        try:
            return decode(line)
        except _OTHERWISE:
            found: T = loosely(orjson.loads(line), kind)
            return found

    decode_lines = _decoder(kind).decode_lines

    def several(lines: bytes) -> list[T]:
        try:
            return decode_lines(lines)
        except _OTHERWISE:
            return []

    return records(data, warnings, other, loads, lambda value: loosely(value, kind), several)


def loosely(value: Any, kind: Any) -> Any:
    """A value as the declared type has it: itself, the nearest of that type, or what stands for nothing."""
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, UnicodeEncodeError):  # half an emoji in a key that is not asked for
        pass
    optional = isinstance(kind, UnionType)
    if optional:
        kind = get_args(kind)[0]
    if kind is str:
        return text(value)
    if get_origin(kind) is list:
        (inner,) = get_args(kind)
        if not isinstance(value, list):
            return None if optional else []
        return [loosely(item, inner) for item in value if inner is str or isinstance(item, dict)]
    if issubclass(kind, msgspec.Struct):
        if not isinstance(value, dict):
            return None if optional else kind()
        fields = [field for field in msgspec.structs.fields(kind) if field.encode_name in value]
        return kind(**{field.name: loosely(value[field.encode_name], field.type) for field in fields})
    return None  # what should be a number


def seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds * 0.001


@cache
def _decoder(kind: type[V]) -> msgspec.json.Decoder[V]:
    return msgspec.json.Decoder(kind)
