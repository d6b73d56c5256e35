"""``go test -json``: one event per line, of packages, tests and builds.

Written by: go test -json (Go 1.10 to 1.26), go tool test2json, gotestsum --jsonfile; seen: Go 1.19.
Specified in: ``go doc test2json``, ``go help buildjson`` (Go 1.24 and later).
Read: tests, subtests, examples, fuzz tests (benchmarks where they are events) as they ran, their output where
    they failed, durations; packages that failed without a test, build output.
Dropped: output of tests that passed, attributes, artifacts, coverage lines, lines that are no JSON (but ``FAIL …
    [build failed]``, which Go wrote beside the JSON before 1.24).
Meaning: every test and every subtest is one test, the parent of subtests too, as gotestsum counts; each repeat
    (``-count=2``, gotestsum --rerun-fails) is a case. A test that began and did not end failed if its package
    failed. A package that failed while none of its tests did (a build, a TestMain, an exit) is one error. A
    package without tests is nothing.
Differences:
* go test: its text counts nothing at all
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from msgspec import Struct

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import first_records
from collectors.parsers.json_typed import read_lines
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import DETAILS_LIMIT, bounded_details

_ACTIONS = ("start", "run", "pause", "cont", "pass", "bench", "fail", "output", "skip", "attr", "artifacts",
            "build-output", "build-fail")  # fmt: skip
_KEYS = frozenset(("Package", "Test", "ImportPath"))
_OUTCOMES = {
    "pass": Outcome.PASSED,
    "bench": Outcome.PASSED,
    "fail": Outcome.FAILED,
    "skip": Outcome.SKIPPED,
}
_PLACE = re.compile(r"^\s+\S+\.go:\d+: (.*)", re.MULTILINE)
_FRAME = re.compile(r"^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)|--- (?:FAIL|PASS|SKIP)|FAIL\b|exit status|$)")
_NOT_BUILT = re.compile(rb"FAIL\t(\S+) \[(?:build|setup) failed\]")


def sniff(head: bytes) -> bool:
    """Whether the lines are events of packages, tests or builds."""
    found = first_records(head)
    events = sum(event.get("Action") in _ACTIONS and not _KEYS.isdisjoint(event) for event in found)
    return events > 0 and events * 2 >= len(found)


class _Event(Struct, gc=False, rename="pascal"):
    action: str = ""
    package: str = ""
    test: str = ""
    output: str = ""
    elapsed: float | None = None
    import_path: str = ""
    failed_build: str = ""


class _Output:
    """What a test or a package printed, its middle left out where it is long."""

    __slots__ = ("parts", "size")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def add(self, piece: str) -> None:
        self.parts.append(piece)
        self.size += len(piece)
        if self.size > 2 * DETAILS_LIMIT:
            self.parts = [bounded_details("".join(self.parts)), "\n"]
            self.size = len(self.parts[0])

    def __str__(self) -> str:
        return "".join(self.parts)


@dataclass(slots=True)
class _Package:
    """One run of a package's tests."""

    running: dict[str, _Output] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    failed: bool = False
    output: _Output = field(default_factory=_Output)


class _Reader:
    """Events in, cases out."""

    def __init__(self) -> None:
        self.cases = Cases()
        self.packages: dict[str, _Package] = {}
        self.builds: dict[str, _Output] = {}
        self.failed_builds: set[str] = set()
        self.failed_packages: set[str] = set()
        self.beside = _Output()
        self.not_built: list[str] = []

    def read(self, event: _Event) -> None:
        action, test, name = event.action, event.test, event.package
        if action in ("build-output", "build-fail"):
            self._build(event)
            return
        package = self.packages.get(name)
        if package is None:
            package = self.packages[name] = _Package()
        if action == "output":
            (package.running.get(test) or package.output).add(event.output)
        elif action == "run" and test:
            if test in package.running:
                self._end(name, package, test, Outcome.FAILED, None)
            package.running[test] = _Output()
        elif action in _OUTCOMES:
            if test:
                self._end(name, package, test, _OUTCOMES[action], event.elapsed)
            else:
                self._end_package(name, package, _OUTCOMES[action], event.failed_build)

    def _build(self, event: _Event) -> None:
        if event.action == "build-fail":
            self.failed_builds.add(event.import_path)
        else:
            self.builds.setdefault(event.import_path, _Output()).add(event.output)

    def _end(self, name: str, package: _Package, test: str, outcome: Outcome, took: float | None) -> None:
        output = package.running.pop(test, None)
        package.failed |= outcome is Outcome.FAILED
        if outcome is Outcome.PASSED:
            package.passed.add(test)
            self.cases.add(name=test, classname=name, outcome=outcome, duration=took)
            return
        details = str(output) if output else ""
        message = _message(details)
        self.cases.add(
            name=test, classname=name, outcome=outcome, duration=took, message=message,
            details=details if outcome is Outcome.FAILED else "",
        )  # fmt: skip

    def _end_package(self, name: str, package: _Package, outcome: Outcome, build: str) -> None:
        failed = outcome is Outcome.FAILED
        for test in list(package.running):
            root, slash, _ = test.partition("/")
            whole = not failed or (slash and root in package.passed)  # golang/go#40771: its end was swallowed
            self._end(name, package, test, Outcome.PASSED if whole else Outcome.FAILED, None)
        if failed:
            self.failed_packages.add(name)
            if not package.failed:
                details = str(self.builds.get(build, "")) or str(package.output)
                self._error(name, details)
            self.failed_builds.discard(build)
        del self.packages[name]

    def _error(self, name: str, details: str) -> None:
        self.cases.add(
            name="(package)", classname=name, outcome=Outcome.ERROR, message=_message(details), details=details
        )

    def other(self, line: bytes) -> None:
        """A line beside the events: a compiler's, or the verdict on a package that was not built."""
        if found := _NOT_BUILT.match(line):
            self.not_built.append(found[1].decode("utf-8", "replace"))
        else:
            self.beside.add(line.decode("utf-8", "replace") + "\n")

    def finish(self) -> None:
        """Raises ReportError where a package's end is missing; adds what failed to build and is in no package."""
        for name, package in self.packages.items():
            if package.running or name or package.failed:
                raise ReportError(
                    f"The file breaks off while the tests of {name[:200] or 'a package'} were running."
                )
        for name in self.not_built:
            if name not in self.failed_packages:
                self._error(name, str(self.beside))
        for path in sorted(self.failed_builds):
            self._error(path, str(self.builds.get(path, "")))


def parse(data: bytes) -> TestReport:
    """Read all events. Raises ReportError."""
    warnings: list[str] = []
    reader = _Reader()
    for event in read_lines(data, _Event, warnings, reader.other):
        reader.read(event)
    reader.finish()
    return reader.cases.report(warnings)


def _message(details: str) -> str:
    """The first line that says why, out of what a failed test or package printed."""
    if found := _PLACE.search(details):
        return found[1]
    lines = (line.strip() for line in details[:DETAILS_LIMIT].splitlines() if not _FRAME.match(line))
    return next((line for line in lines if not line.startswith("# ")), "")


GO_TEST_JSON = Format("go-test-json", "tests", sniff, parse)
