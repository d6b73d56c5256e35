"""SonarQube's generic test execution report.

Written by: jest-sonar-reporter 2.0, @casualbot/jest-sonar-reporter 2.7, mocha-sonarqube-reporter 1.0, karma and
    vitest reporters of that kind, Catch2's ``sonarqube`` reporter, and scripts.
Specified in: “Generic test data”, generic execution, of SonarQube's documentation (root ``testExecutions``;
    ``unitTest`` until 6.2).
Read: every ``testCase`` with its outcome, message and duration; its file.
Dropped: nothing.
Meaning: ``failure`` is failed, ``error`` is an error, ``skipped`` is skipped; of several the worst counts, but an
    expected failure of Catch2 is a skip. Durations are milliseconds.
Differences:
* Catch2: sections are test cases of their own, so there are more than in the terminal.
* jest-sonar-reporter: skipped tests and todos are passed ones in the file.
* mocha-sonarqube-reporter: a hook that failed is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import seconds

_ROOTS = ("testExecutions", "unitTest")
_OUTCOMES = {"error": Outcome.ERROR, "failure": Outcome.FAILED, "skipped": Outcome.SKIPPED}


def sniff(head: bytes) -> bool:
    """Whether this is SonarQube's generic test execution report."""
    name, attributes, rest = safe_xml.root(head)
    return name == "testExecutions" or (name == "unitTest" and b"version=" in attributes and b"<file" in rest)


def parse(data: bytes) -> TestReport:
    """Read all test cases. Raises ReportError."""
    warnings: list[str] = []
    cases, _ = xml_cases.streamed(data, ("testCase",), _cases, warnings, _ROOTS)
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    for element in elements:
        around = element.getparent()
        path = (around.get("path") or "") if around is not None else ""
        verdict = max(
            (child for child in element if xml_cases.local(child) in _OUTCOMES),
            key=lambda child: _OUTCOMES[xml_cases.local(child)],
            default=None,
        )
        duration = seconds(element.get("duration"))
        cases.add(
            suite=path,
            name=element.get("name") or "",
            outcome=Outcome.PASSED if verdict is None else _OUTCOMES[xml_cases.local(verdict)],
            duration=None if duration is None else duration / 1000,
            message=(verdict.get("message") or "") if verdict is not None else "",
            details=xml_cases.text(verdict),
            file=path,
        )
    return cases


SONAR_GENERIC_TESTS = Format("sonar-generic-tests", "tests", sniff, parse)
