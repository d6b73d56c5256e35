"""Lines and branches that are kept as their report lists them read, travel and are stored as dictionaries are."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.merging import as_reported, merge_lines
from collectors.parsers.branches import by_line
from collectors.parsers.listed import Joint, ListedBranches, ListedLines
from collectors.parsers.results import CoverageReport, FileCoverage, Reading, ReadReport
from collectors.sandbox.assembler import Assembler
from collectors.sandbox.frames import Frame, Head
from collectors.sandbox.reports import _report_frames
from collectors.sandbox.wire import NotBelievedError, Outlet
from dashboard.packing import Lines, pack_lines

from .test_robustness import quickly

counts = st.lists(st.none() | st.integers(0, 3) | st.integers(0, 2**31 - 1), max_size=60)
small = st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 300), st.integers(0, 2))


def through_the_pipe(file: FileCoverage) -> FileCoverage:
    """What a child reads of one file, as the parent has it."""
    report = ReadReport(None, "coveralls", "coverage", 0, coverage=CoverageReport([file]))
    reading = Reading()
    assembler, decoder = Assembler(reading), msgspec.msgpack.Decoder(Frame)
    for frame in _report_frames(report):
        assembler.add(decoder.decode(Outlet(-1).encoded(frame)))
    (read,) = reading.reports
    assert read.coverage is not None
    (file,) = read.coverage.files
    return file


@given(counts, counts)
@quickly
def test_listed_lines_are_the_dictionary_of_those_that_have_a_count(
    one: list[int | None], other: list[int | None]
) -> None:
    listed, plain = ListedLines(one), {number: hits for number, hits in enumerate(one, 1) if hits is not None}
    assert listed == plain and plain == listed and len(listed) == len(plain) and bool(listed) == bool(plain)
    assert list(listed) == list(plain) and list(listed.values()) == list(plain.values())
    assert list(listed.items()) == list(plain.items())
    for number in range(-2, len(one) + 3):
        assert listed.get(number, -1) == plain.get(number, -1) and (number in listed) == (number in plain)
    assert pack_lines(Lines(listed)) == pack_lines(Lines(plain))
    more = ListedLines(other)
    assert merge_lines([Lines(listed), Lines(more)]) == merge_lines([Lines(plain), Lines(dict(more))])
    sent = through_the_pipe(FileCoverage("a", listed))
    assert sent.lines == plain and (sent.covered, sent.missed) == (len(plain) - sent.missed, list(one).count(0))


@given(st.lists(small, max_size=30), st.sampled_from([",", ".", ""]))
@quickly
def test_listed_branches_are_the_dictionary_that_they_become_behind_the_pipe(
    rows: list[tuple[int, int, int, int]], joint: Joint
) -> None:
    numbers = [number for row in rows for number in row]
    plain: dict[int, dict[str, bool]] = {}
    for line, block, branch, times in rows:
        if line:
            taken = plain.setdefault(line, {})
            name = f"{block}{joint}{branch}" if joint else str(branch)
            taken[name] = times > 0 or taken.get(name, False)
    for read in (
        ListedBranches(numbers, joint),
        through_the_pipe(FileCoverage("a", {}, ListedBranches(numbers, joint))).branches,
    ):
        assert {line: found.taken for line, found in read.items()} == plain and len(read) == len(plain)
        assert {line: as_reported(found)[:2] for line, found in read.items()} == {
            line: (sum(taken.values()), len(taken)) for line, taken in plain.items()
        }


def test_a_file_of_very_many_lines_travels_in_parts_and_is_the_same() -> None:
    numbers = [number for line in range(1, 20_000) for number in (line, 0, line % 3, 1)]
    file = FileCoverage("a", ListedLines([None, 3, 0] * 100_000), ListedBranches(numbers))
    sent = through_the_pipe(file)
    assert sent.lines == dict(file.lines)
    assert {line: found.taken for line, found in sent.branches.items()} == {
        line: found.taken for line, found in by_line([numbers])[0].items()
    }


def test_a_file_with_a_high_block_is_read_beside_others_and_alone() -> None:
    plain, high = [1, 0, 0, 1, 1, 0, 1, 0], [3, 300, 301, 1]
    assert by_line([plain, high, plain]) == [*by_line([plain]), *by_line([high]), *by_line([plain])]


@pytest.mark.parametrize(
    "branches", [[",", [1, 0, 0]], [";", [1, 0, 0, 1]], [",", [1, 0, 0, -1]], [",", [1, 0, 0, "x"]]]
)
def test_a_child_that_sends_half_a_branch_is_not_believed(branches: Any) -> None:
    assembler = Assembler(Reading())
    assembler.add(Head(None, "coveralls", "coverage", 0, None, []))
    with pytest.raises((NotBelievedError, msgspec.ValidationError)):
        assembler.add(msgspec.convert([6, [["a", [1, None], branches]]], Frame, strict=True))
