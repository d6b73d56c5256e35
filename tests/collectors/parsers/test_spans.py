"""Spans of lines, as .NET's tools write them."""

from __future__ import annotations

import pytest

from collectors.parsers import dotcover, visual_studio_coverage
from collectors.parsers.results import FileCoverage, ReportError
from collectors.parsers.spans import SpanTable


def lines(*spans: tuple[bytes, bytes, bytes]) -> dict[int, int]:
    file = FileCoverage("a.cs", {})
    SpanTable(frozenset((b"yes",))).add_spans(file, list(spans))
    return file.lines


def test_all_lines_of_a_span_are_valid_and_one_that_ran_covers_its_lines() -> None:
    assert lines((b"3", b"5", b"no"), (b"5", b"5", b"yes"), (b"9", b"9", b"no")) == {3: 0, 4: 0, 5: 1, 9: 0}


@pytest.mark.parametrize("span", [(b"5", b"3"), (b"", b"3"), (b"1", b"99999999999"), (b"-1", b"2")])
def test_a_span_without_sense_is_refused(span: tuple[bytes, bytes]) -> None:
    with pytest.raises(ReportError, match=r"a\.cs"):
        lines((*span, b"yes"))


def test_spans_of_more_lines_than_are_read_are_refused_before_they_are_laid_out() -> None:
    with pytest.raises(ReportError, match="split it"):
        lines(*[(b"1", b"9999999", b"yes")] * 1_000)


def test_ranges_with_attributes_in_another_order_are_read() -> None:
    ranges = '<range end_line="4" covered="partial" start_line="3" source_id="7"/>'
    text = f'<results><modules><module lines_covered="2"><functions>{ranges}</functions><source_files>'
    text += '<source_file path="a&amp;b.cs" id="7"/></source_files></module></modules></results>'
    (file,) = visual_studio_coverage.parse(text.encode()).files
    assert (file.path, file.lines) == ("a&b.cs", {3: 1, 4: 1})


def test_a_range_of_an_unknown_source_is_refused() -> None:
    text = b'<range source_id="7" start_line="3" end_line="3" covered="yes"/>'
    with pytest.raises(ReportError, match="source 7"):
        visual_studio_coverage.parse(b"<results><modules><module>" + text + b"</module></modules></results>")


def test_one_source_in_two_modules_is_one_file() -> None:
    module = (
        '<module lines_covered="1"><range source_id="{0}" start_line="3" end_line="3" covered="{1}"/>'
        '<source_file id="{0}" path="a.cs"/></module>'
    )
    text = f"<results><modules>{module.format(0, 'no')}{module.format(4, 'yes')}</modules></results>"
    (file,) = visual_studio_coverage.parse(text.encode()).files
    assert file.lines == {3: 1}


def test_other_results_and_roots_are_neither() -> None:
    assert not visual_studio_coverage.sniff(b"<results><result name='a'/></results>")
    assert not dotcover.sniff(b"<Root><CoveredStatements>3</CoveredStatements></Root>")
    assert not dotcover.sniff(b'{"CoveredStatements": 3}')
