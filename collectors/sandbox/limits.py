"""What a stranger's bytes may cost in all, and what a reader is told when a bound is met.

Each limit can be set in the environment under the name beside it (docs/sandbox.md). What one report or one zip may
hold is bounded by ``collectors.reading.Limits`` on top.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from collectors.reading import Limits as ReadingLimits

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one child, except ``artifact_seconds``; the defaults are what the product promises."""

    memory_bytes: int = 512 * MEGABYTE
    """Address space of a child, so its resident memory too. The readers need up to six times a report's size."""
    cpu_seconds: int = 20
    """A healthy report of 128 MB takes a quarter of this on a slow machine."""
    wall_seconds: int = 40
    """Twice the CPU time: the machine is shared. A child that only waits is ended by this one."""
    artifact_seconds: int = 240
    """All children of one artifact together, where members of it end the children that read them."""
    output_bytes: int = 128 * MEGABYTE
    """What a child may answer. Four million lines take 30 MB, half a million test cases 60 MB."""
    reading: ReadingLimits = field(default_factory=ReadingLimits)


SETTINGS = {
    "memory_bytes": ("SANDBOX_MEMORY_MEGABYTES", MEGABYTE, 128),
    "cpu_seconds": ("SANDBOX_CPU_SECONDS", 1, 1),
    "wall_seconds": ("SANDBOX_WALL_SECONDS", 1, 1),
    "artifact_seconds": ("SANDBOX_ARTIFACT_SECONDS", 1, 1),
    "output_bytes": ("SANDBOX_OUTPUT_MEGABYTES", MEGABYTE, 1),
}
"""Field → its setting, the setting's unit and the least that makes sense (a Python alone takes 40 MB)."""


class LimitError(Exception):
    """A setting that makes no sense; the text is one sentence that names it."""


def from_environment(environ: Mapping[str, str] | None = None) -> Limits:
    """The limits that the environment asks for. Raises LimitError."""
    environ = os.environ if environ is None else environ
    asked: dict[str, Any] = {}
    for name, (setting, unit, least) in SETTINGS.items():
        value = environ.get(setting, "").strip()
        if not value:
            continue
        if not (value.isascii() and value.isdigit()) or not least <= int(value) <= 1_000_000:
            raise LimitError(f"{setting}={value} makes no sense: use a whole number from {least} up.")
        asked[name] = int(value) * unit
    return Limits(**asked)


def sentence(met: str, limits: Limits) -> str:
    """What a user reads when a child came to the limit named ``met`` (a field's name)."""
    value = getattr(limits, met)
    setting, unit, _ = SETTINGS[met]
    said = {
        "memory_bytes": f"it needs more than the {value // unit:,} MB of memory that a reader has",
        "cpu_seconds": f"reading it took more than {value:,} s of computing, which no report needs",
        "wall_seconds": f"reading it was not done after {value:,} s",
        "artifact_seconds": f"the artifact's other files had used up its {value:,} s",
        "output_bytes": f"what it holds takes more than {value // unit:,} MB",
    }[met]
    return f"{said}; split it, or raise {setting}."


assert set(SETTINGS) == {limit.name for limit in fields(Limits)} - {"reading"}
