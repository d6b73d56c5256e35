"""The estate's nights as points of a trend, and the sentence that says how it went; no query of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from dashboard.queries.nights import NightTotals
from dashboard.wording import count, day, percent_sign, plural


@dataclass(frozen=True, slots=True)
class NightPoint:
    """One night as ``dashboard.charts.trend`` draws it. Counts are None on a night without evidence of its own."""

    committed_at: datetime
    passed: int | None
    failed: int | None
    errors: int | None
    skipped: int | None
    percent: float | None
    percent_delta: float | None
    sha: str = ""
    evidence: str = "report"


@dataclass(frozen=True, slots=True)
class EstateTrend:
    """``sentence`` is "" before two nights are known: one is no trend."""

    points: tuple[NightPoint, ...]
    sentence: str


def estate_trend(nights: Sequence[NightTotals]) -> EstateTrend:
    """``nights`` oldest first."""
    points = []
    before: float | None = None
    for night in nights:
        moved = None if night.percent is None or before is None else night.percent - before
        points.append(
            NightPoint(
                committed_at=datetime.combine(night.name, time(), UTC),
                passed=night.passed if night.fresh else None,
                failed=night.failed if night.fresh else None,
                errors=night.errors if night.fresh else None,
                skipped=night.skipped if night.fresh else None,
                percent=night.percent,
                percent_delta=moved,
            )
        )
        before = before if night.percent is None else night.percent
    return EstateTrend(tuple(points), _sentence(nights))


def _sentence(nights: Sequence[NightTotals]) -> str:
    if len(nights) < 2:
        return ""
    first, last = nights[0], nights[-1]
    went = "stayed" if first.tests == last.tests else "grew to" if last.tests > first.tests else "shrank to"
    moved = "" if first.tests == last.tests else f" {count(last.tests)}"
    days = (last.day - first.day).days + 1
    parts = [f"{plural(first.tests, 'test')} {went}{moved} over {plural(days, 'night')}", *_coverage(nights)]
    worst = max(nights, key=lambda night: night.failing)
    if worst.failing:
        parts.append(f"most failed on {day(worst.name)}: {count(worst.failing)}")
    return "; ".join(parts) + "."


def _coverage(nights: Sequence[NightTotals]) -> list[str]:
    known = [night.percent for night in nights if night.percent is not None]
    if not known:
        return []
    first, last = percent_sign(known[0]), percent_sign(known[-1])
    return [f"coverage stayed at {last}" if first == last else f"coverage went from {first} to {last}"]
