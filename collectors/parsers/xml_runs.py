"""Elements that are written the same way each time, taken out of an XML text by the thousand instead of one by one.

A test report is thousands of elements of one shape among a few that are none. A format gives the shape as a regular
expression made of ``VALUE``, ``TEXT`` and ``S``; the text is split at it, and what is left, with
``<clerestory-run/>`` for each unbroken run, is a small document for the XML parser: it says whether all of it is
well-formed, what each run belongs to, and everything about the elements of another shape. What was taken out is
well-formed wherever an element may stand; a run inside a comment or a CDATA section is no element afterwards and is
missed in the count, and the file is read the long way (``junit_runs`` says more of the idea, and learns its shape).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from itertools import pairwise
from typing import NamedTuple

from lxml import etree

from collectors.parsers import safe_xml

MARK = "clerestory-run"
FEW = 20
"""So few elements are read as fast the long way."""

_REFERENCE = r"&(?:amp|lt|gt|quot|apos|#(?:9|10|13|39|x0?[9AaDd]|x(?:00)?(?:[2-6][0-9A-Fa-f]|7[0-9A-Ea-e])));"
_PLAIN = r'[^"<&\x00-\x1f]*'
_WORDS = r"[^<&\x00-\x08\x0b\x0c\x0e-\x1f]*"
_INSIDE = r"[^\]\x00-\x08\x0b\x0c\x0e-\x1f]*"
_SECTION = rf"<!\[CDATA\[{_INSIDE}(?:\](?!\]>){_INSIDE})*\]\]>"

S = r"[ \t\r\n]*"
"""Blanks between elements."""
VALUE = rf'"({_PLAIN}(?:{_REFERENCE}{_PLAIN})*)"'
"""An attribute's value with its quotes; the value is a group."""
ANY = rf'"{_PLAIN}(?:{_REFERENCE}{_PLAIN})*"'
"""The same without a group, for what is not read."""
TEXT = rf"({_WORDS}(?:(?:{_REFERENCE}|{_SECTION}){_WORDS})*)"
"""An element's text, with CDATA or without; a group."""
ANY_TEXT = TEXT.replace("(", "(?:", 1)

Row = tuple[str, ...]
"""What the groups of a shape hold in one element, as an XML parser hands it out; empty for what is not there."""


class Run(NamedTuple):
    """Elements of the usual shape that follow each other, and the element around them."""

    parent: etree._Element | None
    rows: list[Row]


class Taken(NamedTuple):
    """What is left of a text, and the rows of each run that was taken out."""

    left: bytes
    runs: list[list[Row]]

    def stream(self, source: safe_xml.Stream) -> Iterator[etree._Element | Run]:
        """The elements of a stream of what is left, with the runs in their places.

        Raises NotWellFormedError where a run is missing: it was in a comment.
        """
        runs = iter(self.runs)
        for element in source:
            if element.tag.rpartition("}")[2] == MARK:
                yield Run(element.getparent(), next(runs))
            else:
                yield element
        if next(runs, None) is not None:
            raise safe_xml.NotWellFormedError("A run of elements is missing.")


def taken_out(data: bytes, shape: re.Pattern[str]) -> Taken | None:
    """The elements of a shape and what is left, or None for a text that is better read the long way."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if "\ufffe" in text or "\uffff" in text or text.count("]]>") != text.count("<![CDATA["):
        return None
    pieces = shape.split(text)
    width = shape.groups + 1
    between = pieces[::width]
    bounds = [at for at, piece in enumerate(between) if piece]
    if len(between) <= FEW or bounds[0] or bounds[-1] != len(between) - 1:
        return None
    left = f"<{MARK}/>".join([between[at] for at in bounds])
    if "<!DOCTYPE" in left or left.count(MARK) != len(bounds) - 1:
        return None
    rows = list(zip(*(_told(pieces[at::width]) for at in range(1, width)), strict=True))
    return Taken(left.encode(), [rows[at:end] for at, end in pairwise(bounds)])


def _told(column: Iterable[str | None]) -> list[str]:
    """A group's texts as an XML parser hands them out."""
    told = [value or "" for value in column]
    whole = "\n".join(told)
    if "&" in whole or "\r" in whole or "<" in whole:
        return [_plain(value) if "&" in value or "\r" in value or "<" in value else value for value in told]
    return told


def _plain(value: str) -> str:
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in value:
        return _unescaped(value)
    first, *sections = value.split("<![CDATA[")
    told = [_unescaped(first)]
    for section in sections:
        inside, _, behind = section.partition("]]>")
        told += inside, _unescaped(behind)
    return "".join(told)


def _unescaped(value: str) -> str:
    """``html.unescape`` of the references that a shape allows, most of which need no search."""
    if "&" not in value:
        return value
    if "&#" in value:
        return unescape(value)
    value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'")
    return value.replace("&amp;", "&")
