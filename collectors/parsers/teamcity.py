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
from functools import lru_cache
from operator import itemgetter

from msgspec import Struct

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8, count

_MARK = b"##teamcity["
_KINDS = rb"testSuiteStarted|testSuiteFinished|testStarted|testFinished|testFailed|testIgnored"
_KIND = re.compile(rb"##teamcity\[[ \t]*(" + _KINDS + rb")\b")
_MESSAGE = re.compile(_KIND.pattern + rb"[^\r\n]*")
_NAME_OF_VALUE = rb"([\w.-]{1,100})[ \t]{0,9}=[ \t]{0,9}"
_ATTRIBUTE = re.compile(rb"(?<![\w.-])" + _NAME_OF_VALUE + rb"'([^'|]*(?:\|.[^'|]*)*)'")
_FIRST_NAME = re.compile(_KIND.pattern + rb"[ \t]+" + _NAME_OF_VALUE)
_NEXT_NAME = re.compile(rb"[ \t]*" + _NAME_OF_VALUE)
_WANTED = (b"name", b"flowId", b"duration", b"message", b"details", b"locationHint")
_KNOWN = 1_000
_FREQUENT = ((b"||", b"\xfe"), (b"|'", b"\xff"), (b"|n", b"\n"), (b"|[", b"["), (b"|]", b"]"))
"""The frequent escapes, and what stands for them while a message is split at its quotes.

UTF-8 has no byte 254 or 255. Bars first: they come in pairs from the left.
"""
_UNMARKED = bytes.maketrans(b"\xfe\xff", b"|'")
_BAR = b"|"[0]  # a number is looked for in a fifth of the time
_ESCAPE = re.compile(rb"\|(?:0x([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_ESCAPED = {b"r": "\r", b"x": "\x85", b"l": "\u2028", b"p": "\u2029"}
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


def parse(data: bytes) -> TestReport:
    """Read all messages about tests. Raises ReportError."""
    run = _Run()
    read = run.readers()
    for kind, told in _messages(as_utf8(data)):
        read[kind](told)
    return _report(run.tests())


_Told = tuple[bytes, ...]
"""The wanted attributes of a message, as ``_WANTED`` lists them, for ``_text``; empty where there is none."""


def _messages(data: bytes) -> Iterator[tuple[bytes, _Told]]:
    """The kind of each message about a test or suite, and its attributes.

    Raises ReportError behind the last of them where the file breaks off within one more.
    """
    end = len(data.rstrip())
    last = _MESSAGE.search(data, max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end)) + 1)
    cut_short = last is not None and b"]" not in last[0]
    kinds, layouts = _Kinds(), _Layouts()
    for message in _lines(data[: last.start()] if last and cut_short else data):
        if kind := kinds[message.partition(b"'")[0]]:
            if _BAR in message:
                for escape, character in _FREQUENT:
                    message = message.replace(escape, character)
            parts = message.split(b"'")
            wanted = layouts[tuple(parts[::2])]
            parts[-1] = b""  # where a wanted attribute is picked from that the message does not have
            yield kind, wanted(parts) if wanted else _searched(message)
    if cut_short:
        raise ReportError("The file breaks off within its last message.")


def _lines(data: bytes) -> list[bytes]:
    """The messages, each up to the end of its line."""
    lines = [line for line in data.split(b"\n") if line.startswith(_MARK)]
    if b"\r" in data or len(lines) != data.count(_MARK):  # output stands before messages on their line
        return [found[0] for found in _MESSAGE.finditer(data)]
    return lines


class _Kinds(dict[bytes, bytes]):
    """Kinds of messages by what stands before their first value; empty for one that is not about tests."""

    def __missing__(self, beginning: bytes) -> bytes:
        found = _KIND.match(beginning)
        kind = found[1] if found else b""
        if len(self) < _KNOWN:
            self[beginning] = kind
        return kind


_Picker = Callable[[Sequence[bytes]], _Told]
"""What picks the wanted attributes out of a message's pieces between quotes."""


class _Layouts(dict[tuple[bytes, ...], _Picker | None]):
    """Layouts of messages by what stands between their attributes' values: a file has few of them.

    None where attributes have to be searched for.
    """

    def __missing__(self, between: tuple[bytes, ...]) -> _Picker | None:
        picker = None
        names = [_FIRST_NAME.fullmatch(between[0]), *map(_NEXT_NAME.fullmatch, between[1:-1])]
        if len(between) > 1 and all(names):
            places = {found[found.lastindex or 0]: 2 * at + 1 for at, found in enumerate(names) if found}
            picker = itemgetter(*[places.get(name, -1) for name in _WANTED])
        if len(self) < _KNOWN:
            self[between] = picker
        return picker


