"""QtTest's XML, with a root (``xml``) and without one (``lightxml``).

Written by: QtTest 4.7 to 6 with ``-o FILE,xml`` or ``-o FILE,lightxml``.
Specified in: “Qt Test” of the documentation of Qt, and its sources (``qxmltestlogger.cpp``).
Read: every row of every ``TestFunction`` with what happened in it; the test object as its class.
Dropped: the environment, messages, benchmark results.
Meaning: fail and xpass are failed; skip is skipped; pass is passed, after an xfail too, as QtTest counts it. An
    xfail that no pass follows is a failure that was expected: skipped. Of a blacklisted test QtTest ignores the
    result, so it is skipped. QtTest tells no error from a failure, and counts ``initTestCase`` and
    ``cleanupTestCase`` as tests. Durations are milliseconds of the function; those of single rows are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import HEAD_BYTES, as_utf8, seconds

_ROOT = "TestCase"
_LIGHT = "Environment"
_RANK = ("pass", "xfail", "bpass", "bxfail", "bfail", "bxpass", "skip", "fail", "xpass")
"""What happened in a row, later ones outweigh earlier ones; a pass behind an xfail stands apart."""


def sniff(head: bytes) -> bool:
    """Whether this is QtTest's XML, with or without its root."""
    name, attributes, rest = safe_xml.root(head)
    if name == _ROOT:
        return b"name=" in attributes and (b"<QtVersion" in rest or b"<TestFunction" in rest)
    return name == _LIGHT and b"<QtVersion" in rest


def parse(data: bytes) -> TestReport:
    """Read all rows of all test functions. Raises ReportError."""
    data = as_utf8(data)
    light = safe_xml.root(data[:HEAD_BYTES])[0] == _LIGHT
    if light:
        data = b"<TestCase>" + data + b"</TestCase>"
    warnings: list[str] = []
    cases, roots = xml_cases.streamed(data, ("TestFunction",), _cases, warnings, (_ROOT,))
    for root in roots if light else ():
        version = xml_cases.text(root, "Environment", "QtVersion")
        if not version.startswith("4.") and xml_cases.local(root[-1]) != "Duration":  # Qt 4 writes no durations
            raise ReportError("The file was cut short: the duration of the whole test is missing at its end.")
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    for function in elements:
        around = function.getparent()
        classname = (around.get("name") or "") if around is not None else ""
        rows = _rows(function)
        duration = xml_cases.child(function, "Duration")
        milliseconds = seconds(duration.get("msecs")) if duration is not None and len(rows) == 1 else None
        for row, happened in rows.items():
            outcome = _outcome({kind for kind, _ in happened})
            told = next((element for kind, element in happened if kind == _worst(happened)), None)
            words = "" if outcome is Outcome.PASSED else xml_cases.text(told, "Description")
            cases.add(
                classname=classname,
                name=(function.get("name") or "") + (f"({row})" if row else ""),
                outcome=outcome,
                duration=None if milliseconds is None else milliseconds / 1000,
                message=words,
                details=words,
                file=(told.get("file") or "") if told is not None else "",
            )
    return cases


def _rows(function: etree._Element) -> dict[str, list[tuple[str, etree._Element]]]:
    """What happened in a function, by the data row that it happened in."""
    rows: dict[str, list[tuple[str, etree._Element]]] = {}
    for element in function.iterchildren("{*}Incident", "{*}Message"):
        kind = (element.get("type") or "").lower()
        if kind in _RANK:
            rows.setdefault(xml_cases.text(element, "DataTag"), []).append((kind, element))
    return rows


def _worst(happened: list[tuple[str, etree._Element]]) -> str:
    return max((kind for kind, _ in happened), key=_RANK.index)


def _outcome(kinds: set[str]) -> Outcome:
    if kinds & {"fail", "xpass"}:
        return Outcome.FAILED
    if "skip" in kinds or any(kind.startswith("b") for kind in kinds):
        return Outcome.SKIPPED
    return Outcome.PASSED if "pass" in kinds else Outcome.SKIPPED


QTTEST = Format("qttest", "tests", sniff, parse)
