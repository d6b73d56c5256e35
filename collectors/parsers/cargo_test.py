"""libtest's JSON: what ``cargo test`` and cargo-nextest say of each test, one object per line.

Written by: libtest (``cargo test -- -Z unstable-options --format json``), cargo-nextest (``--message-format
    libtest-json`` and ``libtest-json-plus``); seen: libtest of Rust 1.97 nightly, nextest 0.9.148.
Specified in: library/test/src/formatters/json.rs of Rust; nextest's documentation of libtest-json.
Read: tests, doc tests and benchmarks with their events, times (s), output of failures; cargo's lines on which
    binary runs, where they stand between.
Dropped: reports of doc tests' build times, cargo's other lines, benchmarks' figures.
Meaning: ok and a benchmark are passed, ignored is skipped, and so is a failure that was allowed. A test that began
    and did not end (its process died) is an error, and so is a suite that did not end. nextest's ``#2`` behind a
    name is an attempt: a pass there is flaky, and the name is the one before it.
Differences:
* nextest: does not count ignored tests among its tests
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import first_records, whole
from collectors.parsers.json_typed import read_lines
from collectors.parsers.results import Format, Outcome, TestReport

_OUTCOMES = {
    "ok": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "ignored": Outcome.SKIPPED,
    "allowed_failure": Outcome.SKIPPED,
}
_ATTEMPT = re.compile(r"#(\d{1,6})\Z")
_BINARY = re.compile(rb"\s*(?:Running (?:unittests )?(\S+)|Doc-tests (\S+))")


def sniff(head: bytes) -> bool:
    """Whether the lines are events of suites and tests."""
    found = first_records(head)
    return any(
        record.get("type") == "suite" and record.get("event") == "started" and "test_count" in record
        for record in found
    )


class _Event(Struct, gc=False):
    type: str | None = None
    event: str | None = None
    name: str = ""
    exec_time: float | None = None
    message: str | None = None
    reason: str | None = None
    stdout: str | None = None
    nextest: Any = None
    passed: Any = None
    failed: Any = None
    ignored: Any = None
    allowed_fail: Any = None


class _Reader:
    """Events in, cases out."""

    def __init__(self) -> None:
        self.cases = Cases()
        self.running: dict[str, str] = {}  # tests that began, with the binary that runs them
        self.binary = ""
        self.open_suites = 0
        self.own = {"passed": 0, "failed": 0, "skipped": 0}
        self.nextest = False

    def read(self, event: _Event) -> None:
        if event.type == "test":
            if event.event == "started":
                self.running[event.name] = self.binary
            elif event.event in _OUTCOMES:
                self._test(event.name, _OUTCOMES[event.event], event)
        elif event.type == "suite":
            self._suite(event)
        elif event.type == "bench":
            self.running.pop(event.name, None)
            self._add(event.name, Outcome.PASSED)
            self.own["passed"] -= 1  # a suite counts them apart, as measured

    def _suite(self, event: _Event) -> None:
        self.nextest |= event.nextest is not None
        if event.event == "started":
            if not self.nextest:
                self.end_died()
            self.open_suites += 1
            return
        self.open_suites = max(self.open_suites - 1, 0)
        for name, told in (("passed", event.passed), ("failed", event.failed), ("skipped", event.ignored)):
            self.own[name] += whole(told) or 0
        self.own["skipped"] += whole(event.allowed_fail) or 0
        if not self.nextest:
            self.end_running()

    def _test(self, name: str, outcome: Outcome, event: _Event) -> None:
        attempt = _ATTEMPT.search(name) if self.nextest else None
        if attempt:
            name = name[: attempt.start()]
        self.running.pop(name, None)
        details = event.stdout or "" if outcome is Outcome.FAILED else ""
        said = event.message or event.reason or _panic(details)
        flaky = outcome is Outcome.PASSED and attempt is not None and int(attempt[1]) > 1
        self._add(name, outcome, event.exec_time, said, details, flaky)

    def _add(
        self, name: str, outcome: Outcome, took: float | None = None, message: str = "", details: str = "",
        flaky: bool = False, binary: str | None = None,
    ) -> None:  # fmt: skip
        group, mark, own = name.rpartition("$")
        if not (mark and self.nextest):
            group, own = "", name
        self.cases.add(
            name=own, suite=self.binary if binary is None else binary,
            classname=group, outcome=outcome, duration=took, message=message,
            details=details, flaky=flaky,
        )  # fmt: skip

    def other(self, line: bytes) -> None:
        """A line of cargo's: which binary comes next."""
        if found := _BINARY.match(line):
            self.binary = (found[1] or found[2]).decode("utf-8", "replace")

    def end_running(self) -> None:
        """What began and did not end, died."""
        for name, binary in self.running.items():
            self._add(name, Outcome.ERROR, message="The test did not end: its process died.", binary=binary)
        self.running.clear()

    def end_died(self) -> None:
        """Add what is missing where suites did not end."""
        if self.open_suites and not self.running:
            self._add("(suite)", Outcome.ERROR, message="The suite did not end: its process died.")
        self.end_running()
        self.open_suites = 0


def parse(data: bytes) -> TestReport:
    """Read all events. Raises ReportError."""
    warnings: list[str] = []
    reader = _Reader()
    for event in read_lines(data, _Event, warnings, reader.other):
        reader.read(event)
    reader.end_died()
    told = not reader.nextest  # which counts what it filters out as ignored
    return reader.cases.report(warnings, {key: reader.own[key] for key in ("failed", "skipped")} if told else None)


def _panic(details: str) -> str:
    """What a panic said, out of the output of a failed test."""
    if "panicked at" not in details:
        return ""
    lines = details[:20_000].splitlines()
    for number, line in enumerate(lines[:-1]):
        if "panicked at" in line:
            return lines[number + 1]
    return ""


CARGO_TEST = Format("cargo-test", "tests", sniff, parse)
