"""pytest-reportlog's lines: one JSON object per report that pytest makes.

Written by: the pytest plugin pytest-reportlog (0.1 to 1.0; ``--report-log``), pytest's own ``--resultlog``
    successor; seen: 1.0.0 with pytest 8.4 and 9.2.
Specified in: the README of pytest-reportlog; ``pytest_report_to_serializable`` of pytest.
Read: the reports of set-up, call and teardown, of subtests that failed, of collectors that failed or skipped;
    durations.
Dropped: sections (captured output), warnings, keywords, properties.
Meaning: one test is one case: an error where its set-up or teardown failed, else as its call ended. An expected
    failure is skipped, an unexpected pass passed (a strict one is failed). ``rerun`` (pytest-rerunfailures)
    before a pass makes it flaky. A subtest that failed is a failure of its own. Class and name are written as in
    pytest's JUnit XML.
Differences:
* pytest: a test that failed and then broke in its teardown is printed as a failure and an error, and is one test
  here
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.parsers import pytest_names
from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration, first_records, mapping, objects, outline, records, text
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {"passed": Outcome.PASSED, "failed": Outcome.FAILED, "skipped": Outcome.SKIPPED}


def sniff(head: bytes) -> bool:
    """Whether the lines say which report of pytest they are."""
    return "$report_type" in outline(head) or any("$report_type" in record for record in first_records(head))


@dataclass(slots=True)
class _State:
    """What is known of a test that has not been torn down yet."""

    outcome: Outcome = Outcome.PASSED
    seconds: float = 0.0
    message: str = ""
    details: str = ""
    reruns: int = 0
    again: bool = False  # this attempt is to be repeated


def parse(data: bytes) -> TestReport:
    """Read all reports. Raises ReportError."""
    warnings: list[str] = []
    cases = Cases()
    running: dict[str, _State] = {}
    ended = False
    for record in records(data, warnings):
        kind = record.get("$report_type")
        nodeid = text(record.get("nodeid"))
        if kind == "TestReport":
            if _add_stage(running.setdefault(nodeid, _State()), record):
                _finish(cases, nodeid, running.pop(nodeid))
        elif kind == "CollectReport":
            _add_collector(cases, nodeid, record)
        elif kind == "SessionFinish":
            ended = True
        elif "_subtest.context" in record and record.get("outcome") == "failed":
            _add_subtest(cases, nodeid, record)
    for nodeid, state in running.items():
        if not ended:
            raise ReportError(f"The file breaks off while {nodeid[:200]} was running.")
        _finish(cases, nodeid, state)
    if not ended:
        raise ReportError("The file breaks off before the end of the session (SessionFinish).")
    return cases.report(warnings)


def _add_stage(state: _State, record: dict[str, Any]) -> bool:
    """Take in one stage's report; True where it is the last of its test."""
    when, told = record.get("when"), text(record.get("outcome"))
    state.seconds += duration(record.get("duration")) or 0.0
    if told == "rerun":
        state.reruns += 1
        state.again = True
        return False
    if state.again and when == "teardown":
        return False  # of the attempt that is repeated
    state.again = False
    outcome = _OUTCOMES.get(told)
    if outcome is None:
        raise ReportError(f"A report of {text(record.get('nodeid'))[:200]} has the outcome “{told[:50]}”.")
    if outcome is Outcome.FAILED and when != "call":
        outcome = Outcome.ERROR
    if outcome is not Outcome.PASSED and (state.outcome is Outcome.PASSED or outcome > state.outcome):
        state.outcome = outcome
        state.message, state.details = _words(record.get("longrepr"), text(record.get("wasxfail")))
    return when not in ("setup", "call")


def _finish(cases: Cases, nodeid: str, state: _State) -> None:
    classname, name, file = pytest_names.split(nodeid)
    cases.add(
        name=name, classname=classname, outcome=state.outcome, duration=state.seconds, message=state.message,
        details=state.details if state.outcome >= Outcome.FAILED else "", file=file,
        flaky=state.reruns > 0 and state.outcome is Outcome.PASSED,
    )  # fmt: skip


def _add_collector(cases: Cases, nodeid: str, record: dict[str, Any]) -> None:
    if record.get("outcome") not in ("failed", "skipped"):
        return
    classname, name, file = pytest_names.split(nodeid)
    outcome = Outcome.ERROR if record["outcome"] == "failed" else Outcome.SKIPPED
    message, details = _words(record.get("longrepr"), "")
    cases.add(name=name, classname=classname, outcome=outcome, message=message, details=details, file=file)


def _add_subtest(cases: Cases, nodeid: str, record: dict[str, Any]) -> None:
    classname, name, file = pytest_names.split(nodeid)
    context = mapping(record["_subtest.context"])
    values = ", ".join(f"{key}={text(value)}" for key, value in mapping(context.get("kwargs")).items())
    told = " ".join(
        filter(None, [f"[{text(context.get('msg'))}]" if context.get("msg") else "", values and f"({values})"])
    )
    message, details = _words(record.get("longrepr"), "")
    cases.add(
        name=f"{name} {told or '(subtest)'}", classname=classname, outcome=Outcome.FAILED,
        duration=duration(record.get("duration")), message=message, details=details, file=file,
    )  # fmt: skip


def _words(longrepr: object, reason: str) -> tuple[str, str]:
    """Message and details out of a text, of pytest's tree of a traceback, or of a skip's place and reason."""
    if isinstance(longrepr, list):
        return text(longrepr[-1]) if longrepr else "", ""
    if not isinstance(longrepr, dict):
        return reason, text(longrepr)
    lines: list[str] = []
    for entry in objects(mapping(longrepr.get("reprtraceback")).get("reprentries")):
        said = mapping(entry.get("data")).get("lines")
        lines += map(text, said) if isinstance(said, list) else []
    return reason or text(mapping(longrepr.get("reprcrash")).get("message")), "\n".join(lines)


PYTEST_REPORTLOG = Format("pytest-reportlog", "tests", sniff, parse)
