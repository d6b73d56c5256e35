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

import re
from collections.abc import Iterable
from functools import lru_cache

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import HEAD_BYTES, as_utf8, seconds
from collectors.parsers.xml_runs import ANY, TEXT, VALUE, Run, S

_ROOT = "TestCase"
_LIGHT = "Environment"
_RANK = ("pass", "xfail", "bpass", "bxfail", "bfail", "bxpass", "skip", "fail", "xpass")
"""What happened in a row, later ones outweigh earlier ones; a pass behind an xfail stands apart."""

_FUNCTION = re.compile(
    rf"<TestFunction name={VALUE}>{S}"
    + "".join(
        rf"(?:<(?P<tag{n}>Incident|Message) type={VALUE} file={VALUE} line={ANY}{S}"
        rf"(?:/>|>{S}(?:<DataTag>{TEXT}</DataTag>{S})?(?:<Description>{TEXT}</Description>{S})?</(?P=tag{n})>){S})?"
        for n in range(3)
    )
    + rf"(?:<Duration msecs={VALUE}{S}/>{S})?</TestFunction>{S}"
)
"""A function in which at most three things happened, each with its tag and what makes ``_Happened``."""

_Happened = tuple[str, str, str, str]
"""What happened: its kind, its file, its row of data and what was said."""


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
    cases, roots = xml_cases.streamed(data, ("TestFunction",), _cases, warnings, (_ROOT,), _FUNCTION)
    for root in roots if light else ():
        version = xml_cases.text(root, "Environment", "QtVersion")
        if not version.startswith("4.") and xml_cases.local(root[-1]) != "Duration":  # Qt 4 writes no durations
            raise ReportError("The file was cut short: the duration of the whole test is missing at its end.")
    return cases.report(warnings)


def _cases(elements: Iterable[etree._Element | Run]) -> Cases:
    cases = Cases()
    for function in elements:
        if isinstance(function, Run):
            classname = (function.parent.get("name") or "") if function.parent is not None else ""
            for name, *told, msecs in function.rows:
                _add(
                    cases,
                    classname,
                    name,
                    [*zip(told[1::5], told[2::5], told[3::5], told[4::5], strict=True)],
                    msecs,
                )
            continue
        around = function.getparent()
        classname = (around.get("name") or "") if around is not None else ""
        duration = xml_cases.child(function, "Duration")
        msecs = (duration.get("msecs") or "") if duration is not None else ""
        happened = [
            (
                element.get("type") or "", element.get("file") or "", xml_cases.text(element, "DataTag"),
                xml_cases.text(element, "Description"),
            )
            for element in function.iterchildren("{*}Incident", "{*}Message")
        ]  # fmt: skip
        _add(cases, classname, function.get("name") or "", happened, msecs)
    return cases


def _add(cases: Cases, classname: str, function: str, happened: list[_Happened], msecs: str) -> None:
    """Add the rows of a function; the duration is that of the function, so a row's where there is but one."""
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for kind, file, row, said in happened:
        if (kind := kind.lower()) in _RANK:
            rows.setdefault(row and row.strip(), []).append((kind, file, said))
    milliseconds = seconds(msecs.replace(",", ".")) if len(rows) == 1 else None
    for row, events in rows.items():
        outcome = _outcome(frozenset([kind for kind, _, _ in events]))
        _, file, said = events[0] if len(events) == 1 else max(events, key=lambda event: _RANK.index(event[0]))
        words = "" if outcome is Outcome.PASSED else said.strip()
        cases.add(
            classname=classname,
            name=f"{function}({row})" if row else function,
            outcome=outcome,
            duration=None if milliseconds is None else milliseconds / 1000,
            message=words,
            details=words,
            file=file,
        )


@lru_cache(maxsize=64)
def _outcome(kinds: frozenset[str]) -> Outcome:
    if kinds & {"fail", "xpass"}:
        return Outcome.FAILED
    if "skip" in kinds or any(kind.startswith("b") for kind in kinds):
        return Outcome.SKIPPED
    return Outcome.PASSED if "pass" in kinds else Outcome.SKIPPED


QTTEST = Format("qttest", "tests", sniff, parse)
