"""pytest-json-report's file: each test with its three stages.

Written by: the pytest plugin pytest-json-report (1.0 to 1.5; ``--json-report``); seen: 1.5.0 with pytest 9.2.
Specified in: the README of pytest-json-report.
Read: tests with outcome, the durations of their stages, the crash of the stage that failed; collectors that
    failed.
Dropped: environment, keywords, captured output, log records, metadata, warnings.
Meaning: xfailed is skipped, xpassed is passed (pytest does not fail it; a strict one is failed). A test whose
    set-up or teardown broke is an error, even if it failed before. ``rerun`` is how the plugin calls a test that
    pytest-rerunfailures repeated until it passed: passed and flaky. A module that could not be collected is an
    error of its own, one that skips itself a skip. Class and name are written as in pytest's JUnit XML.
Differences:
* pytest-subtests: the plugin keeps no result of a subtest; a test whose subtests failed is passed in the file
* pytest: a test that failed and then broke in its teardown is printed as a failure and an error, and is one test
  here
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from collectors.parsers import pytest_names
from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import mapping, outline, whole
from collectors.parsers.json_typed import read
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {
    "passed": Outcome.PASSED,
    "xpassed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
    "xfailed": Outcome.SKIPPED,
}


def sniff(head: bytes) -> bool:
    """Whether the report's own keys are there; ``tests`` may be left out of it."""
    keys = outline(head)
    return "tests[].nodeid" in keys or ({"exitcode", "root", "summary"} <= keys and "environment" in keys)


class _Crash(Struct, gc=False):
    message: str | None = None


class _Stage(Struct, gc=False):
    outcome: str | None = None
    duration: float | None = None
    crash: _Crash | None = None
    longrepr: str | None = None


class _Test(Struct, gc=False):
    nodeid: str = ""
    outcome: str = ""
    setup: _Stage | None = None
    call: _Stage | None = None
    teardown: _Stage | None = None


class _Collector(Struct, gc=False):
    nodeid: str = ""
    outcome: str = ""
    longrepr: str | None = None


class _Report(Struct):
    tests: list[_Test] | None = None
    collectors: list[_Collector] = []
    summary: Any = None


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    report = read(data, _Report, warnings)
    summary = mapping(report.summary)
    total = whole(summary.get("total"))
    if report.tests is None and (total or not summary):
        raise ReportError(
            "The report lists no tests; it was written with --json-report-omit=tests or a summary only."
        )
    cases = Cases()
    broken = [found for found in report.collectors if found.outcome in ("failed", "skipped")]
    for found in broken:
        outcome = Outcome.ERROR if found.outcome == "failed" else Outcome.SKIPPED
        _add_named(cases, found.nodeid, outcome, None, "", found.longrepr or "")
    for test in report.tests or ():
        _add(cases, test)
    return cases.report(warnings, {"total": None if total is None else total + len(broken)})


def _add(cases: Cases, test: _Test) -> None:
    told = test.outcome
    stages = [stage for stage in (test.setup, test.call, test.teardown) if stage]
    repeated = told == "rerun"
    if "subtests" in told:
        told = "failed" if "failed" in told else "rerun"  # the verdict on a part of the test hides the test's own
    if told == "rerun":
        told = next((stage.outcome for stage in stages if stage.outcome not in ("passed", "", None)), "passed")
    outcome = _OUTCOMES.get(told)
    if outcome is None:
        raise ReportError(f"The test “{test.nodeid[:200]}” has the outcome “{told[:50]}”, which is not known.")
    took = [stage.duration for stage in stages if stage.duration is not None]
    message = details = ""
    for stage in stages:
        if stage.outcome not in ("passed", None):
            message, details = (stage.crash and stage.crash.message) or "", stage.longrepr or ""
            break
    flaky = repeated and outcome is Outcome.PASSED
    _add_named(cases, test.nodeid, outcome, sum(took) if took else None, message, details, flaky)


def _add_named(
    cases: Cases, nodeid: str, outcome: Outcome, took: float | None, message: str, details: str, flaky: bool = False
) -> None:
    classname, name, file = pytest_names.split(nodeid)
    cases.add(
        name=name, classname=classname, outcome=outcome, duration=took, message=message, details=details,
        file=file, flaky=flaky,
    )  # fmt: skip


PYTEST_JSON = Format("pytest-json", "tests", sniff, parse)
