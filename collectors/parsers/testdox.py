"""PHPUnit's testdox in XML: every test with its name in words.

Written by: PHPUnit 6 to 9 (``--testdox-xml``); removed in PHPUnit 10.
Specified in: PHPUnit 9's ``src/Util/TestDox/XmlResultPrinter.php``, codes in ``src/Runner/BaseTestRunner.php``.
Read: every ``test`` with its class, method, status, duration and the message of its exception.
Dropped: the names in words, groups, what a test covers, the exception's line.
Meaning: status 0 is passed, 1 and 2 (skipped, incomplete) are skips, 3 is failed, 4 an error, 5 and 6 (risky, with
    a warning) passed, as PHPUnit exits with 0 for them. Status -1 is a test that never ran, since its class could
    not be set up or asked to be skipped: the one that carries the exception is an error, the others are skips, as
    PHPUnit counts them. Durations are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import seconds

_OUTCOMES = {
    "0": Outcome.PASSED,
    "1": Outcome.SKIPPED,
    "2": Outcome.SKIPPED,
    "3": Outcome.FAILED,
    "4": Outcome.ERROR,
    "5": Outcome.PASSED,
    "6": Outcome.PASSED,
}
_NEVER_RAN = "-1"


def sniff(head: bytes) -> bool:
    """Whether this is testdox: a root that others have too, above tests with names in words."""
    name, _, rest = safe_xml.root(head)
    return name == "tests" and b"prettifiedMethodName=" in rest


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases, _ = xml_cases.streamed(data, ("test",), _cases, warnings, ("tests",))
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    for element in elements:
        name, status = element.get("methodName") or "", element.get("status") or ""
        exception = element.get("exceptionMessage") or ""
        outcome = _OUTCOMES.get(status)
        if status == _NEVER_RAN:
            outcome = Outcome.ERROR if exception else Outcome.SKIPPED
        if outcome is None:
            raise ReportError(f"Test {name[:200]} has the status {status[:20]!r}, which PHPUnit does not have.")
        cases.add(
            classname=element.get("className") or "",
            name=name,
            outcome=outcome,
            duration=seconds(element.get("time")),
            message=exception,
        )
    return cases


TESTDOX = Format("testdox", "tests", sniff, parse)
