"""Bytes to text, and numbers out of text: what every parser needs before it can look for its own format.

Reports come as UTF-8 nearly always, as UTF-16 where PowerShell redirected a tool's output, with a byte order mark
or without, and with characters that neither XML nor PostgreSQL takes.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Sequence

HEAD_BYTES = 65_536
"""What a sniffer sees of a file: enough for any prolog and first elements, little enough to unpack from each
member of a zip."""

NAME_LIMIT = 1_000
"""Characters kept of a test's or a file's name. Parametrised tests can carry a whole document in their name; a
name is shown in lists and is an identity, so a longer one keeps its beginning and a digest of the whole."""

MESSAGE_LIMIT = 2_000
DETAILS_LIMIT = 65_536
"""Characters kept of a failure's one-line message and of its traceback. The end of a traceback says what went
wrong and its beginning where, so the middle goes."""

MAX_SECONDS = 1e8
"""Three years. What is longer is a time stamp in the wrong place."""

_MARKS = (
    (codecs.BOM_UTF8, ""),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ANSI = re.compile(r"(?:\x1b|#x1B|␛)\[[0-9;?]*[A-Za-z]")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")


def as_utf8(data: bytes) -> bytes:
    """The same text as UTF-8 without a byte order mark; bytes that are no text come back as they are."""
    first = data[:4]
    if first.isascii() and 0 not in first:
        return data
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            if not encoding:
                return data[len(mark) :]
            return data.decode(encoding, "replace").encode("utf-8", "replace")
    if len(first) == 4 and first[0] and not first[1] and first[2] and not first[3]:
        return data.decode("utf-16-le", "replace").encode("utf-8", "replace")
    if len(first) == 4 and not first[0] and first[1] and not first[2] and first[3]:
        return data.decode("utf-16-be", "replace").encode("utf-8", "replace")
    return data


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep: NUL and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text


def bounded_name(name: str) -> str:
    """A name of at most ``NAME_LIMIT`` characters that is still different for different names."""
    if len(name) <= NAME_LIMIT:
        return name if name.isascii() and "\x00" not in name else storable(name)
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]
    return storable(f"{name[: NAME_LIMIT - 18]}… {digest}")


def bounded_names(names: Sequence[str]) -> Sequence[str]:
    """All of them bounded; one look at their whole text where they are as simple as nearly always."""
    whole = "".join(names)
    if max(map(len, names), default=0) <= NAME_LIMIT and storable(whole) is whole:
        return names
    return list(map(bounded_name, names))


def bounded_message(text: str) -> str:
    """The text in one line's length, without terminal colours."""
    text = _plain(text)
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


def bounded_details(text: str) -> str:
    """The text without terminal colours; of a very long one its beginning and its end."""
    text = _plain(text)
    if len(text) <= DETAILS_LIMIT:
        return text
    half = DETAILS_LIMIT // 2 - 50
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters left out …]\n{text[-half:]}"


def _plain(text: str) -> str:
    # A colour is a character of these, or "#x1B" in words; the search for all of them is long.
    if "[" in text and ("\x1b[" in text or "#x1B[" in text or "␛[" in text):
        text = _ANSI.sub("", text)
    return text.strip() if text.isascii() and "\x00" not in text else storable(text).strip()


def seconds(text: str | None) -> float | None:
    """A duration as tools write it, None for what is none: negative, NaN, absurdly long or not a number.

    Surefire writes thousands separators ("1,234.5"); a tool under a German locale writes "0,42".
    """
    if not text:
        return None
    try:  # GoogleTest writes "0.002s", and an exception for each test costs as much as all else
        value = float(text) if text[-1] != "s" else float(text[:-1])
    except ValueError:
        text = text.strip().removesuffix("s").strip()
        text = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            return None
    return value if 0 <= value <= MAX_SECONDS else None


def count(text: str | bytes | int | None) -> int | None:
    """A whole number out of an attribute, None for anything else."""
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None
