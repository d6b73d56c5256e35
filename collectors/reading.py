"""From an artifact's bytes to the reports in it, within bounds.

    zip or single file ── members in path order ── sniff ── parse ──▶ Reading

A member that looks like no report is passed over; one that looks like a report and cannot be read gets a sentence;
its neighbours are read all the same. Nothing is written to disk, and no member's name is ever used as a path.
"""

from __future__ import annotations

import logging
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from collectors.parsers import FORMATS
from collectors.parsers.results import CoverageReport, Format, Reading, ReadReport, ReportError, TestReport
from collectors.parsers.text import HEAD_BYTES, as_utf8, storable

logger = logging.getLogger(__name__)

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

PACKAGES = re.compile(
    r"\.(?:jar|war|ear|aar|apk|ipa|whl|egg|nupkg|vsix|xpi|crx|docx|xlsx|pptx|od[tsp]|epub|kra)$", re.I
)
"""Zips that are software or documents. What they carry was not written by this run, even if it is a report."""

USUAL_NAMES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"(?:^|/)(?:lcov\.info|[^/]*\.lcov)$", re.I), "lcov", "coverage"),
    (re.compile(r"(?:^|/)jacoco[^/]*\.xml$", re.I), "jacoco", "coverage"),
    (re.compile(r"(?:^|/)(?:coverage|cobertura)[^/]*\.xml$", re.I), "cobertura", "coverage"),
    (re.compile(r"(?:^|/)coverage[^/]*\.json$", re.I), "coverage-json", "coverage"),
    (re.compile(r"(?:^|/)\.coverage(?:\.[^/]*)?$", re.I), "coverage-data", "coverage"),
    (
        re.compile(r"(?:^|/)(?:[^/]*junit[^/]*|TESTS?-[^/]*|x?unit|test-?results?|pytest|report)\.xml$", re.I),
        "junit",
        "tests",
    ),
)
"""What tools call their reports. Formats are told by content; names serve only where there is no content to tell
by: an empty or unreadable member of such a name is a report that went missing, and somebody must hear of it."""

_NO_CONTENT = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?")


DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, OverflowError,
    NotImplementedError,
)  # fmt: skip
"""What zipfile raises for a zip that is none, is cut short, damaged or packed by a method that Python lacks."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one artifact may cost. Each has a sentence that a user reads when it is met."""

    unpacked_bytes: int = 256 * 1024 * 1024
    """All reports of an artifact together; the largest real ones seen are a tenth of it."""
    member_bytes: int = 128 * 1024 * 1024
    """One report. A tree of XML takes several times its text, and a parsing process has 512 MB."""
    members: int = 20_000
    """Entries of a zip; allure and Maven write a few thousand small files."""
    ratio: int = 400
    """Unpacked to packed size, looked at above ``ratio_from_bytes``: reports reach 50, a bomb 1,000 and more."""
    ratio_from_bytes: int = 32 * 1024 * 1024
    name_characters: int = 1_024
    """A member's name; longer ones are passed over."""


@dataclass(slots=True)
class _Budget:
    limits: Limits
    left: int


def read_artifact(data: bytes, name: str, limits: Limits = Limits()) -> Reading:
    """Read every report in an artifact, a zip or a single report file called ``name``.

    Never raises for anything that the bytes hold: ``Reading.error`` says why an artifact as a whole was rejected,
    ``ReadReport.error`` why one report was.
    """
    reading = Reading()
    budget = _Budget(limits, limits.unpacked_bytes)
    if data.startswith(ZIP_MAGIC):
        _read_zip(data, "", reading, budget)
    else:
        _read_member(None, name, data, reading, budget)
    reading.reports.sort(key=lambda report: report.member or "")
    return reading


