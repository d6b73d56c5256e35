"""GoogleTest's JSON: ``--gtest_output=json``.

Written by: GoogleTest (1.8.1 to 1.17); seen: 1.12.1.
Specified in: the user's guide of GoogleTest, “Generating a JSON Report”.
Read: suites and tests, status and result, failures, times, files.
Dropped: properties, timestamps.
Meaning: a test with failures is failed, one that was not run (disabled) or skipped itself is skipped. Names that
    GoogleTest encodes twice are mended, so that they are those of its XML.
Differences:
* GoogleTest: disabled tests are cases, and skips; its terminal counts them apart
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from collectors.parsers.cases import Cases, headline
from collectors.parsers.json_reading import outline, whole
from collectors.parsers.json_typed import read
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import seconds


def sniff(head: bytes) -> bool:
    """Whether test suites hold GoogleTest's ``testsuite`` lists."""
    keys = outline(head)
    return "testsuites" in keys and ("testsuites[].testsuite" in keys or {"disabled", "failures"} <= keys)


class _Failure(Struct, gc=False):
    failure: str = ""


class _Skip(Struct, gc=False):
    message: str = ""


class _Test(Struct, gc=False):
    name: str = ""
    classname: str = ""
    file: str = ""
    status: Any = None
    result: Any = None
    time: str = ""
    failures: list[_Failure] = []
    skipped: list[_Skip] = []


class _Suite(Struct, gc=False):
    testsuite: list[_Test] = []


class _Report(Struct):
    testsuites: list[_Suite] | None = None
    tests: Any = None
    failures: Any = None


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    report = read(data, _Report, warnings)
    if report.testsuites is None:
        raise ReportError("The report holds no list of test suites.")
    tests = [test for suite in report.testsuites for test in suite.testsuite]
    if tests and not any(test.status is not None or test.result is not None for test in tests):
        raise ReportError("The file lists tests that were not run (--gtest_list_tests).")
    cases = Cases()
    failures = ["\n\n".join([_mended(failure.failure) for failure in test.failures]) for test in tests]
    cases.add_many(
        [_mended(test.name) for test in tests],
        list(map(_outcome, tests)),
        classnames=[_mended(test.classname) for test in tests],
        durations=[seconds(test.time) for test in tests],
        messages=list(map(_message, tests, failures)),
        details=failures,
        files=[test.file for test in tests],
    )
    return cases.report(warnings, {"total": whole(report.tests), "failed": whole(report.failures)})


def _outcome(test: _Test) -> Outcome:
    if test.failures:
        return Outcome.FAILED
    skipped = test.status == "NOTRUN" or test.result in ("SKIPPED", "SUPPRESSED")
    return Outcome.SKIPPED if skipped else Outcome.PASSED


def _message(test: _Test, failure: str) -> str:
    if failure or test.failures or not test.skipped:
        return headline(failure)
    return _mended(test.skipped[0].message)


def _mended(name: str) -> str:
    """GoogleTest writes each byte of a UTF-8 name as a character of its own."""
    if name.isascii():
        return name
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name


GOOGLETEST_JSON = Format("googletest-json", "tests", sniff, parse)
