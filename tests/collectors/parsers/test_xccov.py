"""xccov's reports of targets alone."""

from __future__ import annotations

import orjson
import pytest

from collectors.parsers.results import ReportError
from collectors.parsers.xccov import parse, sniff

APP = {"name": "A.app", "coveredLines": 65, "executableLines": 80, "lineCoverage": 0.81}
TESTS = {"name": "T.xctest", "coveredLines": 5, "executableLines": 20, "lineCoverage": 0.25}


@pytest.mark.parametrize(
    "document", [[APP, TESTS], {"coveredLines": 70, "executableLines": 100, "targets": [APP, TESTS]}]
)
def test_targets_without_files_are_what_has_lines(document: object) -> None:
    data = orjson.dumps(document)
    counts = parse(data).counts()
    assert sniff(data)
    assert (counts.files, counts.lines_covered, counts.lines_valid) == (0, 70, 100)


def test_a_list_of_targets_that_do_not_add_up_is_refused() -> None:
    with pytest.raises(ReportError, match=r"“A\.app” do not add up"):
        parse(orjson.dumps([APP | {"coveredLines": 81}]))


@pytest.mark.parametrize("value", [[{"name": "a", "coveredLines": 1}], {"targets": [{"name": "a"}]}, ["name"], []])
def test_other_lists_and_targets_are_not_xccovs(value: object) -> None:
    assert not sniff(orjson.dumps(value))
