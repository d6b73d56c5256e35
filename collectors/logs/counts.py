"""What a log may tell, as values with bounds: they travel out of the locked-down child."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
MOST_SECONDS = 1e9
Seconds = Annotated[float, Meta(ge=0, le=MOST_SECONDS)]
MOST = 10_000_000
"""A count above it was written by no test runner."""


class Counts(msgspec.Struct, frozen=True):
    """``seconds`` is None where the tool does not tell."""

    passed: Count
    failed: Count = 0
    errors: Count = 0
    skipped: Count = 0
    seconds: Seconds | None = None

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.errors + self.skipped

    @property
    def failing(self) -> int:
        return self.failed + self.errors

    @classmethod
    def of(
        cls, total: int, *, failed: int = 0, errors: int = 0, skipped: int = 0, seconds: float | None = None
    ) -> Counts | None:
        """What is left of the total passed; None where nothing can be left, or no runner counts so far."""
        passed = total - failed - errors - skipped
        return cls(passed, failed, errors, skipped, seconds) if passed >= 0 and total <= MOST else None

    @classmethod
    def sum(cls, parts: Iterable[Counts]) -> Counts:
        parts = list(parts)
        known = [part.seconds for part in parts if part.seconds is not None]
        return cls(
            sum(part.passed for part in parts),
            sum(part.failed for part in parts),
            sum(part.errors for part in parts),
            sum(part.skipped for part in parts),
            min(sum(known), MOST_SECONDS) if known else None,
        )

    @classmethod
    def of_all(cls, parts: Sequence[Counts]) -> Counts | None:
        """The sum; None where there is nothing to add up, or more than any runner runs."""
        whole = cls.sum(parts)
        return whole if parts and whole.total <= MOST else None


class Lines(msgspec.Struct, frozen=True):
    valid: Count
    covered: Count


class LogCounts(msgspec.Struct, frozen=True):
    """``tools`` are those whose summaries were counted."""

    tests: Counts | None = None
    lines: Lines | None = None
    tools: list[Annotated[str, Meta(max_length=40)]] = msgspec.field(default_factory=list)
