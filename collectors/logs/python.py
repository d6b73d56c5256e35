"""pytest's and unittest's last lines.

    ===== 1 failed, 12 passed, 2 skipped, 1 xfailed, 3 warnings in 0.25s =====
    Ran 12 tests in 0.003s … FAILED (failures=1, errors=1, skipped=2, expected failures=1)

An expected failure is skipped; pytest's unexpected pass is passed, unittest's is failed, as each counts it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from collectors.logs.counts import Counts

_PYTEST = re.compile(
    r"(?:=+ )?(no tests ran|\d{1,9} [a-z]+(?: [a-z]+)?(?:, \d{1,9} [a-z]+(?: [a-z]+)?)*)"
    r" in (\d{1,9}(?:\.\d{1,6})?)(?:s| seconds)(?: \([^()]{1,40}\))?(?: =+)?"
)
_FIELDS = {
    "passed": "passed",
    "failed": "failed",
    "error": "errors",
    "errors": "errors",
    "skipped": "skipped",
    "xfailed": "skipped",
    "xpassed": "passed",
}
# Words of pytest and its plugins that count no test: a subtest that fails also fails the test that it is part of.
_BESIDE = {
    "deselected", "warning", "warnings", "rerun", "reruns", "retried",
    "subtests passed", "subtests failed", "subtests skipped",
}  # fmt: skip

_RAN = re.compile(r"Ran (\d{1,9}) tests? in (\d{1,9}(?:\.\d{1,6})?)s")
_VERDICT = re.compile(r"(?:OK|FAILED|NO TESTS RAN)(?: \(([a-z =,\d]*)\))?")
_UNITTEST_WORD = re.compile(r"(failures|errors|skipped|expected failures|unexpected successes)=(\d{1,9})")
VERDICT_WITHIN = 10
"""Lines: other output may come between the two."""


def pytest(lines: Sequence[str]) -> Counts | None:
    """The last summary of a step; tox and nox run several, of the same tests."""
    for line in reversed(lines):
        if " in " in line and (match := _PYTEST.fullmatch(line)) and (tests := _pytest(match[1], match[2])):
            return tests
    return None


def _pytest(words: str, seconds: str) -> Counts | None:
    tally = {"passed": 0, "failed": 0, "errors": 0, "skipped": 0}
    named = words == "no tests ran"
    for part in [] if named else words.split(", "):
        number, _, word = part.partition(" ")
        if word in _FIELDS:
            tally[_FIELDS[word]] += int(number)
        elif word not in _BESIDE:
            return None
        named = named or word in _FIELDS or word == "deselected"
    if not named:
        return None
    return Counts.of(
        sum(tally.values()), **{k: v for k, v in tally.items() if k != "passed"}, seconds=float(seconds)
    )


def unittest(lines: Sequence[str]) -> Counts | None:
    """The last “Ran” that has its verdict below it."""
    for place in range(len(lines) - 1, -1, -1):
        match = _RAN.fullmatch(lines[place]) if lines[place].startswith("Ran ") else None
        if match is None:
            continue
        for line in lines[place + 1 : place + 1 + VERDICT_WITHIN]:
            if verdict := _VERDICT.fullmatch(line):
                return _unittest(int(match[1]), float(match[2]), verdict[1] or "")
    return None


def _unittest(ran: int, seconds: float, words: str) -> Counts | None:
    said = {name: int(number) for name, number in _UNITTEST_WORD.findall(words)}
    failed = said.get("failures", 0) + said.get("unexpected successes", 0)
    skipped = said.get("skipped", 0) + said.get("expected failures", 0)
    errors = said.get("errors", 0)
    # A class that cannot be set up, or skips as a whole, is no test that ran.
    return Counts.of(
        max(ran, failed + errors + skipped), failed=failed, errors=errors, skipped=skipped, seconds=seconds
    )
