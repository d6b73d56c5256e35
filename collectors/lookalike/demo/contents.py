"""The bytes that a demo artifact holds, made when they are first asked for, the same each time.

A zip stores its member without compression: packing twice the same would cost more than the loopback saves, and
the bytes then depend on no compression library. A digest of one installation is that of every other.
"""

from __future__ import annotations

import functools
import io
import zipfile
from dataclasses import dataclass
from datetime import date

from collectors.lookalike.demo.derived_coverage import DerivedCoverage
from collectors.lookalike.demo.derived_tests import Break, DerivedTests
from collectors.lookalike.demo.facts import real_bytes

# A repository that reports from four packages has eight files; cutting one anew costs 50 ms at most.
KEPT_CUT = 24


@dataclass(frozen=True)
class Source:
    """A real file: ``member`` of the report ``folder`` of a repository; ``part`` as in ``RealReport``."""

    full_name: str
    folder: str
    part: str
    member: str

    @property
    def seed(self) -> str:
        return f"{self.full_name} {self.part}"

    def read(self) -> bytes:
        return real_bytes(self.full_name, f"{self.folder}/{self.member}")


@dataclass(frozen=True)
class Change:
    """What a generated night does to the real file; ``nights_before`` its commit's own, 0 for a later one."""

    night: date
    nights_before: int
    broken: Break | None = None
    flaky: float | None = None


def real(source: Source) -> bytes:
    """The zip with the real file, byte for byte."""
    return zipped(source.member, source.read())


def generated(source: Source, change: Change) -> bytes:
    """The zip with the file as it is told for that night."""
    return zipped(source.member, generated_report(source, change))


def generated_in_half(source: Source, change: Change) -> bytes:
    """The same, but the file ends in its middle, as when a job was killed while it wrote."""
    data = generated_report(source, change)
    return zipped(source.member, data[: len(data) // 2])


def generated_report(source: Source, change: Change) -> bytes:
    if source.member == "junit.xml":
        tests = _tests(source)
        return tests.on(change.night.isoformat(), change.nights_before, change.broken, change.flaky)
    return _coverage(source).on(change.nights_before)


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        entry.create_system = 3  # else it would differ between Windows and the rest
        archive.writestr(entry, data)
    return buffer.getvalue()


@functools.lru_cache(KEPT_CUT)
def _tests(source: Source) -> DerivedTests:
    return DerivedTests(source.read(), source.seed, source.folder[:8])


@functools.lru_cache(KEPT_CUT)
def _coverage(source: Source) -> DerivedCoverage:
    return DerivedCoverage(source.read(), source.seed)
