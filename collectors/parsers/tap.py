"""TAP, the Test Anything Protocol: a line per test, ``ok`` or ``not ok``, and a plan that says how many.

Written by: Perl's Test::More and Test2 (kept by prove's archives), node's test runner (18 to 24), node-tap, tape,
    AVA, Mocha, Vitest (tap and tap-flat), bats (tap and tap13), Catch2, Check, cmocka, testthat, pytest-tap,
    KUnit and kselftest (KTAP), and any shell script with an echo; seen: node 20.20, tape 5.10, Mocha 12.0, Vitest
    2.1, bats 1.8, Catch2 2.13, Check 0.15, cmocka 1.1, testthat 3.1, Test::More of Perl 5.36.
Specified in: testanything.org, versions 12, 13 and 14; KTAP in the Linux kernel's documentation.
Read: points with or without number and description, plans before or after them, SKIP, TODO, ``Bail out!``, YAML
    blocks (message, duration), durations behind a description (``# time=``, bats' ``in 5ms``, Criterion's
    ``(0.05s)``), subtests (indented before their parent's point, or in its braces), several streams in one file.
Dropped: lines that are no TAP, pragmas, diagnostics of tests that passed, points that are only warnings (Catch2,
    testthat).
Meaning: a point is a test. ``not ok`` with TODO is an expected failure and so skipped; ``ok`` with TODO is
    passed, or skipped where the tool calls it still to do (node, Vitest, node-tap). A test that node cancelled
    (time-out, parent ended) is an error. Of tests with subtests the innermost count, and a parent only if it
    failed and none of them did; but node counts its parents that are tests and no suites, and without a version
    line subtests are no part of the protocol and the outermost count, as with prove. Tests that were planned and
    did not come are one error; so is ``Bail out!`` and a stream with a version and no plan. ``1..0`` is a report
    without tests.
Differences:
* Mocha: pending tests are in the file, and not in its "# tests"
* tape: counts assertions; a skip and a failing TODO are passes in "# pass"
* Vitest: a file that cannot be loaded is a point of its own
* bats: tests of a broken file that were not run are missing: one error, whatever their number
* Catch2: every assertion is a point; an expected failure has no mark
* testthat: every expectation is a point
* Check: crashes and time-outs are failures
* cmocka: a failing set-up is a failure, in no count of the terminal
* prove: tests that did not come are no test in "Tests="
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.parsers import tap_lines
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.tap_lines import Point, Stream, TapLines, headings, is_below_comment, text_of
from collectors.parsers.text import as_utf8

SKIPPED, PASSED, FAILED, ERROR = Outcome  # a member is looked up in a fifth of a microsecond, a name in none
_NODE = re.compile(rb"\n[ \t]*+duration_ms:")
_SUITE = re.compile(rb"\n[ \t]*+type:\s*'?suite\b")
_CANCELLED = re.compile(rb"\n[ \t]*+failureType:\s*'?(?:cancelledByParent|testTimeoutFailure|testAborted)")
_MESSAGE = re.compile(rb"\n[ \t]*+(?:message|error):[ \t]*(?:[|>][-+]?\d*[ \t]*\r?\n)?[ \t]*([^\r\n]+)")
_TRAILER = re.compile(rb"\n# tests +(\d{1,9})[ \t\r]*(?=\n|\Z)")
_DIAGNOSTICS = re.compile(rb"\r?\n((?:(?:(?!# Subtest)[# \t][^\n]*|\r?)(?:\n|\Z))*)")
_VERSION_LINE = re.compile(rb"^K?TAP [Vv]ersion \d+[ \t]*\r?$", re.MULTILINE)
_FIRST = re.compile(
    rb"(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*"
    rb"(?:(?P<plan>1\.\.\d+(?:[ \t]+todo[ \t\d]*;?)?[ \t]*(?:#[^\r\n]*)?\r?(?:\n|\Z))"
    rb"|(?P<inner>[ \t]+(?:(?:not )?ok[ \t]+\d+\b|1\.\.\d+[ \t]*(?=[#\r\n])))"
    rb"|(?P<point>(?:not )?ok(?=[ \t\r\n]|\Z)[^\r\n]*\r?(?:\n|\Z)))"
)
_NUMBERED = re.compile(rb"^(?:(?:not )?ok[ \t]+\d+\b|1\.\.\d+\b)", re.MULTILINE)
_OF_STREAM = re.compile(rb"^(?:(?:not )?ok\b|Bail out!|[ \t]+(?:not )?ok\b)", re.MULTILINE)


def sniff(head: bytes) -> bool:
    """Whether a stream begins here: with its version, its plan or its first numbered point.

    Other output may come before a version line only, and no points: prove's verbose output is no report.
    """
    head = as_utf8(head)
    if version := _VERSION_LINE.search(head):
        return not _OF_STREAM.search(head, 0, version.start()) and head[:1] not in (b"{", b"[", b"<")
    first = _FIRST.match(head)
    if not first:
        return False
    rest = head[first.end() :]
    if first["inner"]:  # the first test is a subtest, and says so
        return b"# Subtest" in head[: first.start("inner")] and bool(_NUMBERED.search(rest))
    if first["plan"]:
        return not rest.strip() or bool(_OF_STREAM.search(rest))
    return bool(_NUMBERED.search(rest)) or (bool(_NUMBERED.match(first["point"])) and not rest.strip())


def parse(data: bytes) -> TestReport:
    """Read all streams of a file. Raises ReportError."""
    data = b"\n" + as_utf8(data)
    lines = tap_lines.read(data)
    if not lines.points and not any(s.plan is not None or s.bail is not None for s in lines.streams):
        raise ReportError("The file has neither a test point (“ok 1”) nor a plan (“1..5”).")
    points = lines.points
    node = any(_NODE.search(point.block) for point in points if point.block.find(b"duration_ms:") >= 0)
    counted = _counted(lines, data, node)
    warnings: list[str] = []
    cases = Cases()
    _add(cases, sorted(counted | _lost_failures(points, counted)), points, data, open_todo=node or lines.timed)
    for stream in lines.streams:
        _add_broken_promise(cases, stream, warnings)
    return cases.report(warnings)


def _counted(lines: TapLines, data: bytes, node: bool) -> set[int]:
    """Which points are tests: all, the innermost, the outermost, or all but node's suites."""
    points = lines.points
    tests = {index for index, point in enumerate(points) if point.directive != "warn"}
    inner = tests - {point.parent for point in points}
    if len(inner) == len(tests):
        return inner
    at = data.find(b"\n# tests ")
    told = _TRAILER.match(data, at) if at >= 0 and data.find(b"\n# tests ", at + 1) < 0 else None
    if told:
        for choice in (_no_suites(points, tests), inner, _outer(points, tests)):
            if len(choice) == int(told[1]):
                return choice
    if node:
        return _no_suites(points, tests)
    versioned = any(stream.version for stream in lines.streams)
    return inner if versioned or lines.timed or lines.braces else _outer(points, tests)


