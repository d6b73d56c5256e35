"""Many values as one parameter of a statement: PostgreSQL's own notation of arrays.

The driver takes each element of a list apart for its type, at ten times the cost. Whatever stands in an element,
the driver quotes the parameter as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

BYTES = r'"\\x%s"'


def numbers(values: Iterable[int | None]) -> str:
    return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"


def flags(values: Iterable[bool]) -> str:
    return f"{{{','.join(['t' if value else 'f' for value in values])}}}"


def texts(values: Iterable[str]) -> str:
    return f"{{{','.join([_quoted(value) for value in values])}}}"


def _quoted(text: str) -> str:
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def digests(values: Iterable[bytes]) -> str:
    return f"{{{','.join([BYTES % value.hex() for value in values])}}}"


def moments(values: Iterable[datetime | None]) -> str:
    """Few are distinct, as a rule."""
    found = list(values)
    told = {at: "NULL" if at is None else f'"{at.isoformat()}"' for at in set(found)}
    return f"{{{','.join([told[at] for at in found])}}}"
