"""Istanbul's coverage object: promises that no sample holds."""

from __future__ import annotations

import orjson
import pytest

from collectors.parsers.istanbul import parse, sniff
from collectors.parsers.results import FileCoverage, ReportError


def place(line: int, column: int = 0) -> dict[str, dict[str, int]]:
    return {"start": {"line": line, "column": column}, "end": {"line": line, "column": column + 9}}


def entry(**parts: object) -> dict[str, object]:
    empty = {"path": "/app/a.js", "statementMap": {}, "fnMap": {}, "branchMap": {}, "s": {}, "f": {}, "b": {}}
    return {**empty, **parts}


def read(told: dict[str, object]) -> FileCoverage:
    return parse(orjson.dumps({"/app/a.js": told})).files[0]


def test_a_line_has_the_highest_count_of_the_statements_that_begin_on_it() -> None:
    file = read(entry(statementMap={"0": place(3), "1": place(3, 9), "2": place(4)}, s={"0": 0, "1": 5, "2": 0}))
    assert file.lines == {3: 5, 4: 0}


def test_what_istanbul_was_told_to_skip_counts_as_covered() -> None:
    skipped = {**place(3), "skip": True}
    branch = {"line": 3, "type": "if", "locations": [place(3), skipped]}
    file = read(entry(statementMap={"0": skipped}, s={"0": 0}, branchMap={"0": branch}, b={"0": [1, 0]}))
    assert file.lines == {3: 1}
    assert file.branches[3].taken == {"0,0": True, "0,1": True}


def test_branches_of_v8_are_known_by_their_place_because_their_numbers_change_from_run_to_run() -> None:
    def run(number: str, line: int) -> FileCoverage:
        branch = {"type": "branch", "line": line, "loc": place(line), "locations": [place(line)]}
        return read(entry(branchMap={number: branch}, b={number: [1]}))

    assert run("0", 7).branches == run("4", 7).branches


def test_a_file_that_no_test_loaded_is_listed_without_lines() -> None:
    assert read(entry(all=True)).lines == {}


def test_jests_results_are_no_report_of_istanbul_although_they_may_hold_one() -> None:
    whole = {"/app/a.js": entry()}
    assert sniff(orjson.dumps(whole))
    assert not sniff(orjson.dumps({"numTotalTests": 1, "testResults": [], "coverageMap": whole}))


@pytest.mark.parametrize(
    "broken",
    [{"statementMap": {"0": 3}}, {"statementMap": {"0": {"start": []}}}, {"branchMap": {"0": []}, "b": {"0": [1]}}],
)
def test_what_is_not_as_istanbul_has_it_is_a_sentence_that_names_the_file(broken: dict[str, object]) -> None:
    with pytest.raises(ReportError, match=r"/app/a\.js"):
        read(entry(**broken))
