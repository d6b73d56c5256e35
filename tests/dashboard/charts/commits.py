"""A commit as a trend asks it: all that a test does not say is the same for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

START = datetime(2026, 1, 28, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Commit:
    sha: str
    committed_at: datetime
    passed: int | None = 10
    failed: int | None = 0
    errors: int | None = 0
    skipped: int | None = 0
    percent: float | None = 80.0
    percent_delta: float | None = None
    evidence: str = "report"