def _read_zip(data: bytes, prefix: str, reading: Reading, budget: _Budget) -> None:
    """Read a zip's members; ``prefix`` is ``outer.zip!`` for a zip within a zip."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
            if error := _unfit(entries, budget.limits):
                if prefix:
                    reading.warnings.append(f"{prefix.removesuffix('!')}: {error}")
                else:
                    reading.error = error
                return
            for name in sorted(entries):
                _read_entry(archive, entries[name], prefix, reading, budget)
    except DAMAGE as error:
        sentence = (
            f"The zip cannot be opened ({str(error).rstrip('.')}): it is cut short or damaged; upload it again."
        )
        if prefix:
            reading.warnings.append(f"{prefix.removesuffix('!')}: {sentence}")
        else:
            reading.error = sentence


def _unfit(entries: dict[str, zipfile.ZipInfo], limits: Limits) -> str:
    """Why a zip is not looked into at all, or nothing."""
    if len(entries) > limits.members:
        return (
            f"The zip has {len(entries):,} members, more than the {limits.members:,} that are read; "
            "upload the reports without the files around them."
        )
    if entries and all(entry.flag_bits & 1 for entry in entries.values()):
        return "The zip is encrypted with a password; upload it without one."
    return ""


def _read_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, prefix: str, reading: Reading, budget: _Budget
) -> None:
    """Unpack one member as far as needed to know what it is, and the rest if it is a report or a zip."""
    limits = budget.limits
    name = entry.filename
    member = storable(f"{prefix}{name}")
    if len(name) > limits.name_characters:
        reading.passed_over.append(member[: limits.name_characters] + "…")
        return
    head = b""
    try:
        with archive.open(entry) as stream:
            head = stream.read(HEAD_BYTES)
            nested = head.startswith(ZIP_MAGIC) and not prefix and not PACKAGES.search(name)
            found = None if nested else sniffed(head)
            if not nested and found is None and not _NO_CONTENT.fullmatch(as_utf8(head)):
                reading.passed_over.append(member)
                return
            error = _too_much(entry, limits, budget)
            data = b"" if error else head + stream.read(entry.file_size)
    except RuntimeError:  # what zipfile raises for a password
        error = f"{member} is encrypted with a password; upload it without one."
        found, nested, data = sniffed(head), False, b""
    except DAMAGE as trouble:
        error = f"{member} is damaged inside the zip ({str(trouble).rstrip('.')}); upload it again."
        found, nested, data = sniffed(head or _damaged_head(archive, entry)), False, b""
    if error:
        _reject(member, name, entry.file_size, found, error, reading)
    elif nested:
        budget.left -= len(data)
        _read_zip(data, f"{member}!", reading, budget)
    else:
        _read_member(member, name, data, reading, budget)


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


def _too_much(entry: zipfile.ZipInfo, limits: Limits, budget: _Budget) -> str:
    """Why a member is not unpacked, or nothing."""
    size = entry.file_size
    name = storable(entry.filename)
    if size > limits.member_bytes:
        return (
            f"{name} is {_megabytes(size)} unpacked, more than the {_megabytes(limits.member_bytes)} that are read."
        )
    if size > limits.ratio_from_bytes and size > limits.ratio * max(entry.compress_size, 1):
        return f"{name} unpacks to more than {limits.ratio} times its size, as no report does; it was not read."
    if size > budget.left:
        return (
            f"{name} was not read: the artifact's reports together are larger than the "
            f"{_megabytes(limits.unpacked_bytes)} that are read."
        )
    return ""


def _read_member(member: str | None, name: str, data: bytes, reading: Reading, budget: _Budget) -> None:
    """Sniff and parse one file."""
    found = sniffed(data[:HEAD_BYTES])
    shown = storable(name)
    if found is None:
        usual = _usual(name)
        if usual and _NO_CONTENT.fullmatch(as_utf8(data[:HEAD_BYTES])) and len(data) <= HEAD_BYTES:
            error = f"{shown} is empty: the run ended before its report was written; look at the job's log."
            reading.reports.append(ReadReport(member, *usual, len(data), error=error))
        else:
            reading.passed_over.append(member or shown)
        return
    if len(data) > budget.limits.member_bytes:
        allowed = _megabytes(budget.limits.member_bytes)
        error = f"{shown} is {_megabytes(len(data))}, more than the {allowed} that are read."
        _reject(member, name, len(data), found, error, reading)
        return
    budget.left -= len(data)
    reading.reports.append(_parsed(member, found, data))


def sniffed(head: bytes) -> Format | None:
    """The format that a file's first bytes show, or None."""
    for candidate in FORMATS:
        if candidate.sniff(head):
            return candidate
    return None


def _parsed(member: str | None, found: Format, data: bytes) -> ReadReport:
    report = ReadReport(member, found.name, found.kind, len(data))
    try:
        result = found.parse(data)
    except ReportError as error:
        report.error = str(error)
    except (MemoryError, RecursionError):
        report.error = "The report is nested too deeply or too large to be read; split it."
    except Exception as error:  # a parser's own mistake must not cost the reports beside this one
        logger.exception("parser %s failed on %s", found.name, member)
        report.error = f"The {found.name} reader stumbled ({type(error).__name__}); please send us this file."
    else:
        report.warnings = result.warnings
        if isinstance(result, TestReport):
            report.tests = result
        elif isinstance(result, CoverageReport):
            report.coverage = result
    return report


def _reject(member: str | None, name: str, size: int, found: Format | None, error: str, reading: Reading) -> None:
    """Record a member that was not read: as a failed report if it is one as far as can be seen."""
    error = str(ReportError(error))  # one line, whatever the member's name holds
    usual = (found.name, found.kind) if found else _usual(name)
    if usual:
        reading.reports.append(ReadReport(member, *usual, size, error=error))
    else:
        reading.passed_over.append(member or storable(name))
        reading.warnings.append(error)


def _usual(name: str) -> tuple[str, str] | None:
    path = name.replace("\\", "/")
    return next((told for pattern, *told in USUAL_NAMES if pattern.search(path)), None)  # type: ignore[return-value]


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:,.0f} MB"


def inspect_paths(paths: Iterable[Path], limits: Limits = Limits()) -> Iterator[tuple[Path, Reading]]:
    """Read files, zips and folders as ingest would, in path order; a folder stands for every file below it.

    Raises FileNotFoundError for a path that does not exist. A file that may not be opened gets ``Reading.error``.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist.")
    for file in sorted({file for path in paths for file in _files_below(path)}):
        yield file, _read_path(file, limits)


def _files_below(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name not in (".git", "node_modules", ".venv")]
        yield from (Path(folder, name) for name in names)


def _read_path(file: Path, limits: Limits) -> Reading:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return Reading(passed_over=[str(file)])
        size = file.stat().st_size
        with file.open("rb") as stream:
            if size <= max(limits.member_bytes, limits.unpacked_bytes):
                return read_artifact(stream.read(), file.name, limits)
            found = sniffed(stream.read(HEAD_BYTES))
    except OSError as trouble:
        return Reading(error=f"{file} cannot be opened ({trouble.strerror}).")
    reading = Reading()
    error = f"{file.name} is {_megabytes(size)}, more than the {_megabytes(limits.member_bytes)} that are read."
    _reject(None, file.name, size, found, error, reading)
    return reading
