"""``go test -v``, which says each test, and gotestsum's last line.

    === RUN   TestDiv/wrong
        --- FAIL: TestDiv/wrong (0.00s)
    FAIL    example.com/tally/mathx 0.030s
    DONE 25 tests, 1 skipped, 10 failures in 1.652s

Without ``-v`` go test names packages and failures only: then nothing is counted. As in its JSON, a subtest is a
test; one that began and did not end failed with its package; a package that fails while none of its tests did is an
error.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from collectors.logs.counts import Counts

_RUN = re.compile(r"=== RUN   (\S+)")
# A test that printed no newline stands before it on the line.
_RESULT = re.compile(r"--- (PASS|FAIL|SKIP): (\S+) \(\d{1,9}\.\d\ds\)$")
_PACKAGE = re.compile(r"(ok  |FAIL)\t(\S+)(?:\t(?:(\d{1,9}\.\d{1,6})s|\(cached\))(.*)| \[(?:build|setup) failed\])")
_DONE = re.compile(
    r"DONE (\d{1,9}) tests?(?:, (\d{1,9}) skipped)?(?:, (\d{1,9}) failures?)?(?:, (\d{1,9}) errors?)?"
    r" in (\d{1,9}(?:\.\d{1,6})?)s"
)
_RESULTS = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}


@dataclass(slots=True)
class _Package:
    """What stands above the line of a package."""

    begun: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    tally: Counter[str] = field(default_factory=Counter)

    def read(self, line: str) -> None:
        if "=== RUN" in line and (run := _RUN.search(line)):
            self.begun[run[1]] += 1
            return
        result = _RESULT.search(line) if "--- " in line else None
        # A test may print what looks like a result; that of no test that began is none.
        if result and self.told[result[2]] < self.begun[result[2]]:
            self.told[result[2]] += 1
            self.tally[_RESULTS[result[1]]] += 1

    def counts(self, fine: bool, seconds: float, rest: str) -> Counts | None:
        """None where they are not to be known."""
        if not self.begun:
            return Counts(0, seconds=seconds) if "[no tests to run]" in rest else None
        left = self.begun.total() - self.told.total()
        if fine and left:
            return None
        failed = self.tally["failed"] + left
        errors = 0 if fine or failed else 1
        return Counts(self.tally["passed"], failed, errors, self.tally["skipped"], seconds)


def go_test(lines: Sequence[str]) -> Counts | None:
    """The last run of a step whose packages all told their tests; a package that comes again begins a new run."""
    packages: dict[str, Counts | None] = {}
    package = _Package()
    for line in lines:
        match = _PACKAGE.match(line) if line.startswith(("ok ", "FAIL\t")) else None
        if match is None:
            package.read(line)
            continue
        if match[2] in packages:
            packages = {}
        not_built = match[4] is None
        packages[match[2]] = (
            Counts(0, errors=1) if not_built else package.counts(match[1] != "FAIL", float(match[3] or 0), match[4])
        )
        package = _Package()
    known = [counts for counts in packages.values() if counts is not None]
    return Counts.sum(known) if known and len(known) == len(packages) else None


def gotestsum(lines: Sequence[str]) -> Counts | None:
    for line in reversed(lines):
        if line.startswith("DONE "):
            match = _DONE.fullmatch(line)
            if match is None:
                return None
            total, skipped, failed = (int(number or 0) for number in match.group(1, 2, 3))
            return Counts.of(total, failed=failed, skipped=skipped, seconds=float(match[5]))
    return None
