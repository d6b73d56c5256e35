"""What a repository says now, of its points: the columns that ``collectors.rollup`` writes onto its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.rollup import NIGHTS_KEPT
from dashboard.models import Repository
from dashboard.nights import day_of
from dashboard.packing import Night, pack_nights

Condition = Repository.Condition


@dataclass(frozen=True, slots=True)
class Point:
    """One commit with evidence, its figures by name."""

    snapshot: int
    sha: str
    ordered_at: datetime
    evidence_at: datetime
    url: str
    figures: dict[str, int | None]

    @property
    def failing(self) -> int:
        return (self.figures["tests_failed"] or 0) + (self.figures["tests_errors"] or 0)

    @property
    def percent(self) -> float | None:
        valid = self.figures["lines_valid"]
        return 100 * (self.figures["lines_covered"] or 0) / valid if valid else None


def current_row(points: Sequence[Point], headline: str) -> dict[str, Any]:
    """The columns of ``repository`` that follow from its points, oldest first; every one complete and on a day."""
    latest, previous = points[-1], points[-2] if len(points) > 1 else None
    return {
        **latest.figures,
        "latest_id": latest.snapshot,
        "evidence": Repository.Evidence.REPORT.value,
        "evidence_at": latest.evidence_at,
        **_deltas(latest, previous),
        "failing_since": _failing_since(points),
        "failure_headline": headline if latest.failing else "",
        "condition": (Condition.FAILING if latest.failing else Condition.PASSING).value,
        "nights": pack_nights(_nights(points[-NIGHTS_KEPT:])),
        "head_sha": latest.sha,
        "head_committed_at": latest.ordered_at,
        "head_state": "reported",
        "head_run_url": latest.url,
    }


def _deltas(latest: Point, previous: Point | None) -> dict[str, float | None]:
    if previous is None:
        return dict.fromkeys(("tests_delta", "failing_delta", "percent_delta"))
    return {
        "tests_delta": _difference(latest.figures["tests_total"], previous.figures["tests_total"]),
        "failing_delta": _difference(latest.failing, previous.failing),
        "percent_delta": _difference(latest.percent, previous.percent),
    }


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _failing_since(points: Sequence[Point]) -> datetime | None:
    since = None
    for point in reversed(points):
        if not point.failing:
            break
        since = point.ordered_at
    return since


def _nights(points: Sequence[Point]) -> list[Night]:
    return [
        Night(
            day_of(point.ordered_at),
            point.figures["tests_total"],
            point.failing,
            point.figures["lines_covered"],
            point.figures["lines_valid"],
        )
        for point in points
    ]
