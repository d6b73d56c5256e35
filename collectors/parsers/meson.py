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

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration, first_records, outline, records, text
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


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases = Cases()
    for record in records(data, warnings):
        _add(cases, record)
    return cases.report(warnings)


def _add(cases: Cases, record: dict[str, Any]) -> None:
    whole, result = text(record.get("name")), text(record.get("result"))
    outcome = _OUTCOMES.get(result)
    if outcome is None:
        raise ReportError(f"The test “{whole[:200]}” has the result “{result[:50]}”, which is not known.")
    group, mark, name = whole.partition(" / ")
    bad = outcome >= Outcome.FAILED
    printed = code = message = ""
    if bad:
        printed = "\n".join(filter(None, [text(record.get("stdout")), text(record.get("stderr"))]))
        code = text(record.get("returncode"))
    if outcome is not Outcome.PASSED:
        message = f"{result}, exit status {code}" if code else result
    cases.add(
        name=name if mark else whole,
        classname=group if mark else "",
        outcome=outcome,
        duration=duration(record.get("duration")),
        message=message,
        details=printed,
    )


MESON = Format("meson", "tests", sniff, parse)
