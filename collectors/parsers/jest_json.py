"""Jest's JSON results: ``jest --json``, ``vitest --reporter=json``.

Written by: Jest (23 to 30, ``--json --outputFile``; also its aggregated result as custom reporters dump it),
    Vitest (0.20 to 4, ``--reporter=json``), Bun and Karma reporters of the same shape; seen: Jest 29.7, Vitest
    2.1.
Specified in: FormattedTestResults in @jest/test-result; the json reporter in Vitest's source.
Read: files, tests with the titles of their suites, outcomes, durations (ms), failure messages, repeated
    invocations.
Dropped: snapshots, open handles, coverageMap, console output, failureDetails.
Meaning: passed and failed as they say; pending, skipped, todo, disabled and focused are skipped. A test that
    passed after more than one invocation (``jest.retryTimes``) is flaky. A file that failed although none of its
    tests did (it could not be loaded, a hook outside of its tests failed) is one error of its own.
Differences:
* Jest, Vitest: a file that could not be loaded is in the number of suites only, not of tests
* jest-junit with reportTestSuiteErrors: adds a nameless test with the status error to a file that could not be
  run, which other reporters then write too; it is the file's one error
* Vitest: the tests below a failing beforeAll are skips, and the file is an error of its own
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import mapping, outline, text, whole
from collectors.parsers.json_typed import read, seconds
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "error": Outcome.ERROR,
    "pending": Outcome.SKIPPED,
    "skipped": Outcome.SKIPPED,
    "todo": Outcome.SKIPPED,
    "disabled": Outcome.SKIPPED,
    "focused": Outcome.SKIPPED,
}


def sniff(head: bytes) -> bool:
    """Whether test results by file stand at the top, or the totals that only this format has."""
    keys = outline(head)
    return "testResults" in keys and ("testResults[].assertionResults" in keys or "numTotalTests" in keys)


class _Test(Struct, gc=False, rename="camel"):
    title: str = ""
    full_name: str = ""
    status: str | None = None
    duration: float | None = None
    ancestor_titles: list[str] | None = None
    failure_messages: list[str] | None = None
    invocations: int | None = None


class _File(Struct, gc=False, rename="camel"):
    name: str | None = None
    test_file_path: str | None = None
    status: str | None = None
    message: str | None = None
    failure_message: str | None = None
    assertion_results: list[_Test] | None = None
    test_results: list[_Test] | None = None
    test_exec_error: Any = None


class _Report(Struct, rename="camel"):
    test_results: list[_File] | None = None
    num_total_tests: Any = None
    num_passed_tests: Any = None
    num_failed_tests: Any = None


def parse(data: bytes) -> TestReport:
    """Read all tests of all files. Raises ReportError."""
    warnings: list[str] = []
    results = read(data, _Report, warnings)
    if results.test_results is None:
        raise ReportError("The results name no files of tests (testResults).")
    cases = Cases()
    lost = sum(_read_file(cases, file) for file in results.test_results)
    total = whole(results.num_total_tests)
    own = {
        "total": None if total is None else total + lost,
        "passed": whole(results.num_passed_tests),
        "failed": whole(results.num_failed_tests),
    }
    return cases.report(warnings, own)


def _read_file(cases: Cases, file: _File) -> bool:
    """Add the tests of one file; True where the file failed and none of them."""
    path = file.name or file.test_file_path or ""
    told = file.assertion_results or file.test_results or []
    # What jest-junit adds for a file that could not be run: no test, but the file itself said twice.
    tests = [test for test in told if test.status != "error" or test.title]
    for test in tests:
        _add(cases, path, test)
    failed = file.status == "failed" or bool(file.test_exec_error)
    if not failed or any(test.status in ("failed", "error") for test in tests):
        return False
    details = file.message or file.failure_message or text(mapping(file.test_exec_error).get("message"))
    said = "The file failed outside of its tests." if tests else "The file could not be run."
    cases.add(
        name="(file)", suite=path, classname=path, outcome=Outcome.ERROR, message=said, details=details, file=path
    )
    return True


def _add(cases: Cases, path: str, test: _Test) -> None:
    outcome = OUTCOMES.get(test.status or "")
    name = test.title or test.full_name
    if outcome is None:
        said = (test.status or "")[:50]
        raise ReportError(f"The test “{name[:200]}” has the status “{said}”, which is not known.")
    failures = test.failure_messages or ()
    repeated = (test.invocations or 1) > 1 or bool(failures)
    cases.add(
        name=name,
        suite=path,
        classname=" > ".join(test.ancestor_titles or ()),
        outcome=outcome,
        duration=seconds(test.duration),
        details="\n".join(failures),
        file=path,
        flaky=outcome is Outcome.PASSED and repeated,
    )


JEST_JSON = Format("jest-json", "tests", sniff, parse)