def _outer(points: list[Point], tests: set[int]) -> set[int]:
    return {index for index in tests if points[index].parent < 0}


def _no_suites(points: list[Point], tests: set[int]) -> set[int]:
    blocks = [(index, point.block) for index, point in enumerate(points) if point.block.find(b"suite") > 0]
    return tests.difference([index for index, block in blocks if _SUITE.search(block)])


def _lost_failures(points: list[Point], counted: set[int]) -> set[int]:
    """Parents that are no tests of their own and failed although no test in them did: a hook, a plan."""
    told: set[int] = set()  # parents whose failure is told by a test above or below them
    for index in counted:
        if not points[index].ok:
            _tell(points, points[index].parent, told)
    lost = set()
    bad = [index for index in {point.parent for point in points} if index >= 0 and not points[index].ok]
    for index in sorted(bad, key=lambda i: (-points[i].depth, i)):
        point = points[index]
        if point.directive or index in told or index in counted:
            continue
        if not any(above in counted for above in _parents(points, point.parent)):
            lost.add(index)
            _tell(points, point.parent, told)
    return lost


def _tell(points: list[Point], parent: int, told: set[int]) -> None:
    while parent >= 0 and parent not in told:
        told.add(parent)
        parent = points[parent].parent


def _parents(points: list[Point], parent: int) -> Iterator[int]:
    """A point's parents, the nearest first."""
    for _ in range(tap_lines.MAX_OPEN):
        if parent < 0:
            return
        yield parent
        parent = points[parent].parent


