"""coverage.py's JSON report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.parsers.coverage_json import parse, sniff
from collectors.parsers.results import ReportError


def document(**files: Any) -> bytes:
    meta = {"format": 3, "version": "7.6", "branch_coverage": True, "show_contexts": False}
    return json.dumps({"meta": meta, "files": files}).encode()


def test_branches_carry_their_identity() -> None:
    entry = {
        "executed_lines": [1, 2], "missing_lines": [3], "excluded_lines": [],
        "executed_branches": [[2, 3]], "missing_branches": [[2, -1]],
    }  # fmt: skip
    (file,) = parse(document(a=entry)).files
    assert file.lines == {1: 1, 2: 1, 3: 0}
    assert file.branches[2].taken == {"3": True, "-1": False}


def test_excluded_lines_are_no_lines_although_they_ran() -> None:
    entry = {"executed_lines": [1, 2], "missing_lines": [], "excluded_lines": [2], "executed_branches": [[2, 3]]}
    (file,) = parse(document(a=entry)).files
    assert (file.lines, file.branches) == ({1: 1}, {})


def test_contexts_tell_which_test_ran_which_line() -> None:
    contexts = {"1": [""], "2": ["tests/t.py::a|run", "tests/t.py::b|setup"], "3": ["tests/t.py::a|teardown"]}
    (file,) = parse(document(a={"executed_lines": [1, 2, 3], "missing_lines": [], "contexts": contexts})).files
    assert file.contexts == {"tests/t.py::a": (2, 3), "tests/t.py::b": (2,)}


def test_a_line_beyond_any_file_is_left_out() -> None:
    read = parse(document(a={"executed_lines": [1, 2**40], "missing_lines": [-3]}))
    assert read.files[0].lines == {1: 1}
    assert "2 lines with a number" in read.warnings[0]


def test_a_report_of_no_file_is_a_report() -> None:
    assert sniff(document())
    assert parse(document()).counts().percent is None


def test_another_tool_that_writes_the_same_shape_is_not_taken_for_coverage_py() -> None:
    assert not sniff(
        b'{"meta": {"software": "slipcover", "branch_coverage": false, "show_contexts": false}, "files": {}}'
    )


@pytest.mark.parametrize(
    "entry",
    [
        7,
        {"executed_lines": ["1"]},
        {"executed_lines": 3},
        {"missing_lines": [1.5]},
        {"executed_branches": [1]},
        {"executed_branches": [[1, "x"]]},
    ],
)
def test_a_file_s_entry_of_another_shape_names_the_file(entry: Any) -> None:
    with pytest.raises(ReportError, match="src/a"):
        parse(document(**{"src/a": entry}))


def test_half_a_document_says_where_it_ends() -> None:
    with pytest.raises(ReportError, match="at line 1, column"):
        parse(document(a={"executed_lines": [1]})[:-20])
