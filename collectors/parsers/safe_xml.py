"""XML from strangers: read without entities, files or network, and read although tools get it wrong.

Four things that test tools really write and that XML forbids are mended, each with a warning: control characters
(terminal colours in a failure's text), a bare ``&``, bytes that are not in the declared encoding, and several
documents one after the other in one file. Anything else is an error that says where: a file that was cut short
is never half-read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

from lxml import etree

from collectors.parsers.results import ReportError
from collectors.parsers.text import as_utf8

_PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_DOCTYPE = re.compile(rb"""<!DOCTYPE\s(?:[^\[>"']|"[^"]*"|'[^']*')*(\[)?[^>]*>\s*""", re.DOTALL)
_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)((?:\s[^<]*?)?)/?>", re.DOTALL)
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>|<!DOCTYPE\s[^\[>]*>")
_ASCII_LIKE = re.compile(rb"utf-?8|us-ascii|ascii|iso-?8859-?\d+|latin-?1|windows-125\d", re.IGNORECASE)
_TERMINAL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_CHARACTER = re.compile(rb"&#(x[0-9A-Fa-f]{1,8}|[0-9]{1,10});")
_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,10}|#x[0-9A-Fa-f]{1,8});)")
_UNENCODABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_WRAP = (b"<clerestory-documents>", b"</clerestory-documents>")

EVIL = "declares XML entities, which no test tool does and which can be used to attack a reader; it was not read"


def root(head: bytes) -> tuple[str, bytes, bytes]:
    """Name of the first element (without prefix), its attributes and what follows it, from a file's first bytes.

    The name is empty where the bytes do not begin with XML.
    """
    head = as_utf8(head)
    start = _PROLOG.match(head).end()  # type: ignore[union-attr]
    doctype = _DOCTYPE.match(head, start)
    if doctype:
        start = _PROLOG.match(head, doctype.end()).end()  # type: ignore[union-attr]
    element = _ELEMENT.match(head, start)
    if not element:
        return "", b"", b""
    return element[1].decode(), element[2], head[element.end() :]


def strings(path: str) -> Callable[[etree._Element], list[str]]:
    """A compiled XPath to attributes or text, as plain strings: all of them out of one call into C."""
    return cast(Callable[[etree._Element], list[str]], etree.XPath(path, smart_strings=False))


def elements(path: str) -> Callable[[etree._Element], list[etree._Element]]:
    """A compiled XPath to elements."""
    return cast(Callable[[etree._Element], list[etree._Element]], etree.XPath(path))


def tree(data: bytes, warnings: list[str]) -> list[etree._Element]:
    """The root elements of all documents in the file. Raises ReportError with the place of the mistake."""
    data = _prepared(data)
    try:
        return [_parse(data)]
    except etree.XMLSyntaxError as error:
        first = error
    cleaned = clean(data)
    if cleaned != data:
        try:
            parsed = [_parse(cleaned)]
        except etree.XMLSyntaxError:
            pass
        else:
            warnings.append(f"The XML is not well-formed ({_sentence(first)}); it was read after mending that.")
            return parsed
    try:
        documents = list(_parse(_WRAP[0] + _DECLARATION.sub(b"", cleaned) + _WRAP[1]))
    except etree.XMLSyntaxError as error:
        raise ReportError(f"The XML breaks off or is broken: {_sentence(first)}.") from error
    if not documents:
        raise ReportError("The file holds no XML element.")
    if len(documents) > 1:
        warnings.append(f"The file holds {len(documents)} XML documents one after the other; all were read.")
    return documents


def _parse(data: bytes) -> etree._Element:
    """Parse one document; XMLSyntaxError where it is none.

    ``huge_tree`` switches libxml2's own guard against entity bombs off (the guard would also refuse a test's
    output of more than 10 MB), so a file's right to declare entities goes with it.
    """
    doctype = _DOCTYPE.match(data, _PROLOG.match(data).end())  # type: ignore[union-attr]
    if doctype and doctype[1] and b"<!ENTITY" in data:
        raise ReportError(f"The file {EVIL}.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=True,
        remove_comments=True, remove_pis=True, remove_blank_text=True, collect_ids=False,
    )  # fmt: skip
    return etree.fromstring(data, parser)


def _prepared(data: bytes) -> bytes:
    """The file in an encoding that libxml2 reads, without leading blanks."""
    utf8 = as_utf8(data)
    declared = _DECLARED.match(utf8[:1024])
    if declared and (utf8 is not data or not _ASCII_LIKE.fullmatch(declared[1])):
        try:
            if utf8 is data and not re.fullmatch(rb"utf-?(16|32).*", declared[1], re.IGNORECASE):
                utf8 = data.decode(declared[1].decode("ascii"), "replace").encode("utf-8", "replace")
        except (LookupError, UnicodeError, ValueError):
            pass
        utf8 = _DECLARATION.sub(b"", utf8, count=1)
    return utf8.lstrip()


def clean(data: bytes) -> bytes:
    """The bytes without what XML forbids, as UTF-8."""
    declared = _DECLARED.match(data[:1024])
    if not declared or declared[1].lower() in (b"utf-8", b"utf8"):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("utf-8", "replace")
        if not text.isascii():
            data = _UNENCODABLE.sub("\ufffd", text).encode("utf-8")
    data = _TERMINAL.sub(b"", data).translate(None, _CONTROLS)
    data = _CHARACTER.sub(_allowed_character, data)
    return _AMPERSAND.sub(b"&amp;", data)


def _allowed_character(reference: re.Match[bytes]) -> bytes:
    number = int(reference[1][1:], 16) if reference[1][:1] == b"x" else int(reference[1])
    forbidden = (
        (number < 32 and number not in (9, 10, 13))
        or 0xD800 <= number < 0xE000
        or number in (0xFFFE, 0xFFFF)
        or number > 0x10FFFF
    )
    return b"" if forbidden else reference[0]


def _sentence(error: etree.XMLSyntaxError) -> str:
    line, column = error.position
    text = " ".join((error.msg or "not XML").partition(", line ")[0].split()).rstrip(".")
    return f"{text} at line {line}, column {column}"
