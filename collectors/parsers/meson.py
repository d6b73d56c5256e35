"""Meson's test log: one JSON object per test and line (``meson-logs/testlog.json``).

Written by: Meson (0.29 to 1.12; ``meson test``); seen: 1.0.1, 1.12.1.
Specified in: JsonLogfileBuilder in mesonbuild/mtest.py.
Read: names, results, durations (s), the output of tests that failed.
Dropped: environment, command, start times, the single results of a test that speaks TAP.
Meaning: FAIL and UNEXPECTEDPASS are failed; ERROR, TIMEOUT and INTERRUPT are errors; SKIP, IGNORED and
    EXPECTEDFAIL are skipped. The class is the project with its suites, as ``project:suite+suite``: up to Meson 1.9
    it stands before `` / ``, and nowhere where all tests are of one suite; since 1.10 the log says
    ``suite+suite - project:test``, always with the project.
Differences:
* Meson: prints an ERROR among its failures, and a TIMEOUT apart
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET, Struct

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import first_records, outline, text
from collectors.parsers.json_typed import read_lines
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import HEAD_BYTES

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
_SINCE_1_10 = re.compile(r"(?:(?P<suites>.*) - )?(?P<project>[^\s:]+):(?P<test>[^:]*)", re.DOTALL)
"""Meson replaces blanks and colons in a project's name, and colons in a test's."""


def sniff(head: bytes) -> bool:
    """Whether the first object has Meson's keys; a test that said much hides those behind its output."""
    keys = outline(head)
    if keys >= _KEYS or (len(head) >= HEAD_BYTES and keys == {"name", "stdout"}):
        return True
    found = first_records(head)
    return bool(found) and found[0].keys() >= _KEYS


class _Test(Struct, gc=False):
    name: str = ""
    result: str = ""
    duration: float | None = None
    returncode: Any = None
    is_fail: Any = UNSET
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
    group, name = _placed(test)
    printed = code = message = ""
    if outcome >= Outcome.FAILED:
        printed = "\n".join(filter(None, [test.stdout, test.stderr]))
        code = text(test.returncode)
    if outcome is not Outcome.PASSED:
        message = f"{result}, exit status {code}" if code else result
    cases.add(
        name=name,
        classname=group,
        outcome=outcome,
        duration=test.duration,
        message=message,
        details=printed,
    )


def _placed(test: _Test) -> tuple[str, str]:
    """The class and the name of a test; ``is_fail`` came into the log with the names of Meson 1.10."""
    if test.is_fail is not UNSET and (told := _SINCE_1_10.fullmatch(test.name)):
        suites = told["suites"]
        return f"{told['project']}:{suites}" if suites else told["project"], told["test"]
    group, mark, name = test.name.partition(" / ")
    return (group, name) if mark else ("", test.name)


MESON = Format("meson", "tests", sniff, parse)
