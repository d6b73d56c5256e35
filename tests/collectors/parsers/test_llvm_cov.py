"""LLVM's export: what makes a line, by LLVM's own rules."""

from __future__ import annotations

import orjson
import pytest

from collectors.parsers.llvm_cov import parse, sniff
from collectors.parsers.results import FileCoverage, ReportError

Segment = list[object]


def read(segments: list[Segment], **more: object) -> FileCoverage:
    entry = {"filename": "/a.c", "segments": segments, **more}
    return parse(orjson.dumps({"data": [{"files": [entry]}], "type": "llvm.coverage.json.export"})).files[0]


def test_a_region_reaches_over_the_lines_until_another_ends_it() -> None:
    assert read([[3, 1, 5, True, True, False], [6, 2, 0, False, False, False]]).lines == dict.fromkeys(
        range(3, 7), 5
    )


def test_a_line_has_the_highest_count_of_what_begins_on_it_and_what_reaches_into_it() -> None:
    segments: list[Segment] = [
        [1, 1, 5, True, True, False],
        [2, 9, 7, True, True, False],
        [2, 12, 5, True, False, False],
        [3, 4, 2, True, True, False],
        [3, 8, 5, True, False, False],
        [4, 2, 0, False, False, False],
    ]
    assert read(segments).lines == {1: 5, 2: 7, 3: 5, 4: 5}


def test_a_skipped_region_takes_its_lines_out_and_that_on_which_it_ends() -> None:
    segments: list[Segment] = [
        [1, 1, 1, True, True, False],
        [3, 1, 0, False, True, False],
        [5, 1, 1, True, False, False],
        [6, 2, 0, False, False, False],
    ]
    assert sorted(read(segments).lines) == [1, 2, 6]


def test_a_gap_does_not_lend_its_count_to_the_line_it_begins_on() -> None:
    segments: list[Segment] = [
        [1, 1, 1, True, True, False],
        [2, 16, 0, True, True, True],
        [3, 9, 0, True, True, False],
        [3, 18, 1, True, False, False],
        [4, 2, 0, False, False, False],
    ]
    assert read(segments).lines == {1: 1, 2: 1, 3: 0, 4: 1}


def test_segments_of_older_versions_have_no_mark_for_gaps() -> None:
    assert read([[1, 1, 2, 1, 1], [2, 2, 0, 0, 0]]).lines == {1: 2, 2: 2}


def test_a_condition_of_two_instances_of_a_template_is_taken_if_any_took_it() -> None:
    one, other = [8, 3, 8, 9, 1, 0, 0, 0, 4], [8, 3, 8, 9, 0, 2, 0, 0, 4]
    branches = read([[8, 1, 1, True, True, False]], branches=[one, other]).branches[8]
    assert (branches.covered, branches.valid) == (2, 2)


def test_a_first_file_of_many_branches_is_told_by_them() -> None:
    many = b'{"data":[{"files":[{"branches":[' + b"[8,3,8,9,1,0,0,0,4]," * 4_000
    assert sniff(many[:65_536])


@pytest.mark.parametrize(
    "segments", [[[1]], [["1", 1, 1, True, True]], [[9, 1, 1, True, True], [2, 1, 1, True, True]], [3]]
)
def test_segments_that_make_no_sense_are_refused(segments: list[Segment]) -> None:
    with pytest.raises(ReportError):
        read(segments)


def test_a_span_of_millions_of_lines_is_refused_before_it_is_built() -> None:
    with pytest.raises(ReportError, match="split it"):
        read([[1, 1, 1, True, True, False], [9_999_999, 1, 0, False, False, False]])
