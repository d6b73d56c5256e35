"""JSON from strangers: its keys before it is whole, its values by type, and one document per line.

orjson decodes; what it refuses and tools write all the same (half an emoji, NaN, bytes that are no UTF-8, raw
control characters) is read by Python's own decoder, with a warning. A file that breaks off is an error that says
where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import orjson

from collectors.parsers.results import ReportError
from collectors.parsers.text import MAX_SECONDS, as_utf8

DEPTH = 8
"""Levels of keys that ``outline`` names; no sniffer asks for more."""

_TOGETHER = 500
"""Lines that are read at once."""

# A string that the end of the head cuts is taken too: each of its quotes would be tried as a beginning otherwise.
_TOKEN = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)(?:"(\s*:)?|\\?\Z)|[{}\[\]]', re.DOTALL)
_BEGINNING = re.compile(rb"\s*[{\[]")


def load(data: bytes, warnings: list[str]) -> Any:
    """The file's one JSON value. Raises ReportError with the place of the mistake."""
    text = as_utf8(data)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        said = f"{error.msg.partition(': line ')[0]} at line {error.lineno}, column {error.colno}"
    try:
        value = json.loads(text.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise ReportError(f"The JSON breaks off or is broken: {said}.") from error
    warnings.append(f"The JSON is not well-formed ({said}); it was read all the same.")
    return value


def load_object(data: bytes, warnings: list[str]) -> dict[str, Any]:
    """The file's one JSON object. Raises ReportError, also where the value is none."""
    value = load(data, warnings)
    if not isinstance(value, dict):
        raise ReportError("The JSON is no object.")
    return value


def records(
    data: bytes,
    warnings: list[str],
    other: Callable[[bytes], object] | None = None,
    loads: Callable[[bytes], Any] = orjson.loads,
    mended: Callable[[dict[str, Any]], Any] = dict,
    several: Callable[[bytes], list[Any]] | None = None,
) -> Iterator[Any]:
    """The objects of a file with one JSON document per line, in its order.

    Lines that begin otherwise are output that got between them (a compiler's, a shell's): they are passed over with
    a warning, and shown to ``other``. A broken last line is a file that was cut short: ReportError, as for
    a file without any object. ``several`` reads many lines at once, and gives nothing where one is no object.
    """
    lines = as_utf8(data).splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    found, strays, first, start = False, 0, 0, 0
    while several and start < len(lines):
        together = lines[start : start + _TOGETHER]
        values = several(b"\n".join(together))
        if len(values) != len(together) or not all(together):
            break
        yield from values
        found, start = True, start + len(together)
    for number, line in enumerate(lines[start:], start + 1):
        try:
            if line.startswith(b"{"):
                yield loads(line)
                found = True
                continue
        except orjson.JSONDecodeError:
            pass
        line = line.strip(b" \t\x00\x1e")  # RFC 7464 puts 1E before each document
        value = _record(line) if line[:1] == b"{" else None
        if value is not None:
            found = True
            yield mended(value)
        elif line:
            if number == len(lines) and line[:1] == b"{":
                raise ReportError(f"The file breaks off within line {number}.")
            strays, first = strays + 1, first or number
            if other:
                other(line)
    if not found:
        raise ReportError("The file holds no JSON object on a line of its own.")
    if strays:
        warnings.append(f"{strays} lines are no JSON objects, the first is line {first}; they were passed over.")


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(line.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


@lru_cache(maxsize=2)
def outline(head: bytes) -> frozenset[str]:
    """Where keys stand in the beginning of a JSON file, such as ``results.tests[].status``.

    For sniffers: the file may end anywhere and its keys may come in any order. Empty for what is no JSON.
    """
    head = as_utf8(head)
    if not _BEGINNING.match(head):
        return frozenset()
    found: set[str] = set()
    path: list[str] = []  # where the brackets that are open stand
    key = ""
    for token in _TOKEN.finditer(head):
        text, colon = token.groups()
        if text is not None:
            if colon and path and len(path) <= DEPTH:
                key = f"{path[-1]}.{text.decode('utf-8', 'replace')}".lstrip(".")
                found.add(key)
            continue
        bracket = token[0]
        if bracket in (b"{", b"["):
            if len(path) < DEPTH:
                path.append((key if path else "") + ("[]" if bracket == b"[" else ""))
            else:
                path.append("")
            key = path[-1]
        else:
            path.pop()
            if not path:
                break
            key = path[-1]
    return frozenset(found)


@lru_cache(maxsize=2)
def first_records(head: bytes) -> tuple[dict[str, Any], ...]:
    """The objects on the whole lines of a file's beginning, for sniffers; the last line may be cut.

    Empty where less than half of the lines are objects: that is some tool's output and no report.
    """
    lines = [line for line in as_utf8(head).splitlines()[:200] if line.strip()]
    found = [
        value for line in lines if line.lstrip(b" \t\x1e")[:1] == b"{" and (value := _record(line)) is not None
    ]
    return tuple(found) if len(found) * 2 >= len(lines) - 1 else ()


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list; empty for anything else."""
    if not value or not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]


def mapping(value: object) -> dict[str, Any]:
    """The value, if it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """The value as a text; empty for null, lists and objects."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def whole(value: object) -> int | None:
    """The value, if it is a whole number that is not negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def duration(value: object, unit: float = 1.0) -> float | None:
    """Seconds out of a number of ``unit`` seconds each; None for what is no duration."""
    if not isinstance(value, (int, float)) or value is True or value is False:
        return None
    try:
        found = value * unit
    except OverflowError:
        return None
    return found if 0 <= found <= MAX_SECONDS else None
