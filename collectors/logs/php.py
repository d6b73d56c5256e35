"""PHPUnit's last line, of PHPUnit itself and of ParaTest.

    OK (12 tests, 34 assertions)
    Tests: 21, Assertions: 12, Errors: 4, Failures: 3, Skipped: 3, Incomplete: 1, Risky: 1.

An incomplete test is skipped; a risky one, and one with deprecations or notices, passed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from collectors.logs.counts import Counts

_FINE = re.compile(r"OK \((\d{1,9}) tests?, \d{1,9} assertions?\)")
_COUNTS = re.compile(r"Tests: \d{1,9}, Assertions: \d{1,9}(?:, [A-Z][A-Za-z ]*: \d{1,9})*\.")
_WORD = re.compile(r"([A-Z][A-Za-z ]*): (\d{1,9})")


def phpunit(lines: Sequence[str]) -> Counts | None:
    for line in reversed(lines):
        if line.startswith("OK (") and (match := _FINE.fullmatch(line)):
            return Counts.of(int(match[1]))
        if line.startswith("Tests: ") and _COUNTS.fullmatch(line):
            said = {name: int(number) for name, number in _WORD.findall(line)}
            return Counts.of(
                said["Tests"],
                failed=said.get("Failures", 0),
                errors=said.get("Errors", 0),
                skipped=said.get("Skipped", 0) + said.get("Incomplete", 0),
            )
    return None
