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
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

from msgspec import Struct

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8, count

_MARK = "##teamcity["
_KINDS = "testSuiteStarted|testSuiteFinished|testStarted|testFinished|testFailed|testIgnored"
_OF_SUITES = frozenset(("testSuiteStarted", "testSuiteFinished"))
_KIND = re.compile(rf"[ \t]*({_KINDS})\b", re.ASCII)
_MESSAGE = re.compile(rf"{re.escape(_MARK)}[ \t]*(?:{_KINDS})\b[^\r\n]*", re.ASCII)
_NAME_OF_VALUE = r"([\w.-]{1,100})[ \t]{0,9}=[ \t]{0,9}"
_ATTRIBUTE = re.compile(rf"(?<![\w.-]){_NAME_OF_VALUE}'([^'|]*(?:\|.[^'|]*)*)'", re.ASCII)
_FIRST_NAME = re.compile(rf"[ \t]*(?:{_KINDS})[ \t]+{_NAME_OF_VALUE}", re.ASCII)
_NEXT_NAME = re.compile(rf"[ \t]*{_NAME_OF_VALUE}", re.ASCII)
_WANTED = ("name", "flowId", "duration", "message", "details", "locationHint")
_NAME, _FLOW = 0, 1
_KNOWN = 1_000
_ESCAPE = re.compile(r"\|(?:0x([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029"}
_QUOTE = "\ue000"
"""Stands for an escaped quote while a message is split at the others."""
_SIMPLE = (("|n", "\n"), ("|'", "'"), ("|[", "["), ("|]", "]"))
_TEST = re.compile(rb"[ \t]*##teamcity\[[ \t]*test(?:Suite)?(?:Started|Finished|Failed|Ignored|Count)\b")
_LINES_BEFORE = 20  # a banner before the first message (PHPUnit's)
_MAX_DEPTH = 200
_MAX_FAILURES = 100  # two texts each
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


class _Test(Struct, gc=False):
    """A test that has begun."""

    name: str
    path: str
    file: str
    outcome: Outcome = Outcome.PASSED
    message: str = ""
    details: tuple[str, ...] = ()
    milliseconds: str = ""


class _Flow(Struct, gc=False):
    """One line of events; tests that run side by side have flows of their own."""

    suites: list[str] = []
    path: str = ""
    tests: dict[str, _Test] = {}


def parse(data: bytes) -> TestReport:
    """Read all messages about tests. Raises ReportError."""
    flows: dict[str, _Flow] = {}
    ended: list[_Test] = []
    for kind, told in _messages(as_utf8(data).decode("utf-8", "replace")):
        flow = flows.get(told[_FLOW])
        if flow is None:
            flow = flows[told[_FLOW]] = _Flow()
        if kind in _OF_SUITES:
            _read_suite(flow, kind, told[_NAME])
        else:
            _read_test(flow, kind, told, ended)
    for flow in flows.values():
        for test in flow.tests.values():
            test.outcome, test.message = Outcome.ERROR, test.message or "The test did not end."
            ended.append(test)
    return _report(ended)


