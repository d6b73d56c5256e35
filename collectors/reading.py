"""From an artifact's bytes to the reports in it, within bounds.

    zip, tar or single file ── members in order ── sniff ── parse ──▶ events ──▶ Reading

A member that looks like no report is passed over; one that looks like a report and cannot be read gets a sentence;
its neighbours are read all the same. Pure functions over a stranger's bytes: ``collectors.sandbox`` runs them in a
process that can do nothing else, and goes on where one of them came to its end.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from collectors.containers import DAMAGE, PACKAGES, Member, UnfitError, inflated_head, inflating, kind_of, members
from collectors.one_file import PassedOver, empty, parsed, sniffed, unlike_any
from collectors.parsers.results import Format, Reading, ReadReport, ReportError
from collectors.parsers.text import HEAD_BYTES, storable
from collectors.usual_names import usual_report

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one artifact may hold. Each has a sentence that a user reads when it is met."""

    unpacked_bytes: int = 256 * 1024 * 1024
    """All reports of an artifact together; the largest real ones seen are a tenth of it."""
    member_bytes: int = 128 * 1024 * 1024
    """One report. Reading takes several times its text, and a reader has 512 MB."""
    members: int = 100_000
    """Entries of an archive; allure and Maven write a few thousand small files, whole sites tens of thousands."""
    ratio: int = 400
    """Unpacked to packed size, looked at above ``ratio_from_bytes``: reports reach 50, a bomb 1,000 and more."""
    ratio_from_bytes: int = 32 * 1024 * 1024
    name_characters: int = 1_024
    """A member's name; longer ones are passed over."""


