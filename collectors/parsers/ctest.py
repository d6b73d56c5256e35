"""CTest's dashboard file, ``Testing/<time>/Test.xml``.

Written by: ``ctest -T Test``, ``ctest -D`` and ``ctest_test()`` of CMake 2.8 to 4.
Specified in: CDash's ``Test.xml`` schema and the sources of CMake (``cmCTestTestHandler.cxx``).
Read: every ``Test`` with its status, output and duration; its folder as its suite.
Dropped: the machine, command lines, labels, other measurements.
Meaning: passed and failed are what CTest says; a test with WILL_FAIL that failed is passed, as there. Of those
    that were not run, disabled ones and those that skipped themselves are skipped, and those that could not start
    (no executable, a fixture or a required file missing) are failed. CTest tells no error from a failure.
    Durations are seconds.
Differences:
* CTest: the terminal leaves disabled tests out of its total and counts skipped ones as passed.

Notes: output may be base64 of gzip; it is left out then.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import seconds

_OWN_CHOICE = ("SKIP_RETURN_CODE", "SKIP_REGULAR_EXPRESSION", "Disabled", "Skipped")


def sniff(head: bytes) -> bool:
    """Whether this is the test file among those that CTest sends to a dashboard."""
    name, _, rest = safe_xml.root(head)
    return name == "Site" and b"<Testing>" in rest


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases, _ = xml_cases.streamed(data, ("Test",), _cases, warnings, ("Site",))
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    for element in elements:
        status = (element.get("Status") or "").lower()
        if not status:  # a line of the list that stands before the results
            continue
        results = xml_cases.child(element, "Results")
        measured = _measured(results)
        outcome = _outcome(status, measured)
        code, completion = measured.get("Exit Code", ""), measured.get("Completion Status", "")
        reason = code if status == "failed" and code else completion
        path = xml_cases.text(element, "Path").removeprefix(".").strip("/")
        cases.add(
            suite=path,
            name=xml_cases.text(element, "Name"),
            outcome=outcome,
            duration=seconds(measured.get("Execution Time")),
            message="" if outcome is Outcome.PASSED else reason,
            details="" if outcome is Outcome.PASSED else _output(results),
        )
    return cases


def _measured(results: etree._Element | None) -> dict[str, str]:
    """What was measured of one test, by name."""
    found = results.iterchildren("{*}NamedMeasurement") if results is not None else ()
    return {measurement.get("name") or "": xml_cases.text(measurement, "Value") for measurement in found}


def _outcome(status: str, measured: dict[str, str]) -> Outcome:
    if status == "passed":
        return Outcome.PASSED
    if status == "notrun" and measured.get("Completion Status", "").startswith(_OWN_CHOICE):
        return Outcome.SKIPPED
    return Outcome.FAILED


def _output(results: etree._Element | None) -> str:
    value = xml_cases.child(results, "Measurement", "Value")
    if value is None or value.get("encoding") or value.get("compression"):
        return ""
    return (value.text or "").replace("[NON-XML-CHAR-0x1B]", "\x1b")


CTEST = Format("ctest", "tests", sniff, parse)