def _messages(text: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The kind of each message about a test or suite and its attributes, as ``_WANTED`` lists them.

    Raises ReportError behind the last of them where the file breaks off within one more.
    """
    end = len(text.rstrip())
    last = _MESSAGE.search(text, max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1)
    cut_short = last is not None and "]" not in last[0]
    layouts = _Layouts()
    for message in _lines(text[: last.start()] if last and cut_short else text):
        escapes = "|" in message
        parts = (message.replace("|'", _QUOTE) if escapes else message).split("'")
        kind, wanted = layouts[tuple(parts[::2])]
        if wanted and not escapes:
            parts[-1] = ""
            yield kind, wanted(parts)
        elif kind:
            yield kind, _escaped(message, kind, parts, wanted)
    if cut_short:
        raise ReportError("The file breaks off within its last message.")


def _lines(text: str) -> list[str]:
    """What follows the mark of each message, up to the end of its line."""
    lines = f"\n{text}".split(f"\n{_MARK}")
    if "\r" in text or len(lines) != text.count(_MARK) + 1:  # output stands before messages on their line
        return [found[0].removeprefix(_MARK) for found in _MESSAGE.finditer(text)]
    return [line.partition("\n")[0] for line in lines[1:]]


_Picker = Callable[[Sequence[str]], Sequence[str]]
"""What picks the wanted attributes out of a message's pieces between quotes."""

_Layout = tuple[str, _Picker | None]
"""A message's kind, empty for one that is not about tests; None where attributes have to be searched for."""


def _escaped(message: str, kind: str, parts: list[str], wanted: _Picker | None) -> Sequence[str]:
    """The wanted attributes of a message with escapes, or of one whose pieces say nothing."""
    if wanted and "||'" not in message and _QUOTE not in message:
        parts[-1] = ""
        told = [value.replace(_QUOTE, "|'") for value in wanted(parts)]
    else:
        attributes = dict(_ATTRIBUTE.findall(message.partition(kind)[2]))
        told = [attributes.get(name, "") for name in _WANTED]
    return list(map(_plain, told)) if "|" in message else told


class _Layouts(dict[tuple[str, ...], _Layout]):
    """Layouts of messages by what stands between their attributes' values: a file has few of them."""

    def __missing__(self, between: tuple[str, ...]) -> _Layout:
        about = _KIND.match(between[0])
        layout: _Layout = about[1] if about else "", None
        names = [_FIRST_NAME.fullmatch(between[0]), *map(_NEXT_NAME.fullmatch, between[1:-1])][: len(between) - 1]
        if about and all(names):
            places = {found[1]: 2 * at + 1 for at, found in enumerate(names) if found}
            layout = about[1], itemgetter(*[places.get(name, -1) for name in _WANTED])
        if len(self) < _KNOWN:
            self[between] = layout
        return layout


def _read_suite(flow: _Flow, kind: str, name: str) -> None:
    if kind == "testSuiteStarted":
        if len(flow.suites) >= _MAX_DEPTH:
            raise ReportError(f"The suites nest deeper than {_MAX_DEPTH}.")
        flow.suites.append(name)
    elif name in flow.suites:
        del flow.suites[len(flow.suites) - 1 - flow.suites[::-1].index(name) :]
    flow.path = " > ".join(filter(None, flow.suites))


def _read_test(flow: _Flow, kind: str, told: Sequence[str], ended: list[_Test]) -> None:
    name, _, milliseconds, message, details, place = told
    if kind == "testFinished":
        if (test := flow.tests.pop(name, None)) is not None:
            test.milliseconds = milliseconds
            ended.append(test)
    elif kind == "testStarted":
        if (unended := flow.tests.pop(name, None)) is not None:
            ended.append(unended)
        flow.tests[name] = _Test(name, flow.path, _file(place))
    else:
        test = flow.tests.get(name)
        if test is None:  # testthat ignores tests that it did not start
            test = _Test(name, flow.path, _file(place))
            ended.append(test)
        outcome = Outcome.FAILED if kind == "testFailed" else Outcome.SKIPPED
        if test.outcome is Outcome.PASSED or outcome > test.outcome:
            test.outcome, test.message = outcome, message
        if kind == "testFailed" and len(test.details) < _MAX_FAILURES:
            test.details += message, details


def _file(place: str) -> str:
    return place.partition("://")[2].partition("::")[0]


def _report(tests: list[_Test]) -> TestReport:
    cases = Cases()
    messages, details = [], []
    for test in tests:
        message, text = test.message.strip().partition("\n")[0], ""
        if test.details:
            text = "\n".join(filter(None, test.details))
            message = message or text[:10_000].strip().partition("\n")[0]
        messages.append(message)
        details.append(text)
    cases.add_many(
        [test.name for test in tests],
        [test.outcome for test in tests],
        classnames=[test.path for test in tests],
        durations=[duration(count(test.milliseconds or None), 0.001) for test in tests],
        messages=messages,
        details=details,
        files=[test.file for test in tests],
    )
    return cases.report([])


def _plain(value: str) -> str:
    text = value[:_MAX_TEXT]
    if "|" not in text:
        return text
    if "||" not in text:  # one replacement does not make another's mark
        simple = text
        for escaped, character in _SIMPLE:
            simple = simple.replace(escaped, character)
        if "|" not in simple:
            return simple
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2]), text)


TEAMCITY = Format("teamcity", "tests", sniff, parse)
