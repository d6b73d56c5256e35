"""Istanbul's summary: promises that no sample holds."""

from __future__ import annotations

import orjson
import pytest

from collectors.parsers.istanbul_summary import parse, sniff
from collectors.parsers.results import ReportError

SUMMARY = (
    b'{"total": {"lines": {"total": 3, "covered": 2, "pct": 66.66}, "statements": {"total": 3, "pct": 66.66}}}'
)


def pair(covered: object, total: object) -> dict[str, object]:
    return {"lines": {"total": total, "covered": covered, "pct": 50}, "statements": {"pct": 50}}


def test_the_files_are_counted_and_a_total_that_says_otherwise_is_a_warning() -> None:
    report = parse(orjson.dumps({"total": pair(9, 9), "/a.js": pair(1, 2), "/b.js": pair(2, 2)}))
    assert (report.counts().lines_covered, report.counts().lines_valid) == (3, 4)
    assert "9 of 9" in report.warnings[0]


def test_a_total_alone_is_taken() -> None:
    assert parse(orjson.dumps({"total": pair(3, 4)})).counts().percent == 75


@pytest.mark.parametrize("covered", ["3", -1, 5, None, 1.5])
def test_a_file_without_sound_counts_is_refused_by_name(covered: object) -> None:
    with pytest.raises(ReportError, match=r"/a\.js"):
        parse(orjson.dumps({"/a.js": pair(covered, 4)}))


def test_a_summary_is_told_by_its_entries_at_the_top() -> None:
    assert sniff(SUMMARY)
    assert sniff(SUMMARY.replace(b'"total": {"lines"', b'"/home/a.b/src/cart.test.js": {"lines"'))


def test_an_index_of_summaries_is_none() -> None:
    assert not sniff(b'{"entries": [' + SUMMARY + b"]}")
    assert not sniff(b'{"coverage": ' + SUMMARY + b"}")
