"""Robot Framework's ``output.xml``.

Written by: robot, rebot and pabot (Robot Framework 2.7 to 7.5).
Specified in: ``robot.xsd`` of Robot Framework (schema versions 1 to 5).
Read: every ``test`` (or task) with its status, message and duration; the long name of its suite as its class.
Dropped: keywords, log messages, tags, documentation, statistics by tag and suite.
Meaning: PASS is passed, FAIL is failed, whether critical or not; SKIP and NOT RUN are skipped. Robot tells no
    error from a failure. A test that rebot merged from two runs counts once; if it failed first and passed then,
    it is flaky. Durations are seconds (``elapsed``), or the time from start to end.
Differences:
* Robot Framework before 4: its exit code looks at critical tests only.

Notes: keywords are dropped as they end: a single test may hold a hundred thousand.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases, disagreement
from collectors.parsers.results import Format, Outcome, TestReport
from collectors.parsers.text import bounded_name, seconds

_OUTCOMES = {
    "PASS": Outcome.PASSED,
    "FAIL": Outcome.FAILED,
    "SKIP": Outcome.SKIPPED,
    "NOT RUN": Outcome.SKIPPED,
    "NOT_RUN": Outcome.SKIPPED,
}
_MOMENT = "%Y%m%d %H:%M:%S.%f"
_BREAK = re.compile(r"<(?:br|hr|p|/tr)\b[^<>]*>")
_MARKUP = re.compile(r"<[^<>]*>")
_OLD_STATUS = '<span class="old-status">Old status:</span> <span class="fail">'


def sniff(head: bytes) -> bool:
    """Whether this is Robot Framework's output; descriptions of real robots (URDF) have the same root."""
    name, attributes, rest = safe_xml.root(head)
    return name == "robot" and b"generator=" in attributes and (b"<suite" in rest or b"<statistics" in rest)


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    cases, roots = xml_cases.streamed(data, ("test", "kw"), _cases, warnings, ("robot",))
    report = cases.report(warnings)
    totals = [stat for root in roots if (stat := _all_tests(root)) is not None]
    own = {"passed": xml_cases.total(totals, "pass"), "failed": xml_cases.total(totals, "fail")} if totals else {}
    if len(totals) == len(roots) and (warning := disagreement(own, report.counts())):
        warnings.append(warning)
    return report


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    suites: dict[etree._Element | None, tuple[str, str]] = {None: ("", "")}
    for element in elements:
        if xml_cases.local(element) == "kw":
            continue
        suite, file = xml_cases.inherited(suites, element.getparent(), _suite)
        status = xml_cases.child(element, "status")
        told = (status.get("status") or "").upper() if status is not None else ""
        told_words = xml_cases.text(status)
        words = _plain(told_words)
        outcome = _OUTCOMES.get(told, Outcome.ERROR)
        cases.add(
            classname=suite,
            name=element.get("name") or "",
            outcome=outcome,
            duration=_duration(status),
            message=words,
            details=words,
            file=file,
            flaky=outcome is Outcome.PASSED and _OLD_STATUS in told_words,
        )
    return cases


def _plain(message: str) -> str:
    """The message without markup, which only one that begins with ``*HTML*`` has."""
    if not message.startswith("*HTML*"):
        return message
    return html.unescape(_MARKUP.sub(" ", _BREAK.sub("\n", message[6:]))).strip()


def _suite(above: tuple[str, str], element: etree._Element) -> tuple[str, str]:
    """Long name of a suite, and its file."""
    if xml_cases.local(element) != "suite":
        return above
    outer, name = above[0], element.get("name") or ""
    return bounded_name(f"{outer}.{name}" if outer and name else outer or name), element.get("source") or ""


def _duration(status: etree._Element | None) -> float | None:
    if status is None:
        return None
    elapsed = status.get("elapsed")
    if elapsed is not None:
        return seconds(elapsed)
    return xml_cases.between(status.get("starttime"), status.get("endtime"), _MOMENT)


def _all_tests(root: etree._Element) -> etree._Element | None:
    """The line of the statistics that counts every test; critical ones stand before it."""
    total = xml_cases.child(root, "statistics", "total")
    stats = list(total.iterchildren("{*}stat")) if total is not None else []
    return stats[-1] if stats else None


ROBOT = Format("robot", "tests", sniff, parse)
