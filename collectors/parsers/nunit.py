"""NUnit's result files: ``test-run`` of NUnit 3 and 4, ``test-results`` of NUnit 2.

Written by: nunit3-console and NUnitLite (3.0 to 4), ``dotnet test --logger nunit`` (NunitXml.TestLogger), Unity's
    test runner, pytest-nunit 1.0 (``test-run``); nunit-console 2.4 to 2.6.4, Pester, Gallio (``test-results``).
Specified in: “Test Result XML Format” of NUnit's documentation; ``Results.xsd`` of NUnit 2.
Read: every ``test-case`` with its message, stack trace and duration; the assembly as its suite.
Dropped: properties, output, attachments, assertions, settings, environment.
Meaning: Passed, Success and Warning are passed; Failed is failed, and an error with the label Error, Invalid or
    Cancelled (NUnit 2: Error, NotRunnable, Cancelled); Skipped, Ignored, Explicit and Inconclusive are skipped.
    Durations are seconds.
Differences:
* NUnit 2: its “tests run” leaves out ignored and invalid tests; a fixture whose set-up broke is one more failure.
* pytest-nunit: an expected failure is Passed in the file.

Notes: NUnit 2 writes a test's full name and no class; what stands before the last full stop ahead of the
arguments is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases, disagreement
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import bounded_name, seconds

_OUTCOMES = {
    "passed": Outcome.PASSED,
    "success": Outcome.PASSED,
    "warning": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "failure": Outcome.FAILED,
    "error": Outcome.ERROR,
    "invalid": Outcome.ERROR,
    "notrunnable": Outcome.ERROR,
    "cancelled": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
    "ignored": Outcome.SKIPPED,
    "explicit": Outcome.SKIPPED,
    "inconclusive": Outcome.SKIPPED,
}
_ERROR_LABELS = ("error", "invalid", "cancelled")
_FULL_NAME = re.compile(r"(.+)\.([^.<>()\"]+(?:<[^()\"]*>)?)", re.DOTALL)
_SPLIT_UP_TO = 1_000  # characters: a longer name is a document in an argument


def sniff(head: bytes) -> bool:
    """Whether this is a result file of NUnit 2 or 3."""
    name, attributes, rest = safe_xml.root(head)
    if name == "test-run":
        return b"<test-suite" in rest or b"<test-case" in rest or b"testcasecount" in attributes
    return name == "test-results" and (b"<test-suite" in rest or b"not-run" in attributes)


def parse(data: bytes) -> TestReport:
    """Read all test cases. Raises ReportError."""
    warnings: list[str] = []
    cases, runs = xml_cases.streamed(data, ("test-case",), _cases, warnings, ("test-run", "test-results"))
    if cases.found and not _was_run(runs):
        raise ReportError("The file lists tests that were not run (--explore).")
    report = cases.report(warnings)
    if warning := _disagreement(runs, report):
        warnings.append(warning)
    torn_down = [
        suite.get("fullname") or suite.get("name") or ""
        for run in runs
        for suite in run.iter("{*}test-suite")
        if suite.get("site") == "TearDown" and suite.get("result") == "Failed"
    ]
    if torn_down:
        warnings.append(xml_cases.stand_alone(len(torn_down), torn_down[0]))
    return report


def _was_run(runs: list[etree._Element]) -> bool:
    """NUnit 3 lists tests in the shape of its results, in which neither a suite nor the run has any."""
    old = any(xml_cases.local(run) != "test-run" for run in runs)
    return old or any(element.get("result") or element.get("total") for run in runs for element in (run, *run))


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    assemblies: dict[etree._Element | None, str] = {None: ""}
    for element in elements:
        get = element.get
        classname, name = _named(element)
        outcome = _outcome(element)
        # What a test says that passed, Assert.Pass or pytest-nunit's “None”, is no message of ours; a warning is.
        silent = outcome is Outcome.PASSED and (get("result") or "").lower() != "warning"
        message, details = ("", "") if silent else _words(element)
        cases.add(
            suite=xml_cases.inherited(assemblies, element.getparent(), _assembly),
            classname=classname,
            name=name,
            outcome=outcome,
            duration=seconds(get("duration") or get("time")),
            message=message,
            details=details,
        )
    return cases


def _assembly(above: str, element: etree._Element) -> str:
    """The file name of the nearest assembly; runs of several assemblies may hold a class twice."""
    if (element.get("type") or "").lower() not in ("assembly", "project"):
        return above
    return bounded_name((element.get("name") or "").replace("\\", "/").rpartition("/")[2])


def _named(element: etree._Element) -> tuple[str, str]:
    """Class and name of a test."""
    name = element.get("name") or ""
    full = element.get("fullname") or ""
    classname = element.get("classname") or ""
    if not classname and name and full.endswith("." + name):
        classname = full[: -len(name) - 1]
    if classname:
        return classname, name or element.get("methodname") or full
    name = name or full
    found = _FULL_NAME.fullmatch(name[:_SPLIT_UP_TO].partition("(")[0])
    if not found:
        return "", name
    return found[1], name[len(found[1]) + 1 :]


def _words(element: etree._Element) -> tuple[str, str]:
    """Message and details out of a failure, or out of the reason why a test was not run."""
    message = details = ""
    for part in element:
        tag = xml_cases.local(part)
        if tag == "failure":
            message = xml_cases.text(part, "message") or message
            details = xml_cases.text(part, "stack-trace")
        elif tag == "reason":
            message = message or xml_cases.text(part, "message")
    return message, details or message


def _outcome(element: etree._Element) -> Outcome:
    get = element.get
    result = (get("result") or "").lower()
    if result == "failed" and (get("label") or "").lower() in _ERROR_LABELS:
        return Outcome.ERROR
    if result in _OUTCOMES:
        return _OUTCOMES[result]
    if (get("executed") or "").lower() == "false":
        return Outcome.SKIPPED
    if (get("success") or "").lower() == "true":  # NUnit before 2.5 says no more
        return Outcome.PASSED
    return Outcome.FAILED


def _disagreement(runs: list[etree._Element], report: TestReport) -> str:
    """A sentence where the totals of ``test-run`` are not those of its test cases.

    NUnit 2 counts set-ups that broke beside the tests, so its totals say nothing about the cases.
    """
    if any(xml_cases.local(run) == "test-results" for run in runs):
        return ""
    counted = report.counts()
    told = xml_cases.total(runs, "failed")
    if told is not None and told == counted.failed + counted.errors:
        told = counted.failed  # errors are among them
    own = {"total": xml_cases.total(runs, "total"), "failed": told}
    return disagreement(own, counted)


NUNIT = Format("nunit", "tests", sniff, parse)
