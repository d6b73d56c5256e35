"""TRX: the results file of Visual Studio's test platform.

Written by: ``dotnet test --logger trx``, ``vstest.console`` (VSTest 15 to 18), Microsoft.Testing.Platform, MSTest
    of Visual Studio 2010 to 2019, xUnit.net 3 (``-trx``), jest-trx-results-processor 3.0 and mocha-trx-reporter.
Specified in: ``vstst.xsd`` of Visual Studio (``http://microsoft.com/schemas/VisualStudio/TeamTest/2010``) and the
    sources of VSTest's TrxLogger.
Read: every ``UnitTestResult`` (and generic, manual, web and load test results) with its message, stack trace and
    duration; the class and the assembly from ``TestDefinitions``. Of a data-driven or ordered test its inner
    results, which are tests of their own.
Dropped: output, attachments, test settings, test lists, categories; of the run's messages only errors are told.
Meaning: Passed, Completed, PassedButRunAborted and Warning are passed; Failed is failed; Error, Timeout, Aborted,
    Disconnected and InProgress are errors; NotExecuted, Inconclusive, NotRunnable and Pending are skipped. A
    result without an outcome is an error: that is the value which writers leave out. Durations are
    ``hh:mm:ss.fffffff``; a missing one is unknown.
Differences:
* VSTest before 18: a data-driven test with inner results is counted beside its rows in ``Counters``; its rows
  alone are counted here, as the terminal does.
* jest-trx-results-processor: a test file that cannot be loaded is a result of its own.

Notes: MSTest writes the class with its assembly behind a comma, and ``TestDefinitions`` before or behind
``Results``, so classes are put in when the whole file was read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import MAX_CASES, Cases, disagreement
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import bounded_details, bounded_message

_NAMESPACE = b"microsoft.com/schemas/VisualStudio/TeamTest/"
_RESULTS = ("UnitTestResult", "TestResult", "TestResultAggregation", "GenericTestResult", "ManualTestResult",
            "WebTestResult", "LoadTestResult")  # fmt: skip
_DEFINITIONS = ("UnitTest", "GenericTest", "OrderedTest", "ManualTest", "WebTest", "LoadTest")
_OUTCOMES = {
    "passed": Outcome.PASSED,
    "completed": Outcome.PASSED,
    "passedbutrunaborted": Outcome.PASSED,
    "warning": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "error": Outcome.ERROR,
    "timeout": Outcome.ERROR,
    "aborted": Outcome.ERROR,
    "disconnected": Outcome.ERROR,
    "inprogress": Outcome.ERROR,
    "notexecuted": Outcome.SKIPPED,
    "inconclusive": Outcome.SKIPPED,
    "notrunnable": Outcome.SKIPPED,
    "pending": Outcome.SKIPPED,
}


def sniff(head: bytes) -> bool:
    """Whether this is a ``TestRun`` of Visual Studio (CppUnit has a root of that name too)."""
    name, attributes, rest = safe_xml.root(head)
    return name == "TestRun" and (
        _NAMESPACE in attributes
        or b"<UnitTestResult" in rest
        or b"<ResultSummary" in rest
        or b"<TestSettings" in rest
    )


class _Result(NamedTuple):
    """One result as it stands in the file, before its class is known."""

    test: str
    name: str
    outcome: str
    duration: float | None
    message: str
    details: str
    summary: bool
    kind: str


class _Definition(NamedTuple):
    name: str
    classname: str
    storage: str


def parse(data: bytes) -> TestReport:
    """Read the results of all runs in the file. Raises ReportError."""
    warnings: list[str] = []
    taken, runs = xml_cases.streamed(data, (*_RESULTS, *_DEFINITIONS, "TestEntry"), _take, warnings, ("TestRun",))
    results, definitions = taken
    cases = Cases()
    for result in _without_summaries(results):
        _add(cases, result, definitions.get(result.test))
    if unknown := sorted({result.outcome for result in results} - _OUTCOMES.keys()):
        names = bounded_message(", ".join(f"“{name}”" for name in unknown[:5]))
        warnings.append(f"Outcomes that TRX does not know ({names}) were counted as errors.")
    warnings += _run_errors(runs)
    report = cases.report(warnings)
    if warning := _disagreement(runs, report, results):
        warnings.append(warning)
    return report


def _take(elements: Iterable[etree._Element]) -> tuple[list[_Result], dict[str, _Definition]]:
    """All results, and the definitions by id; test entries come only to be forgotten."""
    results: list[_Result] = []
    definitions: dict[str, _Definition] = {}
    for element in elements:
        tag = xml_cases.local(element)
        if tag in _DEFINITIONS:
            definitions[element.get("id", "")] = _definition(element)
        elif tag in _RESULTS:
            results.append(_result(element))
            if len(results) > 2 * MAX_CASES:
                raise ReportError(f"The file holds more than {MAX_CASES:,} test results; split it.")
    return results, definitions


def _result(element: etree._Element) -> _Result:
    get = element.get
    message = details = ""
    summary = False
    for part in element:
        tag = xml_cases.local(part)
        if tag == "Output":
            failure = xml_cases.child(part, "ErrorInfo")
            message = bounded_message(xml_cases.text(failure, "Message"))
            details = bounded_details(xml_cases.text(failure, "StackTrace")) or message
        elif tag == "InnerResults":
            summary = len(part) > 0
    return _Result(
        test=get("testId", ""),
        name=get("testName", ""),
        outcome=(get("outcome") or "Error").lower(),
        duration=xml_cases.clock(get("duration")),
        message=message,
        details=details,
        summary=summary,
        kind=get("resultType", ""),
    )


def _definition(test: etree._Element) -> _Definition:
    method = xml_cases.child(test, "TestMethod")
    classname = method.get("className", "") if method is not None else ""
    storage = test.get("storage", "").replace("\\", "/").rpartition("/")[2]
    return _Definition(test.get("name", ""), sys.intern(classname.partition(",")[0].strip()), sys.intern(storage))


def _without_summaries(results: list[_Result]) -> Iterator[_Result]:
    """The results less those that only sum others up: inside of them, or beside them as rows of the same test."""
    rows = {result.test for result in results if result.kind == "DataDrivenDataRow"}
    for result in results:
        beside = result.kind == "DataDrivenTest" and result.test in rows
        if not (result.summary or beside):
            yield result


def _add(cases: Cases, result: _Result, definition: _Definition | None) -> None:
    cases.add(
        suite=definition.storage if definition else "",
        classname=definition.classname if definition else "",
        name=result.name or (definition.name if definition else ""),
        outcome=_OUTCOMES.get(result.outcome, Outcome.ERROR),
        duration=result.duration,
        message=result.message,
        details=result.details,
    )


def _run_errors(runs: list[etree._Element]) -> list[str]:
    """A sentence where the run itself reports errors: a host that crashed leaves tests out of the file."""
    told = [
        xml_cases.text(info, "Text")
        for run in runs
        for info in xml_cases.children(run, "ResultSummary", "RunInfos")
        if (info.get("outcome") or "").lower() in ("error", "aborted", "timeout")
    ]
    told = [text for text in told if not text.startswith("[xUnit.net ")]  # its adapter repeats what failed
    if not told:
        return []
    first = " ".join(told[0][:300].split()).rstrip(".")
    return [f"The run itself reports {len(told):,} error{'s' if len(told) > 1 else ''}, first “{first}”."]


def _disagreement(runs: list[etree._Element], report: TestReport, results: list[_Result]) -> str:
    """A sentence where ``Counters`` fit neither the tests alone nor the tests with those that sum them up."""
    counters = [found for run in runs if (found := xml_cases.child(run, "ResultSummary", "Counters")) is not None]
    if len(counters) < len(runs):
        return ""
    own = {"total": xml_cases.total(counters, "total")}
    if own["total"] == len(results) != report.counts().total:
        return ""
    own |= {"failed": xml_cases.total(counters, "failed")}
    passed = [xml_cases.total(counters, name) for name in ("passed", "completed", "passedButRunAborted", "warning")]
    own |= {"passed": None if passed[0] is None else sum(number or 0 for number in passed)}
    return disagreement(own, report.counts())


TRX = Format("trx", "tests", sniff, parse)
