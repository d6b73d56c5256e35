"""What is inside a zip or a tar, told without unpacking it: members in order, each opened when it is asked for.

Nothing is written to disk and no member's name is ever used as a path: names are text. Links are not followed. How
many members there are is known before they are listed.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeVar, cast

from collectors.parsers.text import HEAD_BYTES

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
GZIP_MAGIC = b"\x1f\x8b\x08"

PACKAGES = re.compile(
    r"\.(?:jar|war|ear|aar|apk|ipa|whl|egg|nupkg|vsix|xpi|crx|docx|xlsx|pptx|od[tsp]|epub|kra|gem|crate|deb)$"
    r"|-v?\d+\.\d+\.\d+[^/]*\.(?:zip|tar|tar\.gz|tgz)$",
    re.IGNORECASE,
)
"""Archives that are software (releases of it, too) or documents. What they carry was not written by this run, even
if it is a report."""

DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    OverflowError, IndexError, NotImplementedError,
)  # fmt: skip
"""What is raised for an archive that is none, is cut short, damaged or packed by a method that Python lacks."""

_END, _END_64, _LOCATOR_64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), 20
_NAME_BYTES = 1_200
"""What a member takes in a zip's directory at most; its name is bounded elsewhere."""
_INFLATED = 2 * 1024 * 1024 * 1024
"""Bytes of a .tar.gz that are unpacked to walk through it, reports and others together."""


T = TypeVar("T")


class UnfitError(Exception):
    """Why an archive is not looked into at all, one sentence."""


@dataclass(frozen=True, slots=True)
class Member:
    """``open`` raises RuntimeError for a member with a password, and what ``DAMAGE`` lists."""

    name: str
    size: int
    packed: int
    open: Callable[[], BinaryIO]
    raw_head: Callable[[], bytes] = bytes
    """Its first bytes, whatever its checksum says."""
    regular: bool = True
    """False for links and devices, which are passed over."""
    rewinds: bool = False


def kind_of(head: bytes) -> str:
    """ "zip", "tar", "tar.gz", "gz" or nothing, by a file's first bytes."""
    if head.startswith(ZIP_MAGIC):
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    if head.startswith(GZIP_MAGIC):
        return "tar.gz" if inflated_head(head, 512)[257:262] == b"ustar" else "gz"
    return ""


def inflated_head(head: bytes, size: int = HEAD_BYTES) -> bytes:
    """The first bytes of what is gzipped; fewer or none where it is damaged."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, size)
    except zlib.error:
        return b""


def inflating(stream: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))


def members(stream: BinaryIO, kind: str, most: int) -> Iterator[tuple[int, Member]]:
    """Members with their places in the archive, a zip's by name, a tar's as they come; at most ``most`` of them.

    Raises UnfitError for an archive that is refused as a whole, and what ``DAMAGE`` lists.
    """
    return _zip_members(stream, most) if kind == "zip" else _tar_members(stream, kind, most)


def _zip_members(stream: BinaryIO, most: int) -> Iterator[tuple[int, Member]]:
    _refuse_too_many(_announced(stream, most), most, "zip")
    with zipfile.ZipFile(stream) as archive:
        entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
        _refuse_too_many(len(entries), most, "zip")
        if entries and all(entry.flag_bits & 1 for entry in entries.values()):
            raise UnfitError("The zip is encrypted with a password; upload it without one.")
        for place, name in enumerate(sorted(entries)):
            yield place, _zip_member(archive, entries[name])


def _zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Member:
    mode = entry.external_attr >> 16
    return Member(
        entry.filename,
        entry.file_size,
        max(entry.compress_size, 1),
        lambda: cast(BinaryIO, archive.open(entry)),
        lambda: _damaged_head(archive, entry),
        regular=not stat.S_IFMT(mode) or stat.S_ISREG(mode),
        rewinds=True,
    )


def _announced(stream: BinaryIO, most: int) -> int:
    """How many members a zip's directory may list, before a million of them are made to objects."""
    size = stream.seek(0, os.SEEK_END)
    start = max(0, size - 65_535 - _END.size - _END_64.size - _LOCATOR_64)
    stream.seek(start)
    tail = stream.read()
    at = len(tail) - _END.size
    if tail[at : at + 4] != b"PK\x05\x06" or tail[-2:] != b"\x00\x00":
        at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + _END.size:
        return 0  # no zip, which zipfile will say
    _, _, _, _, count, length, _, _ = _END.unpack_from(tail, at)
    wide = at - _LOCATOR_64 - _END_64.size
    if wide >= 0 and tail[wide : wide + 4] == b"PK\x06\x06":
        count, length, at = *_END_64.unpack_from(tail, wide)[7:9], wide
    if count > most:
        return count
    if length > most * _NAME_BYTES:
        raise UnfitError("The zip's list of members is larger than any report's; upload the reports alone.")
    stream.seek(max(0, start + at - length))
    return stream.read(length).count(b"PK\x01\x02")


def _damaged_head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The first bytes of a member as they are: zipfile gives none where the checksum is wrong, and what it was
    must be known all the same."""
    file = archive.fp
    if file is None or entry.flag_bits & 1:
        return b""
    try:
        file.seek(entry.header_offset + 26)  # the local header's lengths of name and extra field
        name, extra = struct.unpack("<HH", file.read(4))
        file.seek(name + extra, os.SEEK_CUR)
        packed = file.read(min(entry.compress_size, HEAD_BYTES))
        if entry.compress_type == zipfile.ZIP_DEFLATED:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, HEAD_BYTES)
    except (OSError, ValueError, struct.error, zlib.error):
        return b""
    return packed if entry.compress_type == zipfile.ZIP_STORED else b""


def _tar_members(stream: BinaryIO, kind: str, most: int) -> Iterator[tuple[int, Member]]:
    whole = cast(BinaryIO, _Bounded(inflating(stream))) if kind == "tar.gz" else stream
    with tarfile.open(fileobj=whole, mode="r:", errorlevel=0) as archive:
        place = 0
        while entry := archive.next():
            archive.members = []  # type: ignore[attr-defined]  # it would keep them all
            place += 1
            _refuse_too_many(place, most, "tar")
            if not entry.isdir():
                yield place, _tar_member(archive, entry)


def _tar_member(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Member:
    def opened() -> BinaryIO:
        return cast(BinaryIO, archive.extractfile(entry) or io.BytesIO())

    return Member(entry.name, entry.size, entry.size, opened, regular=entry.isreg())


def _refuse_too_many(count: int, most: int, what: str) -> None:
    if count > most:
        number = f"{count:,} members, more" if what == "zip" else "more members"
        raise UnfitError(
            f"The {what} has {number} than the {most:,} that are read; "
            "upload the reports without the files around them."
        )


class _Bounded(io.RawIOBase):
    """A stream that is walked through once and ends, with a word, where nobody would have packed so much."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._checked(self._stream.read(size))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._checked(self._stream.seek(offset, whence))

    def tell(self) -> int:
        return self._stream.tell()

    def _checked(self, given: T) -> T:
        if self._stream.tell() > _INFLATED:
            raise UnfitError("The tar unpacks to more than 2 GB; upload the reports without the files around them.")
        return given
