"""CppUnit's XML (``XmlOutputter``).

Written by: CppUnit 1.9 to 1.15; in its shape also Ceedling (``report_tests_log_factory``) and AUnit.
Specified in: the documentation of CppUnit's ``XmlOutputter``; Ceedling's ``cppunit_tests_reporter.rb``.
Read: every ``FailedTest`` and ``Test`` with its message and file.
Dropped: ids, line numbers apart from the message, what hooks write beside the tests.
Meaning: a failed test of type Error (an exception that nobody caught) is an error, of type Assertion failed; the
    others passed. Ceedling and AUnit call each one a ``Test`` and put it into ``FailedTests``, ``ErrorTests`` or
    ``IgnoredTests``, which are skipped. The file gives no durations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import count
from collectors.parsers.xml_runs import ANY, TEXT, Row, Run, S

_TEST = re.compile(
    rf"<(?P<tag>FailedTest|Test) id={ANY}>{S}<Name>{TEXT}</Name>{S}(?:<FailureType>{TEXT}</FailureType>{S})?"
    rf"(?:<Location>{S}<File>{TEXT}</File>{S}<Line>{TEXT}</Line>{S}</Location>{S})?(?:<Message>{TEXT}</Message>{S})?"
    rf"</(?P=tag)>{S}"
)


def sniff(head: bytes) -> bool:
    """Whether this is CppUnit's XML; Visual Studio's TRX has a root of the same name."""
    name, _, rest = safe_xml.root(head)
    return name == "TestRun" and any(group in rest for group in (b"<FailedTests", b"<SuccessfulTests"))


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases, roots = xml_cases.streamed(data, ("FailedTest", "Test"), _cases, warnings, ("TestRun",), _TEST)
    own: dict[str, int | None] = {}
    if len(roots) == 1:
        statistics = xml_cases.child(roots[0], "Statistics")
        own = {
            "total": count(xml_cases.text(statistics, "Tests")),
            "failed": count(xml_cases.text(statistics, "Failures")),
            "errors": count(xml_cases.text(statistics, "Errors")),
        }
    return cases.report(warnings, own)


def _cases(elements: Iterable[etree._Element | Run]) -> Cases:
    cases = Cases()
    for element in elements:
        if isinstance(element, Run):
            for row in element.rows:
                _add(cases, element.parent, row)
            continue
        said = xml_cases.texts(element)
        file = xml_cases.text(element, "Location", "File") if "Location" in said else ""
        line = xml_cases.text(element, "Location", "Line") if file else ""
        told = said.get("Name", ""), said.get("FailureType", ""), file, line, said.get("Message", "")
        _add(cases, element.getparent(), (xml_cases.local(element), *told))
    return cases


def _add(cases: Cases, group: etree._Element | None, said: Row) -> None:
    """Add a test out of the element around it and its tag, name, type of failure, file, line and message."""
    tag, full, kind, file, line, message = map(str.strip, said)
    classname, _, name = full.rpartition("::")
    cases.add(
        classname=classname,
        name=name,
        outcome=_outcome(tag, "" if group is None else xml_cases.local(group), kind.lower()),
        message=message,
        details=f"{file}:{line}\n{message}" if file else message,
        file=file,
    )


def _outcome(tag: str, group: str, kind: str) -> Outcome:
    if group == "IgnoredTests":
        return Outcome.SKIPPED
    if group == "ErrorTests":
        return Outcome.ERROR
    if tag == "FailedTest" or group == "FailedTests":
        return Outcome.ERROR if kind == "error" else Outcome.FAILED
    return Outcome.PASSED


CPPUNIT = Format("cppunit", "tests", sniff, parse)
