"""libtest's results, one for each binary that ``cargo test`` runs, and cargo-nextest's summary.

        Finished `test` profile [unoptimized + debuginfo] target(s) in 0.05s
    test result: FAILED. 5 passed; 4 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.64s
         Summary [   0.020s] 12 tests run: 8 passed (1 slow), 4 failed, 3 skipped

The results below one “Finished” are one run's, and add up. A benchmark is passed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from collectors.logs.counts import Counts

_RESULT = re.compile(
    r"test result: (?:ok|FAILED)\. (\d{1,9}) passed; (\d{1,9}) failed; (\d{1,9}) ignored; (\d{1,9}) measured"
    r"(?:; \d{1,9} filtered out)?(?:; finished in (\d{1,9}(?:\.\d{1,6})?)s)?"
)
_BUILT = re.compile(r"\s*Finished (?:`[^`]+` profile|\S+) .*target\(s\) in .*")
_SUMMARY = re.compile(r"\s*Summary \[\s*(\d{1,9}(?:\.\d{1,6})?)s\] (\d{1,9})(/\d{1,9})? tests? run: (.*)")
_WORD = re.compile(r"(\d{1,9}) (passed|failed|timed out|exec failed|skipped)(?: \([^()]*\))?")


def cargo_test(lines: Sequence[str]) -> Counts | None:
    """The last run of a step."""
    runs: list[list[Counts]] = [[]]
    for line in lines:
        if "Finished " in line and _BUILT.fullmatch(line):
            runs.append([])
        elif line.startswith("test result: ") and (match := _RESULT.fullmatch(line)):
            passed, failed, ignored, measured = (int(number) for number in match.group(1, 2, 3, 4))
            runs[-1].append(Counts(passed + measured, failed, 0, ignored, float(match[5]) if match[5] else None))
    whole = [run for run in runs if run]
    return Counts.sum(whole[-1]) if whole else None


def nextest(lines: Sequence[str]) -> Counts | None:
    """The last whole run. What a filter leaves out and what is ignored are both skipped in nextest's words."""
    for line in reversed(lines):
        match = _SUMMARY.fullmatch(line) if "Summary [" in line else None
        if match is None:
            continue
        tally = {"passed": 0, "failed": 0, "timed out": 0, "exec failed": 0, "skipped": 0}
        for part in match[4].split(", "):
            word = _WORD.fullmatch(part)
            if word is None or match[3]:
                return None
            tally[word[2]] += int(word[1])
        failed, errors = tally["failed"] + tally["timed out"], tally["exec failed"]
        if tally["passed"] + failed + errors != int(match[2]):
            return None
        return Counts(tally["passed"], failed, errors, tally["skipped"], float(match[1]))
    return None