class Start(NamedTuple):
    """Where to begin in an artifact that was read in part: at a member, with ``left`` of ``unpacked_bytes``."""

    place: tuple[int, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A member is going to be looked into: its place in the archive, and in the archive within."""

    place: tuple[int, ...]
    member: str
    left: int


@dataclass(frozen=True, slots=True)
class Warned:
    sentence: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The artifact as a whole."""

    sentence: str


Event = Opened | PassedOver | Warned | Refused | ReadReport


def read_artifact(source: bytes | BinaryIO, name: str, limits: Limits = Limits()) -> Reading:
    """Read every report in an artifact, an archive or a single report file called ``name``.

    Never raises for anything that the bytes hold: ``Reading.error`` says why an artifact as a whole was rejected,
    ``ReadReport.error`` why one report was. ``source`` must be seekable.
    """
    reading = Reading()
    for event in events(io.BytesIO(source) if isinstance(source, bytes) else source, name, limits):
        match event:
            case ReadReport():
                reading.reports.append(event)
            case PassedOver():
                reading.passed_over.append(event.name)
            case Warned():
                reading.warnings.append(event.sentence)
            case Refused():
                reading.error = event.sentence
    reading.reports.sort(key=lambda report: report.member or "")
    return reading


def events(stream: BinaryIO, name: str, limits: Limits, start: Start | None = None) -> Iterator[Event]:
    """What reading comes upon, in the archive's order; from ``start`` on only."""
    reader = _Reader(limits, start)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    kind = kind_of(head)
    if kind in ("", "gz"):
        yield from reader.file(stream, None, name, stream.seek(0, os.SEEK_END), kind)
    else:
        yield from reader.archive(stream, kind, ())


class _Reader:
    """One walk through an artifact: what is left of its bounds, which names were taken, where to begin."""

    def __init__(self, limits: Limits, start: Start | None) -> None:
        self.limits = limits
        self.start = start.place if start else ()
        self.left = start.left if start else limits.unpacked_bytes
        self.names: dict[str, int] = {}

    def archive(self, stream: BinaryIO, kind: str, outer: tuple[int, ...], prefix: str = "") -> Iterator[Event]:
        """Read an archive's members; ``prefix`` is ``outer.zip!`` for one within another."""
        error, opened = "", False
        try:
            for number, member in members(stream, kind, self.limits.members):
                place, name = (*outer, number), self._shown(prefix, member.name)
                if place < self.start[: len(place)]:
                    continue
                if len(member.name) > self.limits.name_characters or not member.regular:
                    yield PassedOver(name)
                    continue
                opened = True
                yield Opened(place, name, self.left)
                yield from self._entry(member, name, place)
        except UnfitError as unfit:
            error = str(unfit)
        except RecursionError:
            error = f"The {kind} is nested too deeply."
        except DAMAGE as damage:
            error = f"The {kind} cannot be opened ({_said(damage)}): it is cut short or damaged; upload it again."
        if error:
            within = f"{prefix.removesuffix('!')}: " if prefix else ""
            yield Warned(within + error) if prefix or opened else Refused(error)

    def _entry(self, member: Member, name: str, place: tuple[int, ...]) -> Iterator[Event]:
        """Unpack one member as far as needed to know what it is, and the rest if it is a report or an archive."""
        head, data, kind, nested, found, error = b"", b"", "", False, None, ""
        try:
            with member.open() as stream:
                head = stream.read(HEAD_BYTES)
                kind = kind_of(head)
                packed = kind == "gz"
                nested = kind not in ("", "gz") and len(place) == 1 and not PACKAGES.search(member.name)
                found = None if nested else sniffed(inflated_head(head) if packed else head)
                if (
                    not nested
                    and found is None
                    and not (member.size <= HEAD_BYTES and empty(inflated_head(head) if packed else head))
                ):
                    yield from self._unlike(member, name, head)
                    return
                error = self._too_much(member, name)
                if not error:
                    data = _rest(stream, head, member.size, member.rewinds)
        except RuntimeError:  # what zipfile raises for a password
            error = f"{name} is encrypted with a password; upload it without one."
        except DAMAGE as damage:
            error = f"{name} is damaged inside the archive ({_said(damage)}); upload it again."
            found = found or sniffed(head or member.raw_head())
        if error:
            yield from _rejected(name, name, member.size, found, error)
        elif nested:
            self.left -= len(data)
            yield from self.archive(io.BytesIO(data), kind, place, f"{name}!")
        else:
            yield from self.file(io.BytesIO(data), name, name, len(data), kind)

    def _unlike(self, member: Member, name: str, head: bytes) -> Iterator[Event]:
        """A member that looks like no report. One of a report's name that was made to harm is told of."""
        error = ""
        if usual_report(member.name):
            if b"<!ENTITY" in head:
                error = f"{name} declares XML entities, which no tool does; it was not read."
            elif member.size > self.limits.member_bytes:
                error = self._too_large(name, member.size)
        yield from _rejected(name, name, member.size, None, error) if error else [PassedOver(name)]

    def file(self, stream: BinaryIO, member: str | None, name: str, size: int, kind: str) -> Iterator[Event]:
        """Sniff and parse one file; a gzipped one is what it unpacks to."""
        most = min(self.limits.member_bytes, self.left)
        name = self._shown("", name) if member is None else name
        stream.seek(0)
        found, data, error = None, b"", ""
        try:
            packed = inflating(stream) if kind == "gz" else stream
            head = packed.read(HEAD_BYTES)
            found = sniffed(head)
            if found is None:
                yield unlike_any(member, name, head)
                return
            data = _rest(packed, head, most + 1)
            size = max(size, len(data))
        except DAMAGE as damage:
            error = f"{name} cannot be unpacked ({_said(damage)}): it is cut short or damaged; upload it again."
            found = found or sniffed(inflated_head(_start_of(stream)))
        if len(data) > most:
            error = self._too_large(name, size)
        if error:
            yield from _rejected(member, name, size, found, error)
        elif found is not None:
            self.left -= len(data)
            yield parsed(member, found, data)

    def _too_much(self, member: Member, name: str) -> str:
        """Why a member is not unpacked, or nothing."""
        limits, size = self.limits, member.size
        if size > limits.member_bytes:
            return self._too_large(name, size)
        if size > limits.ratio_from_bytes and size > limits.ratio * member.packed:
            return f"{name} unpacks to more than {limits.ratio} times its size, as no report does; it was not read."
        return self._too_large(name, size) if size > self.left else ""

    def _too_large(self, name: str, size: int) -> str:
        limits = self.limits
        if size > limits.member_bytes:
            return (
                f"{name} is {_megabytes(size)}, more than the {_megabytes(limits.member_bytes)} that are read; "
                "split it."
            )
        return (
            f"{name} was not read: the artifact's reports together are larger than the "
            f"{_megabytes(limits.unpacked_bytes)} that are read; upload them as several artifacts."
        )

    def _shown(self, prefix: str, name: str) -> str:
        """A member's name as text on one line, cut if need be; the second of two that look the same is numbered."""
        shown = storable(_CONTROLS.sub("\ufffd", name))
        if len(shown) > self.limits.name_characters:
            shown = shown[: self.limits.name_characters] + "…"
        shown = prefix + shown
        count = self.names[shown] = self.names.get(shown, 0) + 1
        return f"{shown} [{count}]" if count > 1 else shown


def _rest(stream: BinaryIO, head: bytes, most: int, rewinds: bool = True) -> bytes:
    """All of a file whose first bytes were read; read anew, since putting two parts together takes both twice."""
    if len(head) < HEAD_BYTES:
        return head
    if not rewinds:
        return head + stream.read(max(0, most - len(head)))
    stream.seek(0)
    return stream.read(most)


def _start_of(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read(HEAD_BYTES)


def _rejected(member: str | None, name: str, size: int, found: Format | None, error: str) -> Iterator[Event]:
    """A member that was not read: a failed report if it is one as far as can be seen."""
    error = str(ReportError(error))  # one line, whatever the member's name holds
    usual = (found.name, found.kind) if found else usual_report(name)
    if usual:
        yield ReadReport(member, *usual, size, error=error)
    else:
        yield PassedOver(member or name)
        yield Warned(error)


def _said(damage: BaseException) -> str:
    return _CONTROLS.sub("\ufffd", str(damage)).rstrip(".")[:300] or type(damage).__name__


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:,.0f} MB"
