"""The XML log of Check, the unit test framework for C.

Written by: Check 0.9.4 to 0.15.2 (``srunner_set_xml``, ``CK_XML_LOG_FILE_NAME``).
Specified in: “XML Logging” of Check's manual (namespace ``http://check.sourceforge.net/ns``).
Read: every ``test`` with its result, message, file and duration; suite and test case as its suite and class.
Dropped: folder and time of the run.
Meaning: success is passed, failure is failed; error (a signal, an early exit, a time-out) is an error. One pass
    of a loop test is one test. Durations are seconds; one of -1 is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import bounded_name, seconds
from collectors.parsers.xml_runs import ANY_TEXT, TEXT, VALUE, Row, Run, S

_OUTCOMES = {
    "success": Outcome.PASSED,
    "failure": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
}
_READ = ("fn", "id", "iteration", "duration", "description", "message")
_TEST = re.compile(
    rf"<test result={VALUE}>{S}(?:<path>{ANY_TEXT}</path>{S})?"
    + "".join(rf"(?:<{name}>{TEXT}</{name}>{S})?" for name in _READ)
    + rf"</test>{S}"
)


def sniff(head: bytes) -> bool:
    """Whether this is Check's log; its root is that of JUnit, in a namespace of its own."""
    name, attributes, _ = safe_xml.root(head)
    return name == "testsuites" and b"check.sourceforge.net" in attributes


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases, _ = xml_cases.streamed(data, ("test",), _cases, warnings, ("testsuites",), _TEST)
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element | Run]) -> Cases:
    cases = Cases()
    titles: dict[etree._Element | None, str] = {None: ""}
    for element in elements:
        if isinstance(element, Run):
            suite = xml_cases.inherited(titles, element.parent, _title)
            for row in element.rows:
                _add(cases, suite, row)
            continue
        said = xml_cases.texts(element)
        suite = xml_cases.inherited(titles, element.getparent(), _title)
        _add(cases, suite, (element.get("result") or "", *(said.get(name, "") for name in _READ)))
    return cases


def _add(cases: Cases, suite: str, said: Row) -> None:
    """Add a test out of its result and what ``_READ`` names."""
    result, place, name, iteration, duration, description, message = map(str.strip, said)
    outcome = _OUTCOMES.get(result.lower(), Outcome.ERROR)
    cases.add(
        suite=suite,
        classname=description,
        name=f"{name}:{iteration}" if name and iteration not in ("", "0") else name,
        outcome=outcome,
        duration=seconds(duration),
        message="" if outcome is Outcome.PASSED else message,
        file=place.rpartition(":")[0],
    )


def _title(_above: str, element: etree._Element) -> str:
    """What a suite is called."""
    return bounded_name(xml_cases.text(element, "title"))


CHECK = Format("check", "tests", sniff, parse)
