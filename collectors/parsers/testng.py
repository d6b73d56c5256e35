"""TestNG's own report, ``testng-results.xml``.

Written by: TestNG 5 to 7 (``XMLReporter``), also under Maven's Surefire and Gradle.
Specified in: the sources of TestNG (``XMLReporterConfig``, ``XMLSuiteResultWriter``).
Read: every ``test-method`` that is no configuration method, with its parameters, exception and duration; the
    names of suite and test as its suite.
Dropped: groups, reporter output, start and end, configuration methods (a warning names those that failed).
Meaning: PASS is passed, FAIL is failed, SKIP is skipped; FAIL within the success percentage is passed. TestNG
    tells no error from a failure. A method that TestNG marks as retried is no test of its own: what passed behind
    it is flaky. Durations are milliseconds.
Differences:
* TestNG 6: an attempt that was retried is a skip in the file and in the terminal.
* TestNG: prints failures within the success percentage among its failures; the file's totals leave them out.
* TestNG 7: methods that were ignored stand only in the totals.

Notes: rows of a data provider have one name, so their parameters are put behind it.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases, disagreement
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import bounded_name, seconds

_OUTCOMES = {
    "PASS": Outcome.PASSED,
    "SUCCESS_PERCENTAGE_FAILURE": Outcome.PASSED,
    "FAIL": Outcome.FAILED,
    "SKIP": Outcome.SKIPPED,
    "STARTED": Outcome.ERROR,
}


def sniff(head: bytes) -> bool:
    """Whether this is TestNG's own report."""
    return safe_xml.root(head)[0] == "testng-results"


def parse(data: bytes) -> TestReport:
    """Read all test methods. Raises ReportError."""
    warnings: list[str] = []
    taken, roots = xml_cases.streamed(data, ("test-method",), _take, warnings, ("testng-results",))
    cases, broken = taken
    report = cases.report(warnings)
    own = {"passed": xml_cases.total(roots, "passed"), "failed": xml_cases.total(roots, "failed")}
    if warning := disagreement(own, report.counts()):
        warnings.append(warning)
    if broken:
        warnings.append(xml_cases.stand_alone(len(broken), broken[0]))
    return report


def _take(elements: Iterable[etree._Element]) -> tuple[Cases, list[str]]:
    """The cases, and the configuration methods that failed."""
    cases = Cases()
    broken: list[str] = []
    retried: set[tuple[str, str, str]] = set()
    suites: dict[etree._Element | None, str] = {None: ""}
    for element in elements:
        get = element.get
        test_class = element.getparent()
        classname = (test_class.get("name") or "") if test_class is not None else ""
        status = (get("status") or "").upper()
        if get("is-config") == "true":
            if status == "FAIL":
                broken.append(f"{classname}.{get('name') or ''}")
            continue
        name = (get("name") or "") + _parameters(element)
        suite = xml_cases.inherited(suites, test_class, _suite)
        if get("retried") == "true":
            retried.add((suite, classname, name))
            continue
        outcome = _OUTCOMES.get(status, Outcome.ERROR)
        thrown = None if outcome is Outcome.PASSED else xml_cases.child(element, "exception")  # it may be asked for
        cases.add(
            suite=suite,
            classname=classname,
            name=name,
            outcome=outcome,
            duration=_milliseconds(get("duration-ms")),
            message=xml_cases.text(thrown, "message") or (thrown.get("class") or "" if thrown is not None else ""),
            details=xml_cases.text(thrown, "full-stacktrace") or xml_cases.text(thrown, "short-stacktrace"),
            flaky=outcome is Outcome.PASSED and (suite, classname, name) in retried,
        )
    return cases, broken


def _milliseconds(text: str | None) -> float | None:
    value = seconds(text)
    return None if value is None else value / 1000


def _parameters(element: etree._Element) -> str:
    """What a data provider gave, as it stands in a call."""
    values = [
        "null" if value.get("is-null") == "true" else (value.text or "").strip()
        for params in element.iterchildren("{*}params")
        for value in params.iterfind("{*}param/{*}value")
    ]
    return f"({', '.join(values)})" if values else ""


def _suite(above: str, element: etree._Element) -> str:
    """Names of suite and test, the outer one first."""
    name = element.get("name")
    if not name or xml_cases.local(element) not in ("suite", "test"):
        return above
    return bounded_name(f"{above} > {name}" if above else name)


TESTNG = Format("testng", "tests", sniff, parse)
