"""SimpleCov: promises that no sample holds."""

from __future__ import annotations

import orjson
import pytest

from collectors.parsers.results import ReportError
from collectors.parsers.simplecov import parse, sniff


def test_branches_of_two_suites_are_put_together_by_their_numbers() -> None:
    def suite(then: int, other: int) -> dict[str, object]:
        condition = {"[:if, 0, 2, 4, 2, 20]": {"[:then, 1, 2, 4, 2, 9]": then, "[:else, 2, 2, 4, 2, 20]": other}}
        return {"coverage": {"/a.rb": {"lines": [1, 1], "branches": condition}}, "timestamp": 1}

    report = parse(orjson.dumps({"RSpec": suite(1, 0), "Minitest": suite(0, 3)}))
    assert report.counts().branches_covered == report.counts().branches_valid == 2
    assert report.files[0].lines == {1: 2, 2: 2}


def test_safe_navigation_is_a_branch_like_others() -> None:
    branches = {'[:"&.", 0, 3, 2, 3, 9]': {"[:then, 1, 3, 2, 3, 9]": 1, "[:else, 2, 3, 2, 3, 9]": 0}}
    report = parse(orjson.dumps({"RSpec": {"coverage": {"/a.rb": {"lines": [1], "branches": branches}}}}))
    assert report.counts().branches_covered == 1


def test_the_older_json_formatter_lists_files() -> None:
    document = {
        "timestamp": 1,
        "files": [{"filename": "/a.rb", "covered_percent": 50.0, "coverage": [1, None, 0], "lines_of_code": 2}],
        "metrics": {"covered_percent": 50.0, "covered_lines": 1, "total_lines": 2},
    }
    assert sniff(orjson.dumps(document))
    assert parse(orjson.dumps(document)).counts().percent == 50


def test_the_source_may_stand_before_its_lines() -> None:
    document = {
        "meta": {"simplecov_version": "1.0.3"},
        "total": {},
        "coverage": {"a.rb": {"source": ["x", "y"], "lines": [1, 0]}},
        "groups": {},
        "errors": {},
    }
    assert sniff(orjson.dumps(document))
    assert parse(orjson.dumps(document)).files[0].lines == {1: 1, 2: 0}


@pytest.mark.parametrize(
    "document",
    [
        {"RSpec": {"coverage": {"a.rb": {"branches": {"[:if, 0, 3, 4, 7, 7]": {"[:then, 1, 4, 6, 4, 9]": 2}}}}}},
        {
            "meta": {"simplecov_version": "1.0.3"},
            "coverage": {"a.rb": {"branches": [{"type": "then", "start_line": 3, "end_line": 3, "coverage": 2}]}},
        },
    ],
)
def test_files_may_have_branches_and_no_lines(document: object) -> None:
    assert sniff(orjson.dumps(document))
    report = parse(orjson.dumps(document))
    assert (report.files[0].lines, report.files[0].branches[3].covered) == ({}, 1)
    assert "measured branches and no lines" in report.warnings[0]


def test_the_last_runs_percentage_is_no_report() -> None:
    assert not sniff(b'{"result": {"line": 51.61, "branch": 18.75}}')


@pytest.mark.parametrize("entry", [{"/a.rb": 3}, {"/a.rb": {"lines": {}}}, {"/a.rb": {}}, [1]])
def test_a_suite_without_lists_of_lines_is_refused(entry: object) -> None:
    with pytest.raises(ReportError):
        parse(orjson.dumps({"RSpec": {"coverage": entry}}))
