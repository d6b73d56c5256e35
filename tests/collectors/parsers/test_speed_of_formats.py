"""What reading costs in every format, as ratios of CPU time to a floor of its kind (make bench).

A floor does the least that any reader of its kind does: it makes no record, dictionary or message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from collectors.parsers.results import (
    CaseResult,
    CoverageReport,
    FileCoverage,
    Format,
    LineBranches,
    ReportError,
    TestReport,
)

from . import big
from .floors import floor_of
from .known import BY_NAME, readable
from .test_speed import seconds_of

pytestmark = pytest.mark.bench

SIZE = 1_500_000

WHY_SLOWER: dict[str, dict[str, float]] = {
    (
        "each test is a record with names, an outcome and a message, put together in Python from an object of "
        "JSON, which orjson makes in a quarter of that time"
    ): {
        "allure": 4.5,
        "behave-json": 4.5,
        "cargo-test": 5,
        "ctrf": 5.5,
        "cucumber-json": 4,
        "go-test-json": 4.5,
        "googletest-json": 5,
        "jest-json": 4.5,
        "meson": 6.5,
        "mocha-json": 6,
        "pytest-json": 6,
        "rspec-json": 5,
    },
    ("each line of text is matched and judged on its own; splitting looks at none of them"): {
        "automake-trs": 8,
        "common-test": 5,
        "cunit": 4.5,
        "devel-cover": 8,
        "gcov": 10,
        "jacoco-csv": 7,
        "luacov": 6.5,
        "tap": 20.5,
        "teamcity": 18.5,
    },
    (
        "the text is asked whether it is well-formed, which is the floor once, and searched for lines, which "
        "is the floor again"
    ): {
        "bullseye": 7,
        "clover": 6,
        "ctest-coverage": 4.5,
        "opencover": 5,
        "sonar-generic": 6,
        "visual-studio-coverage": 4.5,
    },
    (
        "elements of more than one shape are objects of lxml's, which alone take twice as long as expat "
        "without handlers"
    ): {
        "catch2": 6.5,
        "check": 4,
        "cppunit": 5,
        "ctest": 4,
        "dejagnu": 8.5,
        "qttest": 8,
        "robot": 4.5,
        "sonar-generic-tests": 4.5,
        "testdox": 4,
        "testng": 5.5,
        "trx": 4.5,
        "xunit": 5,
    },
    ("each line, branch or place in a list is an entry of a dictionary; orjson and a split make flat lists"): {
        "codecov-json": 9.5,
        "coveralls": 17.5,
        "fastcov": 12.5,
        "gcov-json": 5,
        "gcovr-json": 6.5,
        "go-cover": 16.5,
        "kcov": 4.5,
        "lcov": 9,
        "llvm-cov": 4.5,
        "simplecov": 10,
        "slipcover": 12,
        "xccov": 7.5,
    },
    ("each packet or term has a layout of its own, read byte by byte; no library in C reads it"): {
        "erlang-cover": 12,
        "subunit": 44,
    },
}
"""Formats for which three times the floor is not held, with what is held on a busy machine (a quarter more than was
measured), and why. docs/formats.md says what was measured."""

SLOWER = {name: at_most for rows in WHY_SLOWER.values() for name, at_most in rows.items()}


def amount(report: TestReport | CoverageReport) -> int:
    """Tests, or lines and files."""
    if isinstance(report, TestReport):
        return len(report.cases)
    return sum(len(file.lines) + 1 for file in report.files)


def mended(report: TestReport | CoverageReport) -> bool:
    return any("well-formed" in warning for warning in report.warnings)


def inflated(known: Format) -> list[bytes]:
    """The largest sample with tests or lines that needs no mending, repeated in the way that the format takes.

    A format of which a file holds one test or one source gives the sample many times over, as CI has them.
    """
    found = [(known.parse(sample.data), sample.data) for sample in readable() if sample.format is known]
    report, whole = max(found, key=lambda pair: (amount(pair[0]) > 0, not mended(pair[0]), len(pair[1])))
    if len(whole) > SIZE or whole.startswith(b"SQLite"):
        return [whole] * max(SIZE // len(whole), 1)
    coverage = isinstance(report, CoverageReport)
    paths = [file.path for file in report.files] if isinstance(report, CoverageReport) else []
    best, most = b"", (1 if coverage else 3) * amount(report) - coverage
    for way in big.many_times(whole, SIZE):
        for data in (way, big.renamed(way, whole, paths)):
            try:
                copies = known.parse(data)
            except ReportError:
                continue
            # Mending is the longer way, and not what is measured here.
            if (things := amount(copies)) > most and len(copies.warnings) <= len(report.warnings) + 1:
                best, most = data, things
    return [best] if best else [whole] * (SIZE // len(whole) // 4)


Rows = tuple[list[tuple[object, ...]], list[tuple[str, list[int], list[int], list[tuple[int, int, list[str]]]]]]


def taken_apart(reports: list[TestReport | CoverageReport]) -> Rows:
    """The values of reports without the objects that hold them."""
    cases = [
        (case.suite, case.classname, case.name, case.outcome, case.duration, case.message, case.details)
        for report in reports if isinstance(report, TestReport) for case in report.cases
    ]  # fmt: skip
    files = [
        (
            file.path, list(file.lines), list(file.lines.values()),
            [(number, b.covered, list(b.taken or b.missing or ())) for number, b in file.branches.items()],
        )
        for report in reports if isinstance(report, CoverageReport) for file in report.files
    ]  # fmt: skip
    return cases, files


def put_together(rows: Rows) -> object:
    """The same again out of values at hand: what no reader in Python can leave out, whatever it reads."""
    cases, files = rows
    return [CaseResult(*case) for case in cases], [  # type: ignore[arg-type]
        FileCoverage(
            path, dict(zip(numbers, hits, strict=True)),
            {n: LineBranches(covered, len(names), dict.fromkeys(names, True)) for n, covered, names in branches},
        )
        for path, numbers, hits, branches in files
    ]  # fmt: skip


@dataclass
class Measured:
    """Ratios of CPU time: to both floors of the kind, and to the second with the values that the format makes."""

    kind: str
    bare: float
    telling: float
    with_values: float
    megabytes: float

    def __str__(self) -> str:
        ratios = f"{self.bare:.2f} × bare, {self.telling:.2f} × telling, {self.with_values:.2f} × with its values"
        return f"{self.kind}: {ratios}, {self.megabytes:.1f} MB"


def measured(name: str, runs: int = 7) -> Measured:
    known = BY_NAME[name]
    files = inflated(known)
    floor = floor_of(name, known.kind == "tests", files[0])
    rows = taken_apart([known.parse(data) for data in files])
    works: tuple[Callable[[], object], ...] = (
        lambda: [floor.bare(data) for data in files],
        lambda: [floor.telling(data) for data in files],
        lambda: [known.parse(data) for data in files],
        lambda: put_together(rows),
    )
    # One after the other and again, so that a busy machine does not meet one of them only.
    bare, telling, parsing, making = (
        min(taken) for taken in zip(*(map(seconds_of, works) for _ in range(runs)), strict=True)
    )
    megabytes = sum(map(len, files)) / 1e6
    return Measured(floor.kind, parsing / bare, parsing / telling, parsing / (telling + making), megabytes)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_no_format_is_read_slower_than_three_times_its_floor(name: str) -> None:
    found = measured(name)
    print(f"{name}: {found}")
    assert found.bare <= SLOWER.get(name, 3.0)
