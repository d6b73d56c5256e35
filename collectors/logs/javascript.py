"""Jest's and Vitest's last lines.

    Test Suites: 1 failed, 2 passed, 3 total          Test Files  1 failed | 2 passed (3)
    Tests:       1 failed, 1 skipped, 5 passed, 7 total    Tests  1 failed | 5 passed | 1 skipped (7)

Tests still to be written (todo) and expected failures are skipped. What does not add up to its total is no summary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from collectors.logs.counts import Counts

_SUITES = re.compile(r"Test Suites: .*\d total")
_TESTS = re.compile(r"Tests: +((?:\d{1,9} [a-z]+, )*)(\d{1,9}) total")
_TIME = re.compile(r"Time: +(\d{1,9}(?:\.\d{1,6})?) ?s\b.*")
_FILES = re.compile(r" *Test Files  .*\(\d+\)")
_VITEST = re.compile(r" *Tests  (?:(\d{1,9} [a-z ]+(?: \| \d{1,9} [a-z ]+)*) \((\d{1,9})\)|no tests)")
_DURATION = re.compile(r" *Duration  (\d{1,9}(?:\.\d{1,6})?)(ms|s|m)\b.*")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_FIELDS = {
    "passed": "passed",
    "failed": "failed",
    "skipped": "skipped",
    "pending": "skipped",
    "todo": "skipped",
    "expected fail": "skipped",
}
WITHIN = 8
"""Lines between a summary's first and its last."""


def jest(lines: Sequence[str]) -> Counts | None:
    for place in range(len(lines) - 1, -1, -1):
        if lines[place].startswith("Test Suites: ") and _SUITES.fullmatch(lines[place]):
            below = lines[place + 1 : place + 1 + WITHIN]
            match = _first(_TESTS, below)
            if match is not None:
                time = _first(_TIME, below)
                words = [part for part in match[1].split(", ") if part]
                return _counted(words, int(match[2]), float(time[1]) if time else None)
    return None


def vitest(lines: Sequence[str]) -> Counts | None:
    for place in range(len(lines) - 1, -1, -1):
        if "Test Files  " in lines[place] and _FILES.fullmatch(lines[place]):
            below = lines[place + 1 : place + 1 + WITHIN]
            match = _first(_VITEST, below)
            if match is not None:
                time = _first(_DURATION, below)
                words = match[1].split(" | ") if match[1] else []
                return _counted(words, int(match[2] or 0), float(time[1]) * _UNITS[time[2]] if time else None)
    return None


def _first(pattern: re.Pattern[str], lines: Sequence[str]) -> re.Match[str] | None:
    return next((match for line in lines if (match := pattern.fullmatch(line))), None)


def _counted(words: Sequence[str], total: int, seconds: float | None) -> Counts | None:
    """None where a word is not known, or the words are not all of the total."""
    tally = {"passed": 0, "failed": 0, "skipped": 0}
    for part in words:
        number, _, word = part.strip().partition(" ")
        if word.strip() not in _FIELDS:
            return None
        tally[_FIELDS[word.strip()]] += int(number)
    if sum(tally.values()) != total:
        return None
    return Counts.of(total, failed=tally["failed"], skipped=tally["skipped"], seconds=seconds)
