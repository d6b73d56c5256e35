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

import re
from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import seconds
from collectors.parsers.xml_runs import ANY, ANY_TEXT, TEXT, VALUE, Row, Run, S

_OWN_CHOICE = ("SKIP_RETURN_CODE", "SKIP_REGULAR_EXPRESSION", "Disabled", "Skipped")

_MEASURED = ("Exit Code", "Execution Time", "Completion Status")
_OTHERS = (
    rf'(?:<NamedMeasurement type={ANY} name="(?!{"|".join(_MEASURED)}"){ANY[1:]}>{S}'
    rf"<Value>{ANY_TEXT}</Value>{S}</NamedMeasurement>{S})*"
)
_TEST = re.compile(
    rf"<Test Status={VALUE}>{S}<Name>{TEXT}</Name>{S}<Path>{TEXT}</Path>{S}<FullName>{ANY_TEXT}</FullName>{S}"
    rf"<FullCommandLine>{ANY_TEXT}</FullCommandLine>{S}<Results>{S}"
    + "".join(
        rf'{_OTHERS}(?:<NamedMeasurement type={ANY} name="{name}">{S}'
        rf"<Value>{TEXT}</Value>{S}</NamedMeasurement>{S})?"
        for name in _MEASURED
    )
    + rf"{_OTHERS}(?:<Measurement>{S}<Value>{TEXT}</Value>{S}</Measurement>{S})?</Results>{S}</Test>{S}"
)


def sniff(head: bytes) -> bool:
    """Whether this is the test file among those that CTest sends to a dashboard."""
    name, _, rest = safe_xml.root(head)
    return name == "Site" and b"<Testing>" in rest


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases, _ = xml_cases.streamed(data, ("Test",), _cases, warnings, ("Site",), _TEST)
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element | Run]) -> Cases:
    cases = Cases()
    for element in elements:
        if isinstance(element, Run):
            for row in element.rows:
                _add(cases, row)
            continue
        status = (element.get("Status") or "").lower()
        if not status:  # a line of the list that stands before the results
            continue
        results = xml_cases.child(element, "Results")
        measured = _measured(results)
        told = [measured.get(name, "") for name in _MEASURED]
        place = xml_cases.text(element, "Name"), xml_cases.text(element, "Path")
        _add(cases, (status, *place, *told, _output(results)))
    return cases


def _add(cases: Cases, said: Row) -> None:
    """Add a test out of its status, name, path, what ``_MEASURED`` names, and output."""
    status, name, path, code, took, completion = map(str.strip, said[:-1])
    status = status.lower()
    outcome = _outcome(status, completion)
    passed = outcome is Outcome.PASSED
    cases.add(
        suite=path.removeprefix(".").strip("/"),
        name=name,
        outcome=outcome,
        duration=seconds(took),
        message="" if passed else code if status == "failed" and code else completion,
        details="" if passed else said[-1].replace("[NON-XML-CHAR-0x1B]", "\x1b"),
    )


def _measured(results: etree._Element | None) -> dict[str, str]:
    """What was measured of one test, by name."""
    found = results.iterchildren("{*}NamedMeasurement") if results is not None else ()
    return {measurement.get("name") or "": xml_cases.text(measurement, "Value") for measurement in found}


def _outcome(status: str, completion: str) -> Outcome:
    if status == "passed":
        return Outcome.PASSED
    if status == "notrun" and completion.startswith(_OWN_CHOICE):
        return Outcome.SKIPPED
    return Outcome.FAILED


def _output(results: etree._Element | None) -> str:
    value = xml_cases.child(results, "Measurement", "Value")
    if value is None or value.get("encoding") or value.get("compression"):
        return ""
    return value.text or ""


CTEST = Format("ctest", "tests", sniff, parse)
