"""Automake's test results: the ``.trs`` file that a test driver writes beside each log.

Written by: Automake's test-driver and tap-driver (1.12 to 1.18), Catch2's automake reporter, drivers of projects;
    seen: Catch2 2.13.
Specified in: the manual of GNU Automake, “Log files generation and test results recording”.
Read: each ``:test-result:``.
Dropped: ``:global-test-result:`` (it sums the others up), ``:recheck:``, ``:copy-in-global-log:``, other lines.
Meaning: PASS is passed, FAIL and XPASS are failed, ERROR is an error, SKIP and XFAIL are skipped. The plain
    driver names no test: such a file is one test without a name. The number that the TAP driver puts before a
    description is left out.
"""

from __future__ import annotations

import re
from itertools import repeat

from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8

_OUTCOMES = {
    "PASS": Outcome.PASSED,
    "FAIL": Outcome.FAILED,
    "XPASS": Outcome.FAILED,
    "ERROR": Outcome.ERROR,
    "SKIP": Outcome.SKIPPED,
    "XFAIL": Outcome.SKIPPED,
}
_FIRST = re.compile(
    rb"\s*(?::(?:test-result|global-test-result):[ \t]*(?:X?PASS|X?FAIL|SKIP|ERROR)\b"
    rb"|:(?:recheck|copy-in-global-log):)"
)
_RESULT = re.compile(r"\n[ \t]*:test-result:[ \t]*(\S*+)[ \t]*+(.*+)")
_NUMBER = re.compile(r"\n[ \t]*\d+(?:[ \t]+-)?(?=[ \t]+-*[^\s-])")
"""A test's number, if a name stands behind it."""
_REASON = re.compile(r"#\s*(?:SKIP|TODO)\b", re.IGNORECASE)


def sniff(head: bytes) -> bool:
    """Whether the first line is a field of such a file."""
    return bool(_FIRST.match(as_utf8(head)))


def parse(data: bytes) -> TestReport:
    """Read all results. Raises ReportError."""
    text = "\n" + as_utf8(data).decode("utf-8", "replace")
    # Split, not found one by one: a flat list, in which each result stands before its name.
    parts = _RESULT.split(text)
    results, names = parts[1::3], parts[2::3]
    if not results:
        raise ReportError("The file holds no “:test-result:”.")
    try:
        outcomes = list(map(_OUTCOMES.__getitem__, results))
    except KeyError as error:
        raise ReportError(f"A test has the result “{error.args[0][:50]}”, which is not known.") from error
    reasons: list[str] = []
    if "#" in text:
        names, reasons = map(list, zip(*map(_name_and_reason, names), strict=True))
    unnumbered, numbers = _NUMBER.subn("\n", "\n".join(["", *names]))
    if numbers:
        names = unnumbered.split("\n")[1:]
    cases = Cases()
    cases.add_many(list(map(str.strip, names, repeat(" -\t\r"))), outcomes, messages=reasons)
    return cases.report([])


def _name_and_reason(name: str) -> tuple[str, str]:
    """A test's name, and why it was skipped or is expected to fail."""
    name, *said = _REASON.split(name, maxsplit=1)
    return name, said[0].strip() if said else ""


AUTOMAKE_TRS = Format(
    "automake-trs", "tests", sniff, parse,
    meaning="The plain driver of Automake writes one file per test and no name into it.",
)  # fmt: skip
