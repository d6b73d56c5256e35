"""What Jest and Vitest say of a file and its tests."""

from __future__ import annotations

import json

import pytest

from collectors.parsers.jest_json import parse
from collectors.parsers.results import CaseResult, Outcome, ReportError

from .known import FOLDER


def sample(name: str) -> list[CaseResult]:
    return parse((FOLDER / "jest-json" / name).read_bytes()).cases


@pytest.mark.parametrize("name", ["jest-retries.json", "vitest-retry.json"])
def test_a_test_that_was_repeated_until_it_passed_is_flaky(name: str) -> None:
    assert [case.name for case in sample(name) if case.flaky] == ["flaky"]


def test_a_file_that_cannot_be_loaded_says_why() -> None:
    (broken,) = (case for case in sample("vitest-retry.json") if case.outcome is Outcome.ERROR)
    assert broken.file.endswith("b.test.mjs") and "Cannot find module" in broken.details


def test_the_aggregated_result_of_a_custom_reporter_is_read_too() -> None:
    tests = [{"ancestorTitles": ["a", "b"], "title": "c", "status": "passed", "duration": 1500}]
    results = {"numTotalTests": 1, "testResults": [{"testFilePath": "/x/a.test.js", "testResults": tests}]}
    (case,) = parse(json.dumps(results).encode()).cases
    assert (case.classname, case.name, case.duration, case.file) == ("a > b", "c", 1.5, "/x/a.test.js")


def test_a_status_that_nobody_knows_is_refused_by_name() -> None:
    results = {"testResults": [{"assertionResults": [{"title": "c", "status": "sideways"}]}]}
    with pytest.raises(ReportError, match="“c” has the status “sideways”"):
        parse(json.dumps(results).encode())
