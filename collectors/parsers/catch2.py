"""Catch2's XML reporter.

Written by: Catch 1, Catch2 2 (root ``Catch``) and Catch2 3 (``Catch2TestRun``) with ``-r xml``.
Specified in: the sources of Catch2 (``catch_reporter_xml.cpp``).
Read: every ``TestCase`` with its verdict, what failed first, its file and, with ``-d yes``, its duration.
Dropped: sections, tags, assertions that passed, output, benchmarks.
Meaning: one TEST_CASE is one test, and its ``OverallResult`` decides: no success is failed, whether by an
    assertion, an exception or a signal. Success although an assertion failed is a failure that was expected:
    skipped. SKIP (Catch2 3) is skipped. Durations are seconds.

Notes: Catch's JUnit reporter writes a case for each section and tells errors from failures; this one does
neither.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import bounded_name, count, seconds

_ROOTS = ("Catch", "Catch2TestRun")
_FAILED = ("Exception", "Failure", "FatalErrorCondition")


def sniff(head: bytes) -> bool:
    """Whether this is Catch's own XML."""
    return safe_xml.root(head)[0] in _ROOTS


def parse(data: bytes) -> TestReport:
    """Read all test cases. Raises ReportError."""
    warnings: list[str] = []
    cases, roots = xml_cases.streamed(data, ("TestCase",), _cases, warnings, _ROOTS)
    totals = [total for root in roots if (total := xml_cases.child(root, "OverallResultsCases")) is not None]
    own: dict[str, int | None] = {}
    if len(totals) == len(roots):  # Catch 1 and 2 before 2.13 count assertions only
        own = {"passed": xml_cases.total(totals, "successes"), "failed": xml_cases.total(totals, "failures")}
    return cases.report(warnings, own)


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    programs: dict[etree._Element | None, str] = {None: ""}
    for element in elements:
        verdict = xml_cases.child(element, "OverallResult")
        failure = _first_failure(element)
        words = _words(failure)
        cases.add(
            suite=xml_cases.inherited(programs, element.getparent(), _program),
            name=element.get("name") or "",
            outcome=_outcome(verdict, failure),
            duration=seconds(verdict.get("durationInSeconds")) if verdict is not None else None,
            message=words or _skip(element),
            details=words,
            file=element.get("filename") or "",
        )
    return cases


def _program(above: str, element: etree._Element) -> str:
    """The name of the program, which stands at the root."""
    return bounded_name(element.get("name") or "") if xml_cases.local(element) in _ROOTS else above


def _outcome(verdict: etree._Element | None, failure: etree._Element | None) -> Outcome:
    if verdict is None:
        return Outcome.ERROR  # the program ended within the test
    if verdict.get("success") != "true":
        return Outcome.FAILED
    return Outcome.SKIPPED if failure is not None or count(verdict.get("skips")) else Outcome.PASSED


def _first_failure(case: etree._Element) -> etree._Element | None:
    """The first thing that went wrong; an exception within an assertion that passed was asked for."""
    for element in case.iter("{*}Expression", *("{*}" + name for name in _FAILED)):
        if xml_cases.local(element) == "Expression":
            if element.get("success") == "false":
                return element
        else:
            around = element.getparent()
            if around is None or xml_cases.local(around) != "Expression":
                return element
    return None


def _words(failure: etree._Element | None) -> str:
    if failure is None:
        return ""
    place = f"{failure.get('filename') or ''}:{failure.get('line') or ''}".strip(":")
    if xml_cases.local(failure) != "Expression":
        return "\n".join(filter(None, (xml_cases.text(failure) or xml_cases.local(failure), place)))
    original, expanded = xml_cases.text(failure, "Original"), xml_cases.text(failure, "Expanded")
    thrown = xml_cases.text(failure, "Exception")
    first = f"{failure.get('type') or 'CHECK'}( {original} )"
    return "\n".join(filter(None, (first, f"with {expanded}" if expanded != original else "", thrown, place)))


def _skip(case: etree._Element) -> str:
    return next((xml_cases.text(element) for element in case.iter("{*}Skip")), "")


CATCH2 = Format("catch2", "tests", sniff, parse)