def _outcome(point: Point, open_todo: bool) -> Outcome:
    if point.ok:
        return SKIPPED if point.directive == "skip" or (open_todo and point.directive) else PASSED
    if point.directive:
        return SKIPPED
    at = point.block.find(b"failureType:")
    return ERROR if at > 0 and _CANCELLED.match(point.block, point.block.rfind(b"\n", 0, at)) else FAILED


def _add(cases: Cases, indexes: list[int], points: list[Point], data: bytes, *, open_todo: bool) -> None:
    """Add the points that are tests, by the column."""
    kept = [points[index] for index in indexes]
    outcomes = [_outcome(point, open_todo) for point in kept]
    told = [
        _failure(point, data) if outcome >= FAILED else (point.reason, "")
        for point, outcome in zip(kept, outcomes, strict=True)
    ]
    cases.add_many(
        [
            point.name or (outcome is SKIPPED and point.reason) or f"test {point.number or index + 1}"
            for point, outcome, index in zip(kept, outcomes, indexes, strict=True)
        ],
        outcomes,
        classnames=_classnames(kept, points, data),
        durations=[point.duration for point in kept],
        messages=[message for message, _ in told],
        details=[details for _, details in told],
    )


def _failure(point: Point, data: bytes) -> tuple[str, str]:
    """Message and details."""
    details = text_of(point.block or b"\n".join(_diagnostics(data, point.end)))
    told = _MESSAGE.search(point.block)
    message = text_of(told[1]).strip("'\"") if told else ""
    return message or details[:10_000].strip().partition("\n")[0], details


class _Paths(dict[int, str]):
    """Names of points and their parents, by the point's place."""

    def __init__(self, points: list[Point]) -> None:
        self._points = points

    def __missing__(self, index: int) -> str:
        names: list[str] = []
        above = index
        while above >= 0 and len(names) < tap_lines.MAX_OPEN:
            point = self._points[above]
            names.append(point.name)
            above = point.parent
        path = self[index] = " > ".join(reversed(names))
        return path


def _classnames(kept: list[Point], points: list[Point], data: bytes) -> list[str]:
    """The path of each test's parents; where comments name the tests (tape, Catch2), the comment above it."""
    paths = _Paths(points)
    if not (all(is_below_comment(data, point) for point in points) or b"\n# pass  " in data):
        return [paths[point.parent] for point in kept]
    return [
        paths[point.parent] if point.parent >= 0 else text_of(heading[:2000]).strip()
        for point, heading in zip(kept, headings(data, kept), strict=True)
    ]


def _diagnostics(data: bytes, at: int) -> Iterator[bytes]:
    """The comments and indented lines directly behind a failure."""
    found = _DIAGNOSTICS.match(data, at, min(len(data), at + tap_lines.BLOCK_BYTES))
    for line in found[1].splitlines() if found else ():
        yield line.removeprefix(b"# ").removeprefix(b"#")


def _add_broken_promise(cases: Cases, stream: Stream, warnings: list[str]) -> None:
    """An error where a stream bailed out or did not keep its plan."""
    if stream.bail is not None:
        cases.add(name="Bail out!", outcome=ERROR, message=stream.bail or "The run was given up.")
    elif stream.plan is not None and stream.seen != stream.plan:
        said = f"{stream.plan} tests were planned and {stream.seen} came."
        if stream.seen < stream.plan:
            cases.add(name="(plan not kept)", outcome=ERROR, message=said)
        else:
            warnings.append(said)
    elif stream.plan is None and stream.version:
        cases.add(name="(no plan)", outcome=ERROR, message="The stream ends before its plan: the run died.")
    elif stream.plan is None and stream.seen:
        warnings.append("There is no plan that says how many tests were to come.")
    elif not stream.plan:
        warnings.append(f"No test was to run{': ' + stream.skip_all[:200] if stream.skip_all else ''}.")


TAP = Format(
    "tap", "tests", sniff, parse,
    meaning="A line of TAP is a test to most tools, and an assertion to some (tape, Catch2, testthat).",
)  # fmt: skip
