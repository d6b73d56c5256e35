"""JUnit XML: the report that nearly every test runner writes, each in its own way.

Written by: pytest, unittest-xml-reporting, nose2, behave, Robot Framework, Stestr; Surefire, Gradle, Ant, JUnit's
  console; Jest, Vitest, Mocha, node, cucumber-js, tap-junit, Playwright, Cypress; gotestsum; nextest, libtest;
  GoogleTest, CTest, Catch2, Boost.Test, cmocka, CUnit, QtTest, Meson; RSpec, Minitest; PHPUnit; bats; EUnit;
  testthat; TAP::Harness and their like, in every version seen.
Specified in: nowhere; the shape is that of Ant's ``<junitreport>``, ``testsuites? > testsuite+ > testcase* >
  failure | error | skipped``. Surefire (``surefire-test-report-3.0.xsd``), Jenkins and Windy Road each wrote a
  schema of their own.
Read: every ``testcase``: suite (the path of nested suite names), class, name, file, duration, outcome, message
  and traceback, and whether it passed on a later attempt. Several documents in one file (libtest, cmocka) are all
  read; control characters, terminal colours and bare ``&`` are mended with a warning.
Dropped: properties, ``system-out`` and ``system-err``, assertions, host names, time stamps. A suite's own numbers
  are compared with its cases, which win.
Meaning: one ``testcase`` is one test. ``failure`` is failed, ``error`` an error, ``skipped`` skipped; of several
  the worst counts. Where no child tells, the attributes ``status`` and ``result`` do (CTest, GoogleTest, behave).
  An expected failure is a skip where the file marks it (pytest's ``xfail``, unittest, Catch2, QtTest). Surefire's
  and nextest's ``flakyFailure`` is a test that passed in the end and is flaky, as is a case that Firebase Test Lab
  marks ``flaky``; ``rerunFailure`` belongs to a failure and is not counted again. Durations are seconds, with
  thousands separators if need be; none is unknown.
Differences:
* pytest: a test that passed and then failed in its teardown is one case (error) and printed twice; a test that
  failed twice (call and teardown) is two cases; passed subtests stand only in the totals
* nose2: an unexpected success is written as a skip; failing subtests and class fixtures are cases of their own
* unittest-xml-reporting: an unexpected success is an error; failing subtests are cases of their own
* Jest (jest-junit): a ``todo`` is a passed case; a failing ``afterAll`` is a case of its own
* Vitest: a file that cannot be loaded and a failing hook are cases of their own; a ``todo`` is a skip
* Mocha (mocha-junit-reporter): pending tests stand in the totals and in no case
* Node.js: a test with subtests is a suite, in no case; a TODO that fails has its failure beside its skip
* cucumber-js: an undefined scenario is a failure
* tape (tap-junit): a failing TODO is a failure
* Ant, Surefire: a class that cannot be set up is one case with an error, and "0 tests" in Ant's totals
* GoogleTest: disabled tests are cases, and skips
* CTest: tests that could not be started are skips in the file and failures in the terminal; disabled ones are
  cases
* Catch2: every section is a case; the totals count assertions
* Boost.Test: an expected failure is not marked and so is a failure; the totals count otherwise
* cmocka: a failing set-up is a failure, in no count of the terminal
* Meson: timeouts, expected failures and unexpected passes have no mark; the tests of one TAP run are cases of
  their own
* PHPUnit: a risky test is an error, an incomplete one a skip; before version 6 skips are errors in its totals
* Karma: a pending test whose expectations failed has its failure beside its skip
* QtTest (``xunitxml``): a skip stands in a comment, blacklisted tests are skips; the totals count messages
* bats: tests of a broken file that were not run are in no case
* EUnit: failed assertions are errors; a test that timed out is a skip
* testthat: every expectation is a case
* TAP::Harness::JUnit: a TODO is left out; a file that died or broke its plan is a case of its own
* libtest: ignored tests stand in the totals and in no case
* RSpec: an error while loading a file is not in the report at all

Notes: long reports are read by ``junit_runs``, which hands back here what is not simple.
"""

from __future__ import annotations

import re

from lxml import etree

from collectors.parsers import safe_xml
from collectors.parsers.junit_outcomes import judged, judged_child, outcome_of_statuses
from collectors.parsers.junit_runs import MARK, Runs, taken_out
from collectors.parsers.results import CaseResult, Format, ReportError, TestCounts, TestReport
from collectors.parsers.text import bounded_message, bounded_name, count, seconds
from collectors.parsers.xml_cases import local

MAX_CASES = 500_000
"""Test cases in one file. A tree of so many and their values stay within the 512 MB of a parsing process; the
largest suites known run a tenth of it."""

_SMALLEST = len("<testcase/>")

_ROOTS = ("testsuites", "testsuite", "testrun")
_OF_A_LIST = {"name", "tests"}  # GoogleTest: of a run the root says failures and time as well
_SKIP_IN_A_COMMENT = re.compile(
    rb'<!-- (message="[^"<]*") type="skip" -->'
)  # QtTest 4 and 5, with -o FILE,xunitxml
_TIME_IN_SUITE = re.compile(r"-\d{14}$")  # unittest-xml-reporting: the start of the run behind the class


def sniff(head: bytes) -> bool:
    """Whether this is JUnit XML.

    The formats of Check (with a namespace) and DejaGnu have its root elements too, and TestLink's plans of tests.
    """
    name, attributes, rest = safe_xml.root(head)
    if name not in _ROOTS or b"check.sourceforge.net" in attributes or rest.lstrip().startswith(b"<test>"):
        return False
    if b"<testcase internalid=" in rest:
        return False
    return name != "testrun" or b"<testcase" in rest or b"<testsuite" in rest


