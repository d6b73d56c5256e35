"""LuaCov's fields before a line."""

from __future__ import annotations

import pytest

from collectors.parsers.luacov import parse, sniff
from collectors.parsers.results import ReportError

RULE = b"=" * 78 + b"\n"


def report(rows: bytes) -> bytes:
    return RULE + b"a.lua\n" + RULE + rows + b"\n" + RULE + b"Summary\n" + RULE


def test_code_that_begins_with_a_number_or_stars_is_no_count() -> None:
    rows = b"    7, 8, 9\n    ***0 in a long string\n 12 x = 1\n  3 7\n"
    (file,) = parse(report(rows)).files
    assert file.lines == {3: 12, 4: 3}


def test_a_source_without_any_code_has_no_lines() -> None:
    counts = parse(report(b"   -- nothing\n\n   -- here\n")).counts()
    assert (counts.files, counts.lines_valid) == (1, 0)


def test_windows_line_ends_do_no_harm() -> None:
    text = report(b" 12 x = 1\n**0 y()\n").replace(b"\n", b"\r\n")
    assert sniff(text)
    assert parse(text).files[0].lines == {1: 12, 2: 0}


def test_a_report_without_its_summary_was_cut_short() -> None:
    text = report(b" 12 x = 1\n**0 y()\n")
    with pytest.raises(ReportError, match="no summary"):
        parse(text[: text.index(b"Summary")])


def test_an_own_total_that_disagrees_is_a_warning() -> None:
    text = report(b" 12 x = 1\n**0 y()\n") + b"\nTotal 5 5 50.00%\n"
    assert any("5 of 10" in warning for warning in parse(text).warnings)


@pytest.mark.parametrize(
    "text",
    [RULE + b"A heading\n" + RULE + b"and prose below it.\n", b"12:30\nlunch\n", b"3:a.lua\n1 2 x \n", b"1:2:3\n"],
)
def test_headings_and_times_are_no_reports(text: bytes) -> None:
    assert not sniff(text)
