"""CppUnit's XML (``XmlOutputter``).

Written by: CppUnit 1.9 to 1.15.
Specified in: the documentation of CppUnit's ``XmlOutputter``.
Read: every ``FailedTest`` and ``Test`` with its message and file.
Dropped: ids, line numbers apart from the message.
Meaning: a failed test of type Error (an exception that nobody caught) is an error, of type Assertion failed; the
    others passed. The file gives no durations.
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
    return name == "TestRun" and rest.lstrip().startswith((b"<FailedTests", b"<SuccessfulTests"))


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
                _add(cases, row)
            continue
        said = xml_cases.texts(element)
        file = xml_cases.text(element, "Location", "File") if "Location" in said else ""
        line = xml_cases.text(element, "Location", "Line") if file else ""
        told = said.get("Name", ""), said.get("FailureType", ""), file, line, said.get("Message", "")
        _add(cases, (xml_cases.local(element), *told))
    return cases


def _add(cases: Cases, said: Row) -> None:
    """Add a test out of its tag, name, type of failure, file, line and message."""
    tag, full, kind, file, line, message = map(str.strip, said)
    classname, _, name = full.rpartition("::")
    error = kind.lower() == "error"
    cases.add(
        classname=classname,
        name=name,
        outcome=Outcome.PASSED if tag != "FailedTest" else Outcome.ERROR if error else Outcome.FAILED,
        message=message,
        details=f"{file}:{line}\n{message}" if file else message,
        file=file,
    )


CPPUNIT = Format("cppunit", "tests", sniff, parse)
