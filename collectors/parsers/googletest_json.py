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

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import load_object, objects, outline, text, whole
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import seconds


def sniff(head: bytes) -> bool:
    """Whether test suites hold GoogleTest's ``testsuite`` lists."""
    keys = outline(head)
    return "testsuites" in keys and ("testsuites[].testsuite" in keys or {"disabled", "failures"} <= keys)


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    report = load_object(data, warnings)
    if not isinstance(report.get("testsuites"), list):
        raise ReportError("The report holds no list of test suites.")
    tests = [test for suite in objects(report["testsuites"]) for test in objects(suite.get("testsuite"))]
    if tests and not any("status" in test or "result" in test for test in tests):
        raise ReportError("The file lists tests that were not run (--gtest_list_tests).")
    cases = Cases()
    for test in tests:
        _add(cases, test)
    return cases.report(warnings, {"total": whole(report.get("tests")), "failed": whole(report.get("failures"))})


def _add(cases: Cases, test: dict[str, Any]) -> None:
    get = test.get
    failures, told = [], []
    if "failures" in test:
        failures = [_mended(text(failure.get("failure"))) for failure in objects(get("failures"))]
    if "skipped" in test:
        told = [_mended(text(skip.get("message"))) for skip in objects(get("skipped"))]
    skipped = get("status") == "NOTRUN" or get("result") in ("SKIPPED", "SUPPRESSED")
    cases.add(
        name=_mended(text(get("name"))),
        classname=_mended(text(get("classname"))),
        outcome=Outcome.FAILED if failures else Outcome.SKIPPED if skipped else Outcome.PASSED,
        duration=seconds(text(get("time"))),
        message=told[0] if told and not failures else "",
        details="\n\n".join(failures),
        file=text(get("file")),
    )


def _mended(name: str) -> str:
    """GoogleTest writes each byte of a UTF-8 name as a character of its own."""
    if name.isascii():
        return name
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name


GOOGLETEST_JSON = Format("googletest-json", "tests", sniff, parse)
