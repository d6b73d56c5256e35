"""The total line of a coverage tool, where it says lines, both covered and all of them.

    coverage.py        TOTAL                          68     28     26      0    49%       below its header
    cargo llvm-cov     TOTAL   101  28  72.28%  16  3  81.25%  42  9  78.57%               below its header
    gcovr              TOTAL                          76     57    75%                     below its header
    lcov, gcovr        lines......: 75.0% (54 of 72 lines)      lines: 75.0% (57 out of 76)
    istanbul           Lines        : 85.71% ( 12/14 )
    phpunit            Lines:   71.43% (15/21)
    simplecov          24 / 31 LOC (77.42%) covered.            Line Coverage: 77.42% (24 / 31)
    tarpaulin          77.42% coverage, 24/31 lines covered

Never added up: two totals may be of the same lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from collectors.logs.counts import Lines

_NUMBER = r"(\d{1,9})"
_PERCENT = r"\d{1,3}(?:\.\d{1,4})?"
_PLAIN = (
    re.compile(rf" *lines\.*: {_PERCENT}% \({_NUMBER} (?:out )?of {_NUMBER}(?: lines)?\)"),
    re.compile(rf" *Lines *: +{_PERCENT}% \( ?{_NUMBER}/{_NUMBER} ?\)(?:, .*)?"),
    re.compile(rf"  Lines: +{_PERCENT}% \( ?{_NUMBER}/ ?{_NUMBER}\)"),
    re.compile(rf".*?{_NUMBER} / {_NUMBER} LOC \({_PERCENT}%\) covered\."),
    re.compile(rf"Line Coverage: {_PERCENT}% \({_NUMBER} / {_NUMBER}\)"),
    re.compile(rf"{_PERCENT}% coverage, {_NUMBER}/{_NUMBER} lines covered(?:, .*)?"),
)
_COVERAGE_PY = re.compile(r"Name +Stmts +Miss(?: +Branch +BrPart)? +Cover(?: +Missing)?")
_GCOVR = re.compile(r"File +Lines +Exec +Cover(?: +Missing)?")
_LLVM = re.compile(
    r"Filename +Regions +Missed Regions +Cover +Functions +Missed Functions +Executed +Lines +Missed Lines +Cover"
    r"(?: +Branches +Missed Branches +Cover)?"
)
_TOTAL = re.compile(r"TOTAL(?: +(?:\d{1,9}|\d{1,3}(?:\.\d{1,4})?%|-))+")


def lines_of(step: Sequence[str]) -> Lines | None:
    """The last total of a step."""
    found, columns = None, ""
    for line in step:
        if header := _header(line):
            columns = header
        elif columns and line.startswith("TOTAL ") and _TOTAL.fullmatch(line):
            found = _from_table(columns, line.split()[1:]) or found
            columns = ""
        elif "%" in line and ("ines" in line or "LOC" in line or "Line" in line):
            found = _plain(line) or found
    return found


def agreed(found: Iterable[Lines]) -> Lines | None:
    """The best of several steps' or jobs' totals, where all are of as many lines; else nobody knows which is it."""
    known = list(found)
    if len({lines.valid for lines in known}) != 1:
        return None
    return max(known, key=lambda lines: lines.covered)


def _header(line: str) -> str:
    if line.startswith("Name ") and _COVERAGE_PY.fullmatch(line):
        return "coverage.py"
    if line.startswith("File ") and _GCOVR.fullmatch(line):
        return "gcovr"
    return "llvm" if line.startswith("Filename ") and _LLVM.fullmatch(line) else ""


def _from_table(columns: str, words: Sequence[str]) -> Lines | None:
    numbers = [int(word) if word.isdigit() else None for word in words]
    if columns == "llvm":
        numbers = numbers[6:8]
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
        return None
    valid, other = numbers[0], numbers[1]
    return _lines(valid, other if columns == "gcovr" else valid - other)


def _plain(line: str) -> Lines | None:
    for pattern in _PLAIN:
        if match := pattern.fullmatch(line):
            return _lines(int(match[2]), int(match[1]))
    return None


def _lines(valid: int, covered: int) -> Lines | None:
    return Lines(valid, covered) if 0 <= covered <= valid and valid else None