def parse(data: bytes) -> TestReport:
    """Read all test cases of a file, in its order. Raises ReportError."""
    if len(data) > _SMALLEST * MAX_CASES and data.count(b"<testcase") > MAX_CASES:
        raise ReportError(f"The file holds more than {MAX_CASES:,} test cases; split it.")
    warnings: list[str] = []
    (cases, root), wrapped = safe_xml.mended(data, _read, warnings)
    documents = _documents(root, wrapped)
    if documents[0].get("name") == "AllTests" and set(documents[0].attrib) == _OF_A_LIST:
        raise ReportError("The file lists tests that were not run (--gtest_list_tests).")
    if len(documents) > 1:
        warnings.append(f"The file holds {len(documents)} XML documents one after the other; all were read.")
    if warning := _lone_results(documents):
        warnings.append(warning)
    durations = [case.duration for case in cases if case.duration is not None]
    report = TestReport(cases, sum(durations) if durations else None, warnings)
    if warning := _disagreement(documents, report.counts()):
        warnings.append(warning)
    return report


def _read(data: bytes) -> tuple[list[CaseResult], etree._Element]:
    """The cases and the root of one document; NotWellFormedError where it is none."""
    if b'type="skip" -->' in data:
        data = _SKIP_IN_A_COMMENT.sub(rb"<skipped \1/>", data)
    runs = taken_out(data)
    if runs is not None:
        try:
            cases, root, seen = _read_cases(runs.left.encode(), runs)
        except safe_xml.NotWellFormedError:
            pass  # the long way says where
        else:
            if seen == len(runs):
                return cases, root
    return _read_cases(data, None)[:2]


def _read_cases(data: bytes, runs: Runs | None) -> tuple[list[CaseResult], etree._Element, int]:
    """The cases one by one, those of each run where its mark stands; the root; how many runs were met."""
    stream = safe_xml.Stream(data, "testcase", MARK) if runs else safe_xml.Stream(data, "testcase")
    suites: dict[etree._Element | None, tuple[str, str]] = {}
    cases: list[CaseResult] = []
    seen = 0
    for element in stream:
        parent = element.getparent()
        if parent not in suites:
            suites[parent] = _suite(parent)
        suite, file = suites[parent]
        if runs and element.tag.endswith(MARK):
            cases.extend(runs.cases(seen, suite, file, outcome_of_statuses, judged_child))
            seen += 1
        else:
            cases.append(_case(element, suite, file))
    return cases, stream.root, seen


def _case(element: etree._Element, suite: str, file: str) -> CaseResult:
    """One case of a suite; ``file`` is the one that the suite names."""
    get = element.get
    outcome = outcome_of_statuses((get("status") or "", get("result") or ""))
    message = details = ""
    flaky = False
    if len(element):
        outcome, flaky, message, details = judged(element, outcome)
    return CaseResult(
        suite,
        bounded_name(get("classname") or get("class") or ""),
        bounded_name(get("name") or "(unnamed)"),
        outcome,
        seconds(get("time")),
        message,
        details,
        bounded_name(get("file") or get("filepath") or file),
        flaky,
    )


def _documents(root: etree._Element, wrapped: bool) -> list[etree._Element]:
    """The root elements of the file. Raises ReportError where one is no element of JUnit's."""
    documents = list(root) if wrapped else [root]
    if not documents:
        raise ReportError("The file holds no XML element.")
    for document in documents:
        if local(document) not in _ROOTS:
            name = bounded_message(local(document))
            raise ReportError(f"The file holds a <{name}> element where test suites were expected.")
    return documents


def _suite(element: etree._Element | None) -> tuple[str, str]:
    """The path of suite names down to this element, and the file that the nearest one names."""
    names: list[str] = []
    file = ""
    while element is not None:
        if local(element) == "testsuite":
            names.append(_TIME_IN_SUITE.sub("", element.get("name") or ""))
            file = file or element.get("file") or element.get("filepath") or ""
        element = element.getparent()
    return bounded_name(" > ".join(name for name in reversed(names) if name)), bounded_name(file)


def _lone_results(documents: list[etree._Element]) -> str:
    """A sentence about failures that belong to a suite and to no test case, which no count holds."""
    lone = [
        suite.get("name") or ""
        for document in documents
        for suite in document.iter("{*}testsuite")
        for _ in suite.iterchildren("{*}error", "{*}failure")
    ]
    if not lone:
        return ""
    name = " ".join(bounded_message(lone[0]).split())
    return (
        f"{len(lone)} failures stand outside of any test case, the first in suite “{name}”; they are not counted."
    )


def _disagreement(documents: list[etree._Element], counted: TestCounts) -> str:
    """A sentence where the file's own totals differ from its test cases, which then win."""
    suites = [suite for document in documents for suite in _counting_suites(document)]
    own: dict[str, int] = {}
    for key in ("tests", "failures", "errors", "skipped"):
        told = [count(suite.get(key)) for suite in suites]
        if told and None not in told:
            own[key] = sum(number or 0 for number in told)
    found = {
        "tests": counted.total,
        "failures": counted.failed,
        "errors": counted.errors,
        "skipped": counted.skipped,
    }
    differing = [
        f"{key} {own[key]} where its test cases give {found[key]}" for key in own if own[key] != found[key]
    ]
    if not differing:
        return ""
    return f"The file's own totals say {', '.join(differing)}; the test cases were counted."


def _counting_suites(document: etree._Element) -> list[etree._Element]:
    """The outermost elements that carry a number of tests."""
    if document.get("tests") is not None:
        return [document]
    return [found for child in document.iterchildren("{*}testsuite") for found in _counting_suites(child)]


JUNIT = Format("junit", "tests", sniff, parse)
