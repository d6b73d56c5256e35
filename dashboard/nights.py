"""Which day a moment belongs to, when a day is told by its nights.

The nightly collection runs at 02:00, so what ran after midnight belongs to the evening before: a failure of 23:00
and one of 00:30 are found by the same night and must both be news in the morning. A day therefore runs from 02:00
to 02:00 UTC. The night that reads it is named after the UTC day on which that night ends, the day after.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

NIGHT_FALLS = timedelta(hours=2)


def day_of(moment: datetime) -> date:
    """The day that a moment belongs to."""
    return (moment.astimezone(UTC) - NIGHT_FALLS).date()


def end_of(day: date) -> datetime:
    """The first moment that belongs to the next day."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) + NIGHT_FALLS


def night_of(day: date) -> date:
    """The name of the night that reads a day."""
    return day + timedelta(days=1)
