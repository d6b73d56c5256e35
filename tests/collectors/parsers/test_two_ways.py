"""JSON that is as declared is read in one go, and everything else value by value: both say the same.

NaN is no JSON, so that a file with one in a place that nobody reads goes the careful way.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.parsers.results import CoverageReport, ReportError

from .known import Sample, readable
from .test_robustness import quickly

BRACES = {"codecov-json": 1, "coveralls": 1, "fastcov": 1, "slipcover": 1, "simplecov": 2, "xccov": 1}
"""Formats with two ways, and behind which bracket a key stands that is passed over."""

_VALUE = re.compile(rb"(?<!\w)(?:-?\d+(?:\.\d+)?|null|true|false)")  # and no digits of an escape in a text
SAMPLES = [
    sample
    for sample in readable()
    if sample.format.name in BRACES and sample.data.lstrip()[:1] == b"{" and len(sample.data) < 60_000
]


def carefully(data: bytes, brackets: int) -> bytes:
    at = [found.end() for found in re.finditer(rb"\{", data)][brackets - 1]
    return data[:at] + b'"": NaN,' + data[at:]


def said(sample: Sample, data: bytes) -> object:
    try:
        report = sample.format.parse(data)
    except ReportError as error:
        return re.sub(r"column \d+", "", str(error))  # the careful way's text is longer
    assert isinstance(report, CoverageReport)
    return report.files, report.totals


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
@given(data=st.data())
@quickly
def test_the_quick_and_the_careful_way_say_the_same(sample: Sample, data: st.DataObject) -> None:
    whole = sample.data
    place = data.draw(st.sampled_from(list(_VALUE.finditer(whole))))
    value = data.draw(
        st.sampled_from([place[0], b"0", b"3", b"-1", b"2147483648", b"null", b"true", b"1.5", b"[]"])
    )
    changed = whole[: place.start()] + value + whole[place.end() :]
    assert said(sample, changed) == said(sample, carefully(changed, BRACES[sample.format.name]))
