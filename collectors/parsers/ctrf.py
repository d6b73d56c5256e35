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

from msgspec import Struct, field

from collectors.parsers.cases import Cases, headline
from collectors.parsers.json_reading import duration, mapping, outline, text, whole
from collectors.parsers.json_typed import read
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


class _Test(Struct, gc=False):
    name: str = ""
    status: str = ""
    raw_status: str | None = field(name="rawStatus", default=None)
    suite: Any = None
    browser: str | None = None
    duration: float | None = None
    message: str | None = None
    trace: str | None = None
    path: str | None = field(name="filePath", default=None)
    flaky: Any = None


class _Results(Struct):
    tests: list[_Test] | None = None
    summary: Any = None


class _Report(Struct):
    results: _Results = field(default_factory=_Results)


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    results = read(data, _Report, warnings).results
    if results.tests is None:
        raise ReportError("The results hold no list of tests (results.tests).")
    cases = _cases(results.tests)
    summary = mapping(results.summary)
    own = {
        "total": whole(summary.get("tests")),
        "passed": whole(summary.get("passed")),
        "failed": whole(summary.get("failed")),
    }
    return cases.report(warnings, own)


def _cases(tests: list[_Test]) -> Cases:
    """All of them, a column at a time."""
    cases = Cases()
    outcomes = list(map(_outcome, tests))
    passed = [outcome is Outcome.PASSED for outcome in outcomes]
    details = ["" if well else test.trace or "" for test, well in zip(tests, passed, strict=True)]
    cases.add_many(
        [test.name for test in tests],
        outcomes,
        suites=[test.browser or "" for test in tests],
        classnames=[_path(test.suite) for test in tests],
        durations=[duration(test.duration, 0.001) for test in tests],
        messages=[
            "" if well else test.message or headline(said)
            for test, well, said in zip(tests, passed, details, strict=True)
        ],
        details=details,
        files=[test.path or "" for test in tests],
    )
    for case, test in zip(cases.found, tests, strict=True):
        if test.flaky is True and case.outcome is Outcome.PASSED:
            case.flaky = True
    return cases


def _path(suite: Any) -> str:
    return " > ".join(map(text, suite)) if isinstance(suite, list) else text(suite)


def _outcome(test: _Test) -> Outcome:
    status = test.status.lower()
    outcome = _OUTCOMES.get(status)
    if outcome is None:
        raise ReportError(f"The test “{test.name[:200]}” has the status “{status[:50]}”, which is not known.")
    if status == "other" and (test.raw_status or "").lower() in _RAW_ERRORS:
        return Outcome.ERROR
    return outcome


CTRF = Format("ctrf", "tests", sniff, parse)
