"""How figures are written: the one place that turns numbers into what a reader sees. No Django.

Unknown is an en dash. Percents are cut off, never rounded up: 99.96 is 99.9, and 100 is said only when all is
covered. A minus is U+2212, so that it is as wide as the plus.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Context

UNKNOWN = "–"
MINUS = "−"
NARROW_SPACE = "\u202f"
# A loss of this many percentage points of coverage is written in the colour of failure.
NOTABLE_POINTS = 0.5
MINUTE, HOUR, DAY = 60, 3_600, 86_400
SIX_DIGITS = Context(prec=6, rounding=ROUND_DOWN)


def count(number: int | float | None) -> str:
    """Thousands with a comma, never shortened: 9133 is 9,133."""
    return UNKNOWN if number is None else f"{int(number):,}".replace("-", MINUS)


def percent(value: float | None) -> str:
    """One decimal, cut off, without the sign: 85.06 is 85.0, 0.04 is < 0.1, exactly 100 is 100."""
    if value is None:
        return UNKNOWN
    if value >= 100:
        return "100"
    if 0 < value < 0.1:
        return f"<{NARROW_SPACE}0.1"
    return f"{math.floor(value * 10) / 10:.1f}"


def percent_sign(value: float | None) -> str:
    """The percent with its sign after a narrow no-break space; an unknown one has no sign."""
    return UNKNOWN if value is None else f"{percent(value)}{NARROW_SPACE}%"


def exact_percent(value: float | None) -> str:
    """For a hover: six digits, cut off as well: 99.99999 is 99.9999."""
    if value is None:
        return "unknown"
    return f"{SIX_DIGITS.create_decimal(repr(value)).normalize():f}{NARROW_SPACE}%"


def delta(change: int | None) -> str:
    """+89, −3, a middle dot for no change, nothing for unknown."""
    if change is None:
        return ""
    return f"{'+' if change > 0 else MINUS}{abs(change):,}" if change else "·"


def points(change: float | None) -> str:
    """Percentage points, one decimal, cut off towards zero: −4.16 is −4.1; less than a tenth is no change."""
    if change is None:
        return ""
    tenths = math.floor(abs(change) * 10 + 1e-9)
    return f"{'+' if change > 0 else MINUS}{tenths / 10:.1f}" if tenths else "·"


def is_loss(tests: int | None = None, coverage: float | None = None) -> bool:
    """Whether a change is written in the colour of failure."""
    return (tests is not None and tests < 0) or (coverage is not None and coverage <= -NOTABLE_POINTS)


def duration(seconds: float | None) -> str:
    """Two units at most: 2 m 33 s, 6.9 s, 169 ms."""
    if seconds is None:
        return UNKNOWN
    if seconds < 1:
        return "0 s" if seconds <= 0 else f"{max(1, int(seconds * 1_000))} ms"
    if seconds < 10:
        return f"{math.floor(seconds * 10) / 10:.1f} s"
    whole = int(seconds)
    for length, unit, smaller, small_unit in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "m"),
        (MINUTE, "m", 1, "s"),
    ):
        if whole >= length:
            rest = whole % length // smaller
            return f"{whole // length} {unit} {rest:02d} {small_unit}" if rest else f"{whole // length} {unit}"
    return f"{whole} s"


def duration_parts(seconds: float | None) -> list[str]:
    """The duration as numbers and units by turns, for a headline; unknown is a number without unit."""
    return [UNKNOWN, ""] if seconds is None else duration(seconds).split(" ")


def duration_ms(milliseconds: int | None) -> str:
    return duration(None if milliseconds is None else milliseconds / 1_000)


def age_in_days(since: date | datetime | None, today: date | datetime) -> str:
    """The age of trouble in UTC days, from a fortnight on in weeks: 6 d, 3 w."""
    if since is None:
        return UNKNOWN
    days = (utc_day(today) - utc_day(since)).days
    return f"{days // 7} w" if days >= 14 else f"{max(0, days)} d"


def seen(moment: datetime | None, now: datetime) -> str:
    """How long ago, in one unit: 5 min, 6 h, 1 d ago. Past a day it is late, and says "ago"."""
    if moment is None:
        return UNKNOWN
    gone = max(timedelta(), now - moment).total_seconds()
    if gone < HOUR:
        return f"{int(gone // MINUTE)} min"
    if gone < DAY:
        return f"{int(gone // HOUR)} h"
    days = int(gone // DAY)
    return f"{days} d ago" if days < 14 else f"{days // 7} w ago"


def ago(moment: datetime | None, now: datetime) -> str:
    """In words, for a sentence: just now, 40 minutes ago, 6 hours ago, 3 days ago."""
    if moment is None:
        return "never"
    gone = max(timedelta(), now - moment).total_seconds()
    for length, unit in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if gone >= length:
            return f"{plural(int(gone // length), unit)} ago"
    return "just now"


def plural(number: int, noun: str, nouns: str = "") -> str:
    """1 repository, 3 repositories: the count with its noun. ``nouns`` where it is not noun + s."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def size(octets: int | None) -> str:
    """612 MB, 4.1 KB, 87 bytes; thousands, as GitHub writes them, cut off."""
    if octets is None:
        return UNKNOWN
    if octets < 1_000:
        return plural(octets, "byte")
    amount = float(octets)
    for unit in ("KB", "MB", "GB"):
        amount /= 1_000
        if amount < 1_000 or unit == "GB":
            break
    return f"{math.floor(amount * 10) / 10:.1f} {unit}" if amount < 10 else f"{int(amount):,} {unit}"


def short(sha: str) -> str:
    """The eight characters of a commit that people say."""
    return sha[:8]


def short_digest(digest: str) -> str:
    """A SHA-256 as its first 12 and last 10 characters."""
    return f"{digest[:12]}…{digest[-10:]}" if len(digest) > 24 else digest


def day(moment: date | datetime | None) -> str:
    """6 Mar 2026, the UTC day."""
    return UNKNOWN if moment is None else f"{utc_day(moment).day} {utc_day(moment):%b %Y}"


def moment(at: datetime | None) -> str:
    """6 Mar 2026, 02:47 UTC."""
    return UNKNOWN if at is None else f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def utc_day(at: date | datetime) -> date:
    return at.astimezone(UTC).date() if isinstance(at, datetime) else at
