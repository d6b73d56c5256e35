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

import re
from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import seconds
from collectors.parsers.xml_runs import TEXT, VALUE, Run, S

_ROOTS = ("testExecutions", "unitTest")
_OUTCOMES = {"error": Outcome.ERROR, "failure": Outcome.FAILED, "skipped": Outcome.SKIPPED}

_CASE = re.compile(
    rf"<testCase name={VALUE} duration={VALUE}{S}(?:/>|>{S}(?:<(?P<verdict>error|failure|skipped)"
    rf"(?: message={VALUE})?{S}(?:/>|>{TEXT}</(?P=verdict)>){S})?</testCase>){S}"
)


def sniff(head: bytes) -> bool:
    """Whether this is SonarQube's generic test execution report."""
    name, attributes, rest = safe_xml.root(head)
    return name == "testExecutions" or (name == "unitTest" and b"version=" in attributes and b"<file" in rest)


def parse(data: bytes) -> TestReport:
    """Read all test cases. Raises ReportError."""
    warnings: list[str] = []
    cases, _ = xml_cases.streamed(data, ("testCase",), _cases, warnings, _ROOTS, _CASE)
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element | Run]) -> Cases:
    cases = Cases()
    for element in elements:
        around = element.parent if isinstance(element, Run) else element.getparent()
        path = (around.get("path") or "") if around is not None else ""
        if isinstance(element, Run):
            for row in element.rows:
                _add(cases, path, *row)
            continue
        verdict = max(
            (child for child in element if xml_cases.local(child) in _OUTCOMES),
            key=lambda child: _OUTCOMES[xml_cases.local(child)],
            default=None,
        )
        kind = "" if verdict is None else xml_cases.local(verdict)
        message = "" if verdict is None else verdict.get("message") or ""
        took = element.get("duration") or ""
        _add(cases, path, element.get("name") or "", took, kind, message, xml_cases.text(verdict))
    return cases


def _add(cases: Cases, path: str, name: str, took: str, kind: str, message: str, details: str) -> None:
    duration = seconds(took)
    cases.add(
        suite=path,
        name=name,
        outcome=_OUTCOMES[kind] if kind else Outcome.PASSED,
        duration=None if duration is None else duration / 1000,
        message=message,
        details=details.strip(),
        file=path,
    )


SONAR_GENERIC_TESTS = Format("sonar-generic-tests", "tests", sniff, parse)
