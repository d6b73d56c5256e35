"""Meson's test log: one JSON object per test and line (``meson-logs/testlog.json``).

Written by: Meson (0.29 to 1.10; ``meson test``); seen: 1.0.1.
Specified in: JsonLogfileBuilder in mesonbuild/mtest.py.
Read: names, results, durations (s), the output of tests that failed.
Dropped: environment, command, start times, the single results of a test that speaks TAP.
Meaning: FAIL and UNEXPECTEDPASS are failed; ERROR, TIMEOUT and INTERRUPT are errors; SKIP, IGNORED and
    EXPECTEDFAIL are skipped. The class is the project with its suites, before `` / ``.
Differences:
* Meson: prints an ERROR among its failures, and a TIMEOUT apart
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import first_records, outline, text
from collectors.parsers.json_typed import read_lines
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {
    "OK": Outcome.PASSED,
    "FAIL": Outcome.FAILED,
    "UNEXPECTEDPASS": Outcome.FAILED,
    "ERROR": Outcome.ERROR,
    "TIMEOUT": Outcome.ERROR,
    "INTERRUPT": Outcome.ERROR,
    "PENDING": Outcome.ERROR,
    "RUNNING": Outcome.ERROR,
    "SKIP": Outcome.SKIPPED,
    "IGNORED": Outcome.SKIPPED,
    "EXPECTEDFAIL": Outcome.SKIPPED,
}
_KEYS = {"name", "result", "returncode", "duration"}


def sniff(head: bytes) -> bool:
    """Whether the first object has Meson's keys."""
    if outline(head) >= _KEYS:
        return True
    found = first_records(head)
    return bool(found) and found[0].keys() >= _KEYS


class _Test(Struct, gc=False):
    name: str = ""
    result: str = ""
    duration: float | None = None
    returncode: Any = None
    stdout: str | None = None
    stderr: str | None = None


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases = Cases()
    for test in read_lines(data, _Test, warnings):
        _add(cases, test)
    return cases.report(warnings)


def _add(cases: Cases, test: _Test) -> None:
    result = test.result
    outcome = _OUTCOMES.get(result)
    if outcome is None:
        raise ReportError(f"The test “{test.name[:200]}” has the result “{result[:50]}”, which is not known.")
    group, mark, name = test.name.partition(" / ")
    printed = code = message = ""
    if outcome >= Outcome.FAILED:
        printed = "\n".join(filter(None, [test.stdout, test.stderr]))
        code = text(test.returncode)
    if outcome is not Outcome.PASSED:
        message = f"{result}, exit status {code}" if code else result
    cases.add(
        name=name if mark else test.name,
        classname=group if mark else "",
        outcome=outcome,
        duration=test.duration,
        message=message,
        details=printed,
    )


MESON = Format("meson", "tests", sniff, parse)
