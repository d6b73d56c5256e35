"""XML from strangers: read without entities, files or network, and read although tools get it wrong.

Four things that test tools really write and that XML forbids are mended, each with a warning: control characters
(terminal colours in a failure's text), a bare ``&``, bytes that are not in the declared encoding, and several
documents one after the other in one file. Anything else is an error that says where: a file that was cut short
is never half-read.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from typing import TypeVar
from xml.parsers import expat

from lxml import etree

from collectors.parsers.results import ReportError
from collectors.parsers.text import as_utf8

_PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_DOCTYPE = re.compile(rb"""<!DOCTYPE\s(?:[^\[>"']|"[^"]*"|'[^']*')*(\[)?[^>]*>\s*""", re.DOTALL)
_SUBSET_END = re.compile(rb"\]\s*>")
_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)((?:\s[^<]*?)?)/?>", re.DOTALL)
_PREFIX = re.compile(rb"<([\w.-]+:)")
_DECLARED = re.compile(rb"""\A\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
_BY_DEFAULT = {"iso-8859-1", "iso-8859-15", "latin-1", "latin1", "us-ascii", "ascii", "windows-1252"}
"""What tools declare without asking for the texts' encoding (CppUnit's XmlOutputter: ISO-8859-1)."""
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>|<!DOCTYPE\s[^\[>]*>")
_ESCAPE = re.compile(rb"&#(?:0*27|x0*1[bB]);")
_TERMINAL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_CHARACTER = re.compile(rb"&#(x[0-9A-Fa-f]{1,8}|[0-9]{1,10});")
_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,10}|#x[0-9A-Fa-f]{1,8});)")
_UNENCODABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CDATA = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_SECTION = re.compile(rb"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_NOISE = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.ASCII)
_PIECE = 1 << 20  # text takes up to four bytes a character, so it is mended piece by piece
_WRAP = (b"<clerestory-documents>", b"</clerestory-documents>")

EVIL = "declares XML entities, which no test tool does and which can be used to attack a reader; it was not read"


@lru_cache(maxsize=2)  # every sniffer of XML asks it of the same head
def root(head: bytes) -> tuple[str, bytes, bytes]:
    """Name of the first element (without prefix), its attributes and what follows it, from a file's first bytes.

    The name is empty where the bytes do not begin with XML.
    """
    head = as_utf8(head)
    start = _PROLOG.match(head).end()  # type: ignore[union-attr]
    doctype = _DOCTYPE.match(head, start)
    if doctype:
        inside = _SUBSET_END.search(head, doctype.end(1)) if doctype[1] else None  # DejaGnu brings its DTD along
        end = inside.end() if inside else doctype.end()
        start = _PROLOG.match(head, end).end()  # type: ignore[union-attr]
    element = _ELEMENT.match(head, start)
    if not element:
        return "", b"", b""
    return element[1].decode(), element[2], head[element.end() :]


class Stream:
    """The elements of these names as they end, each gone when the next one comes.

    What stands around them stays: their parents, with attributes, and everything else at ``root`` when the stream
    has ended. Raises NotWellFormedError where the text stops being XML; what came before must then be dropped.
    """

    def __init__(self, data: bytes, *names: str) -> None:
        _refuse_entities(data)
        self._source = etree.iterparse(
            BytesIO(data), events=("end",), tag=[f"{{*}}{name}" for name in names], resolve_entities=False,
            no_network=True, load_dtd=False, dtd_validation=False, huge_tree=True, remove_comments=True,
            remove_pis=True, remove_blank_text=True, collect_ids=False,
        )  # fmt: skip

    def __iter__(self) -> Iterator[etree._Element]:
        try:
            for _, element in self._source:
                yield element
                element.clear()
        except etree.XMLSyntaxError as error:
            line, column = error.position
            text = " ".join((error.msg or "not XML").partition(", line ")[0].split()).rstrip(".")
            raise NotWellFormedError(f"{text} at line {line}, column {column}") from error

    @property
    def root(self) -> etree._Element:
        return self._source.root


def flat(data: bytes, warnings: list[str], *names: bytes) -> bytes:
    """The file as UTF-8 text that is well-formed XML without comments, CDATA or instructions.

    For formats of hundreds of thousands of equal elements: in such a text ``<`` begins an element and nothing else,
    so that a regular expression may pick elements and attributes, in a tenth of the memory of a tree. The root's
    prefix is gone, and behind ``names`` stands no other blank than a space. Raises ReportError with the place.
    """
    checked, _ = mended(data, _checked, warnings)
    text, begin, noise = checked.data, checked.root, checked.noise
    if checked.sections:
        text = _CDATA.sub(lambda found: html.escape(found[1].decode()).encode(), text)
        noise = max(text.rfind(b"<!"), text.rfind(b"<?"))
    last = _NOISE.match(text, noise) if noise > begin else None  # mostly in the first lines
    text = _NOISE.sub(b"", text[begin : last.end()]) + text[last.end() :] if last else text[begin:]
    if prefix := _PREFIX.match(text):
        text = text.replace(b"<" + prefix[1], b"<").replace(b"</" + prefix[1], b"</")
    for blank in filter(text.__contains__, (b"\n", b"\r", b"\t")):
        for name in names:  # .NET can be told to give each attribute a line of its own
            text = text.replace(b"<" + name + blank, b"<" + name + b" ")
    return text


def tag(names: bytes) -> re.Pattern[bytes]:
    """A pattern for start tags in flat text; groups: the name, the attributes, "/" if empty."""
    # Unrolled, so that no two parts can take the same character. Possessive quantifiers would say it shorter, but
    # Python before 3.11.5 matches them wrongly inside a repeated group, and Debian 12 has 3.11.2.
    return re.compile(rb"<(" + names + rb")((?:\s[^>\"'/]*(?:(?:/(?!>)|\"[^\"]*\"|'[^']*')[^>\"'/]*)*)?)(/?)>")


def tags(text: bytes, pattern: re.Pattern[bytes], *beginnings: bytes) -> Iterator[re.Match[bytes]]:
    """The matches of a ``tag`` pattern in flat text, in order; every tag in it begins in one of these ways.

    A pattern looks at every ``<`` in the text; where these are few among many others, they are found four times as
    fast by their beginnings.
    """
    ahead = {beginning: text.find(beginning) for beginning in beginnings}
    while found := [(at, beginning) for beginning, at in ahead.items() if at >= 0]:
        at, beginning = min(found)
        if match := pattern.match(text, at):
            yield match
        ahead[beginning] = text.find(beginning, at + 1)


def attribute(name: bytes) -> re.Pattern[bytes]:
    """A pattern for one attribute's value in flat text."""
    return re.compile(rb"""\s""" + name + rb"""\s*=\s*["']([^"']*)["']""")


def attributes(text: bytes) -> dict[str, str]:
    """Names and values out of a start tag of flat text."""
    told = text.decode("utf-8", "replace")
    found = _ATTRIBUTE.findall(told)
    if "&" in told:
        return {name: html.unescape(double or single) for name, double, single in found}
    return {name: double or single for name, double, single in found}


T = TypeVar("T")


def mended(data: bytes, attempt: Callable[[bytes], T], warnings: list[str]) -> tuple[T, bool]:
    """What ``attempt`` makes of the file, mended if need be, and whether several documents were wrapped into one.

    ``attempt`` raises NotWellFormedError for a text that is no XML; it is called up to three times. Raises
    ReportError with the place of the mistake.
    """
    data = prepared(data)
    try:
        return attempt(data), False
    except NotWellFormedError as error:
        first = str(error)
    cleaned = clean(data)
    if cleaned != data:
        try:
            parsed = attempt(cleaned)
        except NotWellFormedError:
            pass
        else:
            warnings.append(f"The XML is not well-formed ({first}); it was read after mending that.")
            return parsed, False
    try:
        return attempt(_WRAP[0] + _DECLARATION.sub(b"", cleaned) + _WRAP[1]), True
    except NotWellFormedError as error:
        raise ReportError(f"The XML breaks off or is broken: {first}.") from error


class NotWellFormedError(Exception):
    """What the XML parser says and where."""


class _Checked:
    """Bytes that expat finds well-formed, with what it met on the way, without a call for each element."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root = 0
        """Where the root element begins."""
        self.noise = 0
        """Where the last comment or instruction begins."""
        self.sections = False
        """Whether there are CDATA sections."""
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._begin
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._meet
        parser.StartCdataSectionHandler = self._open
        parser.Parse(data, True)
        del self._parser

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self._parser.CurrentByteIndex
        self._parser.StartElementHandler = None

    def _meet(self, *text: str) -> None:
        self.noise = self._parser.CurrentByteIndex

    def _open(self) -> None:
        self.sections = True


def _checked(data: bytes) -> _Checked:
    _refuse_entities(data)
    try:
        return _Checked(data)
    except expat.ExpatError as error:
        text = expat.ErrorString(error.code)
        raise NotWellFormedError(f"{text} at line {error.lineno}, column {error.offset + 1}") from error


def _refuse_entities(data: bytes) -> None:
    """Refuse a document that declares entities.

    ``huge_tree`` switches libxml2's own guard against entity bombs off (the guard would also refuse a test's output
    of more than 10 MB), so a file's right to declare entities goes with it.
    """
    doctype = _DOCTYPE.match(data, _PROLOG.match(data).end())  # type: ignore[union-attr]
    if doctype and doctype[1] and b"<!ENTITY" in data:
        raise ReportError(f"The file {EVIL}.")


def prepared(data: bytes) -> bytes:
    """The file as UTF-8 as far as its declaration says what else it is, without leading blanks."""
    utf8 = as_utf8(data)
    declared = _DECLARED.match(utf8[:1024])
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        encoding = declared[1].decode("ascii", "replace")
        # UTF-16 and UTF-32 were told by their bytes.
        if utf8 is data and not re.match("utf-?(?:16|32)", encoding, re.IGNORECASE):
            try:
                utf8 = _as_declared(data, encoding)
            except (LookupError, UnicodeError, ValueError) as error:
                raise ReportError(f"The XML is in an encoding that is not known, “{encoding[:40]}”.") from error
        utf8 = _DECLARATION.sub(b"", utf8, count=1)
    return utf8.lstrip()


def _as_declared(data: bytes, encoding: str) -> bytes:
    """Text in the declared encoding as UTF-8.

    What is UTF-8 already stays so where each byte could be a character of the declared encoding, too: no Latin-1
    text has such sequences by chance.
    """
    if encoding.lower() in _BY_DEFAULT:
        with suppress(UnicodeDecodeError):
            data.decode("utf-8")
            return data
    return data.decode(encoding, "replace").encode("utf-8", "replace")


def clean(data: bytes) -> bytes:
    """UTF-8 without what XML forbids. In CDATA an ampersand is an ampersand, and stays as it is."""
    if not data.isascii():
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        pieces = []
        for at in range(0, len(data), _PIECE):
            text = decoder.decode(data[at : at + _PIECE], final=at + _PIECE >= len(data))
            pieces.append(_UNENCODABLE.sub("\ufffd", text).encode("utf-8"))
        data = b"".join(pieces)
    return b"".join(
        _without_controls(piece) if number % 2 else _with_whole_references(piece)
        for number, piece in enumerate(_SECTION.split(data))
    )


def _without_controls(text: bytes) -> bytes:
    return _TERMINAL.sub(b"", text).translate(None, _CONTROLS)


def _with_whole_references(markup: bytes) -> bytes:
    markup = _without_controls(_ESCAPE.sub(b"\x1b", markup))
    return _AMPERSAND.sub(b"&amp;", _CHARACTER.sub(_allowed_character, markup))


def _allowed_character(reference: re.Match[bytes]) -> bytes:
    number = int(reference[1][1:], 16) if reference[1][:1] == b"x" else int(reference[1])
    forbidden = (
        (number < 32 and number not in (9, 10, 13))
        or 0xD800 <= number < 0xE000
        or number in (0xFFFE, 0xFFFF)
        or number > 0x10FFFF
    )
    return b"" if forbidden else reference[0]
