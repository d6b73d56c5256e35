"""CTRF, the Common Test Report Format: one JSON for the results of any test tool.

Written by: the CTRF reporters of Jest, Mocha, Playwright, Cypress, Vitest, pytest, .NET, Go, k6 and their like,
    junit-to-ctrf; seen: jest-ctrf-json-reporter and mocha-ctrf-json-reporter 0.0.11.
Specified in: the CTRF schema at ctrf.io (specVersion 0.0.0 and 1.0.0).
Read: tests with name, suite, status, duration (ms), message, trace, file, flaky.
Dropped: environment, steps, attachments, attempts before the last (retryAttempts), labels, AI summaries, extra.
Meaning: passed and failed as they say; skipped and pending are skipped. ``other`` is an error where the tool's
    own status (rawStatus) is one (broken, error, interrupted, timed out), else skipped (Jest's todo). ``flaky``
    with a pass is flaky.
"""

from __future__ import annotations

from typing import Any

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration, load_object, mapping, objects, outline, text, whole
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "skipped": Outcome.SKIPPED,
    "pending": Outcome.SKIPPED,
    "other": Outcome.SKIPPED,
}
_RAW_ERRORS = ("error", "broken", "interrupted", "timedout", "timeout", "crashed", "aborted")


def sniff(head: bytes) -> bool:
    """Whether the tests of ``results`` come with CTRF's keys, or the file names its format."""
    keys = outline(head)
    tests = "results.tests[].name" in keys and "results.tests[].status" in keys
    return tests or {"results.summary.pending", "results.summary.other"} <= keys or (
        {"reportFormat", "specVersion"} <= keys
    )  # fmt: skip


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    results = mapping(load_object(data, warnings).get("results"))
    if not isinstance(results.get("tests"), list):
        raise ReportError("The results hold no list of tests (results.tests).")
    cases = Cases()
    for test in objects(results["tests"]):
        _add(cases, test)
    summary = mapping(results.get("summary"))
    own = {
        "total": whole(summary.get("tests")),
        "passed": whole(summary.get("passed")),
        "failed": whole(summary.get("failed")),
    }
    return cases.report(warnings, own)


def _add(cases: Cases, test: dict[str, Any]) -> None:
    name, status = text(test.get("name")), text(test.get("status")).lower()
    outcome = _OUTCOMES.get(status)
    if outcome is None:
        raise ReportError(f"The test “{name[:200]}” has the status “{status[:50]}”, which is not known.")
    if status == "other" and text(test.get("rawStatus")).lower() in _RAW_ERRORS:
        outcome = Outcome.ERROR
    suite = test.get("suite")
    told = text(test.get("message")) if outcome is not Outcome.PASSED else ""
    cases.add(
        name=name,
        classname=" > ".join(map(text, suite)) if isinstance(suite, list) else text(suite),
        suite=text(test.get("browser")),
        outcome=outcome,
        duration=duration(test.get("duration"), 0.001),
        message=told,
        details=text(test.get("trace")) if outcome is not Outcome.PASSED else "",
        file=text(test.get("filePath")),
        flaky=outcome is Outcome.PASSED and test.get("flaky") is True,
    )


CTRF = Format("ctrf", "tests", sniff, parse)
