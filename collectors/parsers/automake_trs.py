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

from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8

_OUTCOMES = {
    b"PASS": Outcome.PASSED,
    b"FAIL": Outcome.FAILED,
    b"XPASS": Outcome.FAILED,
    b"ERROR": Outcome.ERROR,
    b"SKIP": Outcome.SKIPPED,
    b"XFAIL": Outcome.SKIPPED,
}
_FIRST = re.compile(
    rb"\s*(?::(?:test-result|global-test-result):[ \t]*(?:X?PASS|X?FAIL|SKIP|ERROR)\b"
    rb"|:(?:recheck|copy-in-global-log):)"
)
_RESULT = re.compile(rb"^[ \t]*:test-result:[ \t]*([^\s]*)[ \t]*([^\r\n]*)", re.MULTILINE)
_NUMBER = re.compile(r"\d+(?:\s+-)?(?:\s+|\Z)")
_REASON = re.compile(r"#\s*(?:SKIP|TODO)\b", re.IGNORECASE)


def sniff(head: bytes) -> bool:
    """Whether the first line is a field of such a file."""
    return bool(_FIRST.match(as_utf8(head)))


def parse(data: bytes) -> TestReport:
    """Read all results. Raises ReportError."""
    found = _RESULT.findall(as_utf8(data))
    results, words = [result for result, _ in found], b"\n".join([words for _, words in found])
    for result in (result for result in dict.fromkeys(results) if result not in _OUTCOMES):
        raise ReportError(f"A test has the result “{result[:50].decode('utf-8', 'replace')}”, which is not known.")
    names = words.decode("utf-8", "replace").split("\n") if found else []
    messages = [""] * len(names)
    for place, name in enumerate(names):
        if "#" in name:
            name, *said = _REASON.split(name, maxsplit=1)
            messages[place] = said[0].strip() if said else ""
        if name[:1].isdigit() and (numbered := _NUMBER.match(name)):
            name = name[numbered.end() :].strip() or name
        names[place] = name.strip().strip(" -")
    cases = Cases()
    cases.add_many(names, [_OUTCOMES[result] for result in results], messages=messages)
    if not cases.found:
        raise ReportError("The file holds no “:test-result:”.")
    return cases.report([])


AUTOMAKE_TRS = Format(
    "automake-trs", "tests", sniff, parse,
    meaning="The plain driver of Automake writes one file per test and no name into it.",
)  # fmt: skip
