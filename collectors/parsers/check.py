"""The XML log of Check, the unit test framework for C.

Written by: Check 0.9.4 to 0.15.2 (``srunner_set_xml``, ``CK_XML_LOG_FILE_NAME``).
Specified in: “XML Logging” of Check's manual (namespace ``http://check.sourceforge.net/ns``).
Read: every ``test`` with its result, message, file and duration; suite and test case as its suite and class.
Dropped: folder and time of the run.
Meaning: success is passed, failure is failed; error (a signal, an early exit, a time-out) is an error. One pass
    of a loop test is one test. Durations are seconds; one of -1 is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import bounded_name, seconds

_OUTCOMES = {
    "success": Outcome.PASSED,
    "failure": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
}


def sniff(head: bytes) -> bool:
    """Whether this is Check's log; its root is that of JUnit, in a namespace of its own."""
    name, attributes, _ = safe_xml.root(head)
    return name == "testsuites" and b"check.sourceforge.net" in attributes


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases, _ = xml_cases.streamed(data, ("test",), _cases, warnings, ("testsuites",))
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    titles: dict[etree._Element | None, str] = {None: ""}
    for element in elements:
        said = xml_cases.texts(element)
        outcome = _OUTCOMES.get((element.get("result") or "").lower(), Outcome.ERROR)
        name, iteration = said.get("id", ""), said.get("iteration")
        cases.add(
            suite=xml_cases.inherited(titles, element.getparent(), _title),
            classname=said.get("description", ""),
            name=f"{name}:{iteration}" if name and iteration not in (None, "", "0") else name,
            outcome=outcome,
            duration=seconds(said.get("duration")),
            message="" if outcome is Outcome.PASSED else said.get("message", ""),
            file=said.get("fn", "").rpartition(":")[0],
        )
    return cases


def _title(_above: str, element: etree._Element) -> str:
    """What a suite is called."""
    return bounded_name(xml_cases.text(element, "title"))


CHECK = Format("check", "tests", sniff, parse)