def _searched(message: bytes) -> _Told:
    """The wanted ones of attributes that stand as no other message has them."""
    found = dict(_ATTRIBUTE.findall(message))
    return tuple([found.get(name, b"")[:_MAX_TEXT] for name in _WANTED])


def _text(value: bytes) -> str:
    if _BAR in value:
        value = _ESCAPE.sub(_character, value)
    return value.translate(_UNMARKED).decode("utf-8", "replace")


def _character(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return chr(int(escape[1], 16)).encode("utf-8", "replace")
    return _ESCAPED[escape[2]].encode() if escape[2] in _ESCAPED else escape[2]


class _Test(Struct, gc=False):
    """A test that has begun."""

    name: bytes
    path: str
    place: bytes
    outcome: Outcome = Outcome.PASSED
    message: bytes = b""
    details: tuple[bytes, ...] = ()
    milliseconds: bytes = b""


class _Run:
    """Tests and open suites by flow: tests that run side by side have flows of their own."""

    def __init__(self) -> None:
        self._suites: dict[bytes, list[bytes]] = {}
        self._paths: dict[bytes, str] = {}
        self._running: dict[tuple[bytes, ...], _Test] = {}
        self._ended: list[_Test] = []

    def readers(self) -> dict[bytes, Callable[[_Told], None]]:
        """What takes a message, by its kind."""
        return {
            b"testSuiteStarted": self._suite_started,
            b"testSuiteFinished": self._suite_finished,
            b"testStarted": self._started,
            b"testFinished": self._finished,
            b"testFailed": self._failed,
            b"testIgnored": self._ignored,
        }

    def tests(self) -> list[_Test]:
        """All tests; those that did not end come last and are errors."""
        for test in self._running.values():
            test.outcome, test.message = Outcome.ERROR, test.message or b"The test did not end."
        return [*self._ended, *self._running.values()]

    def _suite_started(self, told: _Told) -> None:
        name, flow = told[:2]
        suites = self._suites.setdefault(flow, [])
        if len(suites) >= _MAX_DEPTH:
            raise ReportError(f"The suites nest deeper than {_MAX_DEPTH}.")
        suites.append(name)
        self._paths[flow] = _path(suites)

    def _suite_finished(self, told: _Told) -> None:
        name, flow = told[:2]
        suites = self._suites.get(flow, [])
        if name in suites:
            del suites[len(suites) - 1 - suites[::-1].index(name) :]
            self._paths[flow] = _path(suites)

    def _started(self, told: _Told) -> None:
        key = told[:2]
        if (unended := self._running.pop(key, None)) is not None:
            self._ended.append(unended)
        self._running[key] = self._begun(told)

    def _begun(self, told: _Told) -> _Test:
        name, flow, _, _, _, place = told
        return _Test(name, self._paths.get(flow, ""), place)

    def _finished(self, told: _Told) -> None:
        if (test := self._running.pop(told[:2], None)) is not None:
            test.milliseconds = told[2]
            self._ended.append(test)

    def _failed(self, told: _Told) -> None:
        _, _, _, message, details, _ = told
        test = self._worse(told, Outcome.FAILED, message)
        if len(test.details) < _MAX_FAILURES:
            test.details += message, details

    def _ignored(self, told: _Told) -> None:
        self._worse(told, Outcome.SKIPPED, told[3])

    def _worse(self, told: _Told, outcome: Outcome, message: bytes) -> _Test:
        """The test that a message is about, with its outcome where it has none that is worse."""
        test = self._running.get(told[:2])
        if test is None:  # testthat ignores tests that it did not start
            test = self._begun(told)
            self._ended.append(test)
        if test.outcome is Outcome.PASSED or outcome > test.outcome:
            test.outcome, test.message = outcome, message
        return test


def _path(suites: list[bytes]) -> str:
    return " > ".join(map(_text, filter(None, suites)))


def _report(tests: list[_Test]) -> TestReport:
    cases = Cases()
    details = [_text(b"\n".join(filter(None, test.details))) if test.details else "" for test in tests]
    cases.add_many(
        [_text(test.name) for test in tests],
        [test.outcome for test in tests],
        classnames=[test.path for test in tests],
        durations=[_seconds(test.milliseconds) for test in tests],
        messages=[
            _first_line(_text(test.message)) or _first_line(text[:10_000])
            for test, text in zip(tests, details, strict=True)
        ],
        details=details,
        files=[_file(_text(test.place)) if test.place else "" for test in tests],
    )
    return cases.report([])


@lru_cache(maxsize=_KNOWN)  # most tests take few milliseconds
def _seconds(milliseconds: bytes) -> float | None:
    return duration(count(milliseconds or None), 0.001)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _file(place: str) -> str:
    return place.partition("://")[2].partition("::")[0]


TEAMCITY = Format("teamcity", "tests", sniff, parse)
