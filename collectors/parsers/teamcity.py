"""TeamCity service messages: ``##teamcity[testStarted name='…']``, one per line among other output.

Written by: teamcity-messages (pytest, unittest, nose), PHPUnit (``--log-teamcity``), Pest, Catch2, testthat,
    Boost.Test, Jest's and Mocha's TeamCity reporters, RSpec's, Gradle's and dotnet's TeamCity loggers, ``cargo
    test`` and swift test in JetBrains' tools; seen: Catch2 2.13, testthat 3.1, teamcity-messages 1.33.
Specified in: the documentation of TeamCity, “Service Messages”.
Read: suites and tests by flow, failures, ignored tests, durations (ms).
Dropped: standard output and error, metadata, statistics, build problems, progress, lines that are no message.
Meaning: testFailed is failed, testIgnored skipped; the worst message of a test counts. A test that began and did
    not end is an error. The class is the path of suites.
Differences:
* testthat: every expectation is a test; a warning is one that passed
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8, count

_MESSAGE = re.compile(
    r"##teamcity\[[ \t]*(testSuiteStarted|testSuiteFinished|testStarted|testFinished|testFailed|testIgnored)\b"
    r"([^\r\n]*)",
    re.ASCII,
)
_ATTRIBUTE = re.compile(r"(?<![\w.-])([\w.-]{1,100})[ \t]{0,9}=[ \t]{0,9}'([^'|]*(?:\|.[^'|]*)*)'", re.ASCII)
_ESCAPE = re.compile(r"\|(?:0x([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029"}
_TEST = re.compile(rb"[ \t]*##teamcity\[[ \t]*test(?:Suite)?(?:Started|Finished|Failed|Ignored|Count)\b")
_LINES_BEFORE = 20  # a banner before the first message (PHPUnit's)
_MAX_DEPTH = 200
_MAX_TEXT = 200_000  # more than is kept of any text


def sniff(head: bytes) -> bool:
    """Whether the output is made of messages about tests: a banner may stand before them, a log may not."""
    head = as_utf8(head)
    if b"##teamcity[" not in head or head[:1] in (b"{", b"<"):
        return False
    lines = [line for line in head.splitlines() if line.strip()]
    if any(_TEST.match(line) for line in lines[:_LINES_BEFORE]):
        return True
    return sum(1 for line in lines if _TEST.match(line)) * 2 > len(lines)


@dataclass(slots=True)
class _Test:
    """A test that has begun."""

    name: str
    path: str
    file: str
    outcome: Outcome = Outcome.PASSED
    message: str = ""
    details: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Flow:
    """One line of events; tests that run side by side have flows of their own."""

    suites: list[str] = field(default_factory=list)
    tests: dict[str, _Test] = field(default_factory=dict)


def parse(data: bytes) -> TestReport:
    """Read all messages about tests. Raises ReportError."""
    text = as_utf8(data).decode("utf-8", "replace")
    cases = Cases()
    flows: dict[str, _Flow] = {}
    end = len(text.rstrip())
    for found in _MESSAGE.finditer(text):
        kind, rest = found.groups()
        if "]" not in rest and found.end() >= end:
            raise ReportError("The file breaks off within its last message.")
        told = dict(_ATTRIBUTE.findall(rest))
        if "|" in rest:
            told = {name: _plain(value) for name, value in told.items()}
        flow = flows.get(told.get("flowId", ""))
        if flow is None:
            flow = flows[told.get("flowId", "")] = _Flow()
        _read(cases, flow, kind, told)
    for flow in flows.values():
        for test in flow.tests.values():
            test.outcome, test.message = Outcome.ERROR, test.message or "The test did not end."
            _add(cases, test, None)
    return cases.report([])


def _read(cases: Cases, flow: _Flow, kind: str, told: dict[str, str]) -> None:
    name = told.get("name", "")
    if kind == "testSuiteStarted":
        if len(flow.suites) >= _MAX_DEPTH:
            raise ReportError(f"The suites nest deeper than {_MAX_DEPTH}.")
        flow.suites.append(name)
    elif kind == "testSuiteFinished":
        if name in flow.suites:
            del flow.suites[len(flow.suites) - 1 - flow.suites[::-1].index(name) :]
    elif kind == "testStarted":
        if (unended := flow.tests.pop(name, None)) is not None:
            _add(cases, unended, None)
        flow.tests[name] = _begun(flow, name, told)
    elif kind == "testFinished":
        if (test := flow.tests.pop(name, None)) is not None:
            _add(cases, test, told.get("duration"))
    else:
        test = flow.tests.get(name)
        alone = test is None  # testthat ignores tests that it did not start
        test = test or _begun(flow, name, told)
        outcome = Outcome.FAILED if kind == "testFailed" else Outcome.SKIPPED
        if test.outcome is Outcome.PASSED or outcome > test.outcome:
            test.outcome, test.message = outcome, told.get("message", "")
        if kind == "testFailed" and len(test.details) < 100:
            test.details += [told.get("message", ""), told.get("details", "")]
        if alone:
            _add(cases, test, None)


def _begun(flow: _Flow, name: str, told: dict[str, str]) -> _Test:
    place = told.get("locationHint", "")
    return _Test(name, " > ".join(filter(None, flow.suites)), place.partition("://")[2].partition("::")[0])


def _add(cases: Cases, test: _Test, milliseconds: str | None) -> None:
    cases.add(
        name=test.name,
        classname=test.path,
        outcome=test.outcome,
        duration=duration(count(milliseconds), 0.001),
        message=test.message.strip().partition("\n")[0],
        details="\n".join(filter(None, test.details)),
        file=test.file,
    )


def _plain(value: str) -> str:
    text = value[:_MAX_TEXT]
    if "|" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2]), text)


TEAMCITY = Format("teamcity", "tests", sniff, parse)
