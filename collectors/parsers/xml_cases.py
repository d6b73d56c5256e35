"""What the readers of XML test reports share: the documents of a file, the texts in an element, durations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from lxml import etree

from collectors.parsers import safe_xml, xml_runs
from collectors.parsers.results import ReportError
from collectors.parsers.text import MAX_SECONDS, bounded_message, seconds

_CLOCK = re.compile(r"(?:(\d{1,6})\.)?(\d{1,6}):(\d{1,2}):(\d{1,2}(?:[.,]\d{1,12})?)")


T = TypeVar("T")


def streamed(
    data: bytes,
    names: tuple[str, ...],
    take: Callable[[Iterable[Any]], T],
    warnings: list[str],
    roots: tuple[str, ...],
    shape: re.Pattern[str] | None = None,
) -> tuple[T, list[etree._Element]]:
    """What ``take`` makes of the elements of these names, and the documents around them.

    Elements of the usual shape, if one is given, come as ``Run``, many at a time (``xml_runs``). ``take`` is called
    again for a mended text. Raises ReportError for what is no XML and for other roots.
    """
    if shape and (found := _by_runs(data, names, take, shape)):
        return found[0], documents(found[1], False, roots, warnings)

    def attempt(text: bytes) -> tuple[T, etree._Element]:
        stream = safe_xml.Stream(text, *names)
        return take(stream), stream.root

    (taken, root), wrapped = safe_xml.mended(data, attempt, warnings)
    return taken, documents(root, wrapped, roots, warnings)


def _by_runs(
    data: bytes, names: tuple[str, ...], take: Callable[[Iterable[Any]], T], shape: re.Pattern[str]
) -> tuple[T, etree._Element] | None:
    """What ``take`` makes of elements and runs, and the root; None for a text that must be read the long way."""
    taken = xml_runs.taken_out(safe_xml.prepared(data), shape)
    if not taken:
        return None
    try:
        stream = safe_xml.Stream(taken.left, *names, xml_runs.MARK)
        return take(taken.stream(stream)), stream.root
    except (safe_xml.NotWellFormedError, ReportError):
        return None  # the sentence must be about the whole file


def documents(
    root: etree._Element | None, wrapped: bool, roots: tuple[str, ...], warnings: list[str]
) -> list[etree._Element]:
    """The root elements of a file. Raises ReportError where there is none, or one of another name."""
    found = [] if root is None else list(root) if wrapped else [root]
    if not found:
        raise ReportError("The file holds no XML element.")
    for document in found:
        if local(document) not in roots:
            name = bounded_message(local(document))
            raise ReportError(f"The file holds a <{name}> element where <{roots[0]}> was expected.")
    if len(found) > 1:
        warnings.append(f"The file holds {len(found)} XML documents one after the other; all were read.")
    return found


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first child of this name, and of that the first of the next name, and so on.

    Neither ``iterchildren`` nor ``len``: both look at all children, which is long in a suite of many cases.
    """
    for name in path:
        if element is None:
            return None
        for found in element:
            tag = found.tag
            if tag == name or tag.rpartition("}")[2] == name:
                element = found
                break
        else:
            return None
    return element


def children(element: etree._Element, *path: str) -> list[etree._Element]:
    """The children of the element that ``path`` leads to."""
    found = child(element, *path)
    return list(found) if found is not None else []


def text(element: etree._Element | None, *path: str) -> str:
    """The text of the element, or of the one that ``path`` leads to; empty where there is none."""
    found = child(element, *path) if path else element
    return (found.text or "").strip() if found is not None else ""


def texts(element: etree._Element) -> dict[str, str]:
    """The texts of the children by name; of several of one name the last."""
    return {local(found): (found.text or "").strip() for found in element}


V = TypeVar("V")


def inherited(
    known: dict[etree._Element | None, V], element: etree._Element | None, step: Callable[[V, etree._Element], V]
) -> V:
    """A value that an element makes of its parent's with ``step``; ``known`` holds what was found, and None's.

    A hundred thousand suites at depth 2,000 cost a step each and not two thousand.
    """
    chain = []
    while element not in known:
        assert element is not None  # known[None] is there
        chain.append(element)
        element = element.getparent()
    value = known[element]
    for element in reversed(chain):
        value = known[element] = step(value, element)
    return value


def total(elements: Iterable[etree._Element], *names: str) -> int | None:
    """The sum of these attributes over all elements, None unless each element has each of them as a number."""
    sum_ = 0
    for element in elements:
        for name in names:
            value = element.get(name)
            if value is None or not value.isdecimal() or len(value) > 12:
                return None
            sum_ += int(value)
    return sum_


def stand_alone(number: int, first: str) -> str:
    """A sentence about failures that belong to no test case."""
    what = "1 failure stands" if number == 1 else f"{number:,} failures stand"
    pronoun = "it is" if number == 1 else "they are"
    first = " ".join(bounded_message(first).split()) or "without a name"
    return f"{what} outside of any test case, the first in “{first}”; {pronoun} not counted."


def clock(duration: str | None) -> float | None:
    """Seconds out of [days.]hh:mm:ss[.fraction], or of a plain number of seconds."""
    found = _CLOCK.fullmatch(duration.strip()) if duration else None
    if not found:
        return seconds(duration)
    days, hours, minutes, rest = found.groups()
    value = int(days or 0) * 86_400 + int(hours) * 3_600 + int(minutes) * 60 + float(rest.replace(",", "."))
    return value if value <= MAX_SECONDS else None


def between(start: str | None, end: str | None, shape: str) -> float | None:
    """Seconds between two moments written in ``shape`` (of strptime), None where one of them is none."""
    try:
        passed = (datetime.strptime(end or "", shape) - datetime.strptime(start or "", shape)).total_seconds()
    except ValueError:
        return None
    return passed if 0 <= passed <= MAX_SECONDS else None
