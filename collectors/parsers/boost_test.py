"""Boost.Test's XML: the log (root ``TestLog``) and the report (root ``TestResult``).

Written by: Boost.Test 1.34 to 1.87, with ``--log_format=XML`` and ``--report_format=XML
    --report_level=detailed``.
Specified in: “Logging API” and “Reporting” of Boost.Test's documentation, and its sources
    (``xml_log_formatter.ipp``, ``xml_report_formatter.ipp``).
Read: every ``TestCase`` with its result; from the log also messages, file and duration.
Dropped: information, warnings, checkpoints, numbers of assertions.
Meaning: a test case of the report is what ``result`` says: failed, aborted and timed out are failed (an assertion
    that must hold aborts a test as an exception does). In the log, a case with an ``Exception`` is an error, one
    with an ``Error`` or ``FatalError`` is failed. Skipped and disabled ones are skipped. ``TestingTime`` is in
    microseconds.
Differences:
* Boost.Test, log: a failure that a test case declares as expected is a failure in the log, and passed in the
  terminal and in the report.
* Boost.Test, report: disabled test cases stand only in its totals; the terminal counts aborted test cases again,
  beside the failed ones that they are among.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import bounded_message, bounded_name, seconds
from collectors.parsers.xml_runs import ANY, TEXT, VALUE, Run, S

_LOG, _REPORT = "TestLog", "TestResult"
_RESULTS = {
    "passed": Outcome.PASSED,
    "passed with warnings": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "aborted": Outcome.FAILED,
    "timed out": Outcome.FAILED,
    "skipped": Outcome.SKIPPED,
}
_LOGGED = {"Exception": Outcome.ERROR, "FatalError": Outcome.FAILED, "Error": Outcome.FAILED}

_CASE = re.compile(
    rf"<TestCase name={VALUE}(?: result={VALUE} assertions_passed={ANY} assertions_failed={ANY}"
    rf"(?: warnings_failed={ANY})? expected_failures={ANY})?(?: file={VALUE})?(?: line={ANY})?{S}"
    rf"(?:/>|>{S}(?:<TestingTime>{TEXT}</TestingTime>{S})?</TestCase>){S}"
)
"""A case of the report, or one of the log that passed."""


_LOG_BEGINS = tuple(
    f"<{name}".encode()
    for name in ("TestSuite ", "BuildInfo", "/TestLog>", *_LOGGED, "Message ", "Warning ", "Info ")
)


def sniff(head: bytes) -> bool:
    """Whether this is Boost.Test's log or report."""
    name, _, rest = safe_xml.root(head)
    rest = rest.lstrip()
    if name == _REPORT:
        return (rest.startswith(b"<TestSuite ") and b" result=" in rest) or rest.startswith(b"</TestResult>")
    return name == _LOG and rest.startswith(_LOG_BEGINS)


def parse(data: bytes) -> TestReport:
    """Read all test cases of a log or a report. Raises ReportError."""
    warnings: list[str] = []
    cases, roots = xml_cases.streamed(data, ("TestCase",), _cases, warnings, (_LOG, _REPORT), _CASE)
    if not cases.found and any(xml_cases.local(root) == _REPORT for root in roots):
        _refuse_totals_only(roots)
    logged = tuple("{*}" + name for name in _LOGGED)
    alone = [
        xml_cases.text(element) for root in roots for element in root.iter(*logged)
    ]  # test cases are empty by now
    if alone and not cases.found:
        raise ReportError(
            f"The log holds no test cases, only what was said outside of them (“{bounded_message(alone[0])}”). "
            "If no fixture broke before them, let Boost.Test write it with --log_level=test_suite."
        )
    if alone:
        warnings.append(xml_cases.stand_alone(len(alone), alone[0]))
    return cases.report(warnings, _own(roots))


def _own(roots: list[etree._Element]) -> dict[str, int | None]:
    """What the report's outermost suites count; a log counts nothing."""
    suites = [suite for root in roots for suite in root.iterchildren("{*}TestSuite")]
    passed = xml_cases.total(suites, "test_cases_passed")
    failed = xml_cases.total(suites, "test_cases_failed")
    if not suites or passed is None or failed is None:
        return {}
    return {
        "passed": passed + (xml_cases.total(suites, "test_cases_passed_with_warnings") or 0),
        "failed": failed + (xml_cases.total(suites, "test_cases_timed_out") or 0),
        "skipped": xml_cases.total(suites, "test_cases_skipped"),
    }


def _cases(elements: Iterable[etree._Element | Run]) -> Cases:
    cases = Cases()
    suites: dict[etree._Element | None, str] = {None: ""}
    for element in elements:
        if isinstance(element, Run):
            suite = xml_cases.inherited(suites, element.parent, _suite)
            for name, result, file, took in element.rows:
                outcome, words = _told(name, result) if result else (Outcome.PASSED, "")
                duration = _microseconds(took.strip())
                cases.add(suite=suite, name=name, outcome=outcome, duration=duration, message=words, file=file)
            continue
        outcome, words = (
            _told(element.get("name") or "", element.get("result") or "")
            if element.get("result")
            else _logged(element)
        )
        cases.add(
            suite=xml_cases.inherited(suites, element.getparent(), _suite),
            name=element.get("name") or "",
            outcome=outcome,
            duration=_microseconds(xml_cases.text(element, "TestingTime")),
            message=words,
            details=words if "\n" in words else "",
            file=element.get("file") or "",
        )
    return cases


def _told(name: str, result: str) -> tuple[Outcome, str]:
    """Outcome of a case of the report."""
    result = result.lower().replace("_", " ").replace("-", " ")
    if result not in _RESULTS:
        name = bounded_message(name)
        raise ReportError(f"Test case “{name}” has a result that Boost.Test does not know, “{result[:40]}”.")
    return _RESULTS[result], "" if result in ("passed", "failed", "skipped") else result


def _logged(case: etree._Element) -> tuple[Outcome, str]:
    """Outcome of a case of the log, and what it says."""
    if case.get("skipped"):
        return Outcome.SKIPPED, case.get("reason") or ""
    outcome = Outcome.PASSED
    words = []
    for child in case:
        logged = _LOGGED.get(xml_cases.local(child))
        if logged is not None:
            outcome = max(outcome, logged)
            words.append(f"{child.get('file') or ''}({child.get('line') or ''}): {xml_cases.text(child)}")
    return outcome, "\n".join(words)


def _suite(above: str, element: etree._Element) -> str:
    """The path of names down to a suite."""
    name = element.get("name")
    if not name or xml_cases.local(element) != "TestSuite":
        return above
    return bounded_name(f"{above}/{name}" if above else name)


def _microseconds(text: str) -> float | None:
    value = seconds(text)
    return None if value is None else value / 1_000_000


def _refuse_totals_only(roots: list[etree._Element]) -> None:
    """Raise ReportError for a report that was written without its test cases."""
    own = _own(roots)
    if any(own.values()) or (not own and any(len(root) for root in roots)):
        raise ReportError("The report holds no test cases; let Boost.Test write it with --report_level=detailed.")


BOOST_TEST = Format("boost-test", "tests", sniff, parse)
