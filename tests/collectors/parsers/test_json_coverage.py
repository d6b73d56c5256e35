"""Coveralls, Codecov, SlipCover, fastcov and JaCoCo's CSV: promises that no sample holds."""

from __future__ import annotations

import orjson
import pytest

from collectors.parsers import codecov_json, coverage_json, coveralls, fastcov, jacoco_csv, slipcover
from collectors.parsers.results import ReportError
from collectors.parsers.text import HEAD_BYTES


def test_fractions_of_one_are_regions_and_no_branches() -> None:
    regions = codecov_json.parse(b'{"coverage": {"a.rs": {"1": "1/1", "2": "1/3", "3": "0/2"}}}').counts()
    assert (regions.lines_covered, regions.lines_valid, regions.branches_valid) == (2, 3, 0)


def test_line_zero_of_codecovs_lists_is_no_line() -> None:
    assert codecov_json.parse(b'{"coverage": {"a": [1, 0, "2"]}}').files[0].lines == {1: 0, 2: 2}


@pytest.mark.parametrize("value", ["1/2/3", -1, [], "x", 1e400])
def test_a_coverage_that_codecov_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(ReportError):
        codecov_json.parse(orjson.dumps({"coverage": {"a": {"1": value}}}).replace(b"null", b'"inf"'))


def test_two_jobs_of_one_file_in_coveralls_are_one_file() -> None:
    jobs = [{"name": "a", "coverage": [1, 0]}, {"name": "a", "coverage": [0, 2, None]}]
    assert coveralls.parse(orjson.dumps({"source_files": jobs})).files[0].lines == {1: 1, 2: 2}


def test_branches_of_coveralls_come_in_fours() -> None:
    job = {"name": "a", "coverage": [1], "branches": [1, 0, 0]}
    with pytest.raises(ReportError, match="of a are no numbers"):
        coveralls.parse(orjson.dumps({"source_files": [job]}))


def test_test_names_of_fastcov_are_added_up() -> None:
    one = {"lines": {"3": 1}, "branches": {"3": [1, 0]}}
    other = {"lines": {"3": 4, "4": 0}, "branches": {"3": [0, 2]}}
    file = fastcov.parse(orjson.dumps({"sources": {"/a.c": {"one": one, "other": other}}})).files[0]
    assert file.lines == {3: 5, 4: 0}
    assert (file.branches[3].covered, file.branches[3].valid) == (2, 2)


def test_a_source_map_is_no_report_of_fastcov() -> None:
    assert not fastcov.sniff(b'{"version": 3, "sources": ["a.js"], "names": [], "mappings": "AAAA"}')


def test_fractions_of_one_are_found_in_utf_16_too() -> None:
    text = '{"coverage": {"a.rs": {"1": "1/1", "2": "1/3"}}}'
    assert codecov_json.parse(text.encode("utf-16")).counts().branches_valid == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("files", [1, 20, 2_000])
@pytest.mark.parametrize("tool", ["slipcover", "coverage.py"])
def test_slipcover_and_coverage_py_are_told_apart_wherever_they_sign(tool: str, files: int, encoding: str) -> None:
    file = {"executed_lines": [1], "missing_lines": [], "summary": {"covered_lines": 1}}
    meta = {"branch_coverage": False, "show_contexts": False}
    if tool == "slipcover":
        meta |= {"software": "slipcover"}
    else:
        file |= {"excluded_lines": []}
    document = {"meta": meta, "files": {f"slipcover/a{number}.py": file for number in range(files)}}
    for option in (None, orjson.OPT_SORT_KEYS):
        head = orjson.dumps(document, option=option).decode().encode(encoding)[:HEAD_BYTES]
        assert (slipcover.sniff(head), coverage_json.sniff(head)) == (tool == "slipcover", tool != "slipcover")


def test_slipcovers_own_totals_are_compared() -> None:
    document = {
        "meta": {"software": "slipcover"},
        "files": {"a.py": {"executed_lines": [1], "missing_lines": [2]}},
        "summary": {"covered_lines": 2, "missing_lines": 0},
    }
    assert "2 of 2" in slipcover.parse(orjson.dumps(document)).warnings[0]


def test_a_class_name_with_a_comma_is_one_field_and_a_cut_row_is_refused() -> None:
    head = b"GROUP,PACKAGE,CLASS,BRANCH_MISSED,BRANCH_COVERED,LINE_MISSED,LINE_COVERED\n"
    assert jacoco_csv.parse(head + b'g,p,"a,b",0,0,1,3\n').counts().percent == 75
    with pytest.raises(ReportError, match="Row 3"):
        jacoco_csv.parse(head + b"g,p,A,0,0,1,3\ng,p,B,0,0")


def test_line_one_written_in_two_ways_is_one_line_of_fastcov() -> None:
    one = {"lines": {"1": 2, "01": 3}, "branches": {"1": [1, 0], "01": [0, 4]}}
    file = fastcov.parse(orjson.dumps({"sources": {"/a.c": {"": one}}})).files[0]
    assert file.lines == {1: 5}
    assert (file.branches[1].covered, file.branches[1].valid) == (2, 2)


@pytest.mark.parametrize(
    "source",
    [
        {"osm": {"type": "geojson", "data": {"lines": {"type": "FeatureCollection"}}}},
        {"a.sol": {"functions": {"transfer": "0xa9059cbb"}, "content": "x"}},
        {"river": {"lines": {"width": 3}}},
    ],
)
def test_other_sources_with_lines_or_functions_are_none_of_fastcovs(source: object) -> None:
    assert not fastcov.sniff(orjson.dumps({"sources": source}))


def test_fastcov_is_told_by_its_functions_where_no_more_is_seen() -> None:
    functions = {f"f{number}": {"start_line": 1, "execution_count": 2} for number in range(5_000)}
    test = {"functions": functions, "branches": {}, "lines": {"1": 2}}
    assert fastcov.sniff(orjson.dumps({"sources": {"/a.c": {"": test}}})[:HEAD_BYTES])
