"""Robot Framework's output: ``output.xml``, and ``output.json`` since version 7.2.

Written by: robot, rebot and pabot (Robot Framework 2.7 to 7.5; JSON by ``--output output.json``).
Specified in: ``robot.xsd`` and ``result.json`` of Robot Framework's schemas (versions 1 to 5).
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
from typing import Any

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases, disagreement
from collectors.parsers.json_reading import duration, load_object, mapping, objects, outline, text, whole
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8, bounded_name, seconds

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
    if as_utf8(head[:1_000]).lstrip()[:1] == b"{":
        return {"generator", "rpa", "suite.id"} <= outline(head)
    name, attributes, rest = safe_xml.root(head)
    return name == "robot" and b"generator=" in attributes and (b"<suite" in rest or b"<statistics" in rest)


def parse(data: bytes) -> TestReport:
    """Read all tests. Raises ReportError."""
    warnings: list[str] = []
    if as_utf8(data[:1_000]).lstrip()[:1] == b"{":
        return _from_json(load_object(data, warnings), warnings)
    cases, roots = xml_cases.streamed(data, ("test", "kw"), _cases, warnings, ("robot",))
    report = cases.report(warnings)
    totals = [stat for root in roots if (stat := _all_tests(root)) is not None]
    own = {"passed": xml_cases.total(totals, "pass"), "failed": xml_cases.total(totals, "fail")} if totals else {}
    if len(totals) == len(roots) and (warning := disagreement(own, report.counts())):
        warnings.append(warning)
    return report


def _from_json(output: dict[str, Any], warnings: list[str]) -> TestReport:
    """Read the suites of ``output.json``, without recursion."""
    if not isinstance(output.get("suite"), dict):
        raise ReportError("The output holds no suite.")
    cases = Cases()
    waiting = [("", mapping(output["suite"]))]
    while waiting:
        above, suite = waiting.pop()
        name = text(suite.get("name"))
        path = bounded_name(f"{above}.{name}" if above and name else above or name)
        file = text(suite.get("source"))
        for test in objects(suite.get("tests")):
            took = duration(test.get("elapsed_time"))
            _add(
                cases, path, file, text(test.get("name")), text(test.get("status")), took, text(test.get("message"))
            )
        waiting += [(path, inner) for inner in reversed(objects(suite.get("suites")))]
    totals = mapping(mapping(output.get("statistics")).get("total"))
    return cases.report(warnings, {"passed": whole(totals.get("pass")), "failed": whole(totals.get("fail"))})


def _cases(elements: Iterable[etree._Element]) -> Cases:
    cases = Cases()
    suites: dict[etree._Element | None, tuple[str, str]] = {None: ("", "")}
    for element in elements:
        if xml_cases.local(element) == "kw":
            continue
        suite, file = xml_cases.inherited(suites, element.getparent(), _suite)
        status = xml_cases.child(element, "status")
        told = (status.get("status") or "") if status is not None else ""
        _add(cases, suite, file, element.get("name") or "", told, _duration(status), xml_cases.text(status))
    return cases


def _add(
    cases: Cases, suite: str, file: str, name: str, status: str, took: float | None, message: str
) -> None:  # fmt: skip
    """Add a test; ``message`` may be HTML."""
    outcome = _OUTCOMES.get(status.upper(), Outcome.ERROR)
    words = _plain(message)
    cases.add(
        classname=suite, name=name, outcome=outcome, duration=took, message=words, details=words, file=file,
        flaky=outcome is Outcome.PASSED and _OLD_STATUS in message,
    )  # fmt: skip


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
