"""What reading costs in every format, as ratios of CPU time to the floors of its kind (make bench).

The aim, no parser slower than three times the floor of its kind, is held against the floor that hands over what a
file says (``floors``): the bare tool, which nobody listens to, makes nothing that a reader could use. Both ratios
are printed, and a third one, to that floor and the records and dictionaries that the report is made of.
docs/formats.md has the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import pytest

from collectors.parsers.listed import ListedBranches, ListedLines
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
CLEAN = get_context("forkserver")
CLEAN.set_forkserver_preload([__name__])
AIM = 3.0
MARGIN = 1.25
"""Of each limit: what a busy machine adds to one of two measurements and not to the other."""


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


Rows = tuple[list[tuple[object, ...]], list[tuple[str, Callable[[], Any], Callable[[], Any]]]]


def taken_apart(reports: list[TestReport | CoverageReport]) -> Rows:
    """The values of reports without the objects that hold them; of lines and branches what makes them again."""
    cases = [
        (case.suite, case.classname, case.name, case.outcome, case.duration, case.message, case.details)
        for report in reports if isinstance(report, TestReport) for case in report.cases
    ]  # fmt: skip
    files = [
        (file.path, lines_again(file.lines), branches_again(file.branches))
        for report in reports if isinstance(report, CoverageReport) for file in report.files
    ]  # fmt: skip
    return cases, files


def lines_again(lines: Mapping[int, int]) -> Callable[[], object]:
    """A reader that keeps a list has no dictionary to make."""
    if isinstance(lines, ListedLines):
        return partial(ListedLines, lines.counts)
    numbers, hits = list(lines), list(lines.values())
    return lambda: dict(zip(numbers, hits, strict=True))


def branches_again(branches: Mapping[int, LineBranches]) -> Callable[[], object]:
    if isinstance(branches, ListedBranches):
        return partial(ListedBranches, branches.numbers, branches.joint)
    rows = [(number, b.covered, list(b.taken or b.missing or ())) for number, b in branches.items()]
    return lambda: {n: LineBranches(covered, len(names), dict.fromkeys(names, True)) for n, covered, names in rows}


def put_together(rows: Rows) -> object:
    """The same again out of values at hand: what no reader in Python can leave out, whatever it reads."""
    cases, files = rows
    return [CaseResult(*case) for case in cases], [  # type: ignore[arg-type]
        FileCoverage(path, lines(), branches()) for path, lines, branches in files
    ]


@dataclass
class Measured:
    """Ratios of CPU time: to both floors of the kind, and to the second with the values that the format makes."""

    kind: str
    bare: float
    telling: float
    with_values: float


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
    return Measured(floor.kind, parsing / bare, parsing / telling, parsing / (telling + making))


@pytest.fixture(scope="module")
def table() -> Iterator[dict[str, Measured]]:
    """What was measured of each format; printed as one table at the end."""
    rows: dict[str, Measured] = {}
    yield rows
    lines = [
        f"| {name} | {row.kind} | {row.bare:.1f} | {row.telling:.1f} | {row.with_values:.1f} |"
        for name, row in sorted(rows.items())
    ]
    print(
        "",
        "| format | floor | × bare | × telling | × telling and values |",
        "|---|---|---|---|---|",
        *lines,
        sep="\n",
    )
    for ratio in ("bare", "telling", "with_values"):
        within = [name for name, row in rows.items() if getattr(row, ratio) <= AIM]
        print(f"{len(within)} of {len(rows)} formats within {AIM:.0f} × {ratio}")


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_no_format_is_read_slower_than_three_times_its_floor(name: str, table: dict[str, Measured]) -> None:
    # In a process of its own, as the sandbox reads each artifact: what others left in memory makes small pieces
    # cheaper to get, which a floor is all of.
    with ProcessPoolExecutor(1, mp_context=CLEAN) as child:
        table[name] = child.submit(measured, name).result()
    assert table[name].telling <= AIM * MARGIN
