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

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration, load_object, mapping, objects, outline, text, whole
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


def parse(data: bytes) -> TestReport:
    """Read all tests of all files. Raises ReportError."""
    warnings: list[str] = []
    results = load_object(data, warnings)
    files = results.get("testResults")
    if not isinstance(files, list):
        raise ReportError("The results name no files of tests (testResults).")
    cases = Cases()
    lost = sum(_read_file(cases, file) for file in objects(files))
    total = whole(results.get("numTotalTests"))
    own = {
        "total": None if total is None else total + lost,
        "passed": whole(results.get("numPassedTests")),
        "failed": whole(results.get("numFailedTests")),
    }
    return cases.report(warnings, own)


def _read_file(cases: Cases, file: dict[str, Any]) -> bool:
    """Add the tests of one file; True where the file failed and none of them."""
    path = text(file.get("name")) or text(file.get("testFilePath"))
    told = objects(file.get("assertionResults")) or objects(file.get("testResults"))
    # What jest-junit adds for a file that could not be run: no test, but the file itself said twice.
    tests = [test for test in told if test.get("status") != "error" or text(test.get("title"))]
    for test in tests:
        _add(cases, path, test)
    failed = file.get("status") == "failed" or bool(file.get("testExecError"))
    if not failed or any(test.get("status") in ("failed", "error") for test in tests):
        return False
    details = text(file.get("message")) or text(file.get("failureMessage"))
    details = details or text(mapping(file.get("testExecError")).get("message"))
    said = "The file failed outside of its tests." if tests else "The file could not be run."
    cases.add(
        name="(file)", suite=path, classname=path, outcome=Outcome.ERROR, message=said, details=details, file=path
    )
    return True


def _add(cases: Cases, path: str, test: dict[str, Any]) -> None:
    told = test.get("status")
    outcome = OUTCOMES.get(told) if isinstance(told, str) else None
    titles = test.get("ancestorTitles")
    name = text(test.get("title")) or text(test.get("fullName"))
    if outcome is None:
        raise ReportError(f"The test “{name[:200]}” has the status “{text(told)[:50]}”, which is not known.")
    failures = test.get("failureMessages")
    repeated = (whole(test.get("invocations")) or 1) > 1 or bool(failures)
    cases.add(
        name=name,
        suite=path,
        classname=" > ".join(map(text, titles)) if isinstance(titles, list) else "",
        outcome=outcome,
        duration=duration(test.get("duration"), 0.001),
        details="\n".join(map(text, failures)) if isinstance(failures, list) else "",
        file=path,
        flaky=outcome is Outcome.PASSED and repeated,
    )


JEST_JSON = Format("jest-json", "tests", sniff, parse)
