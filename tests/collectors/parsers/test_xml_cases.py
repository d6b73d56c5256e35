"""What the readers of XML test reports share."""

from __future__ import annotations

import time

import pytest
from lxml import etree

from collectors.parsers import xml_cases
from collectors.parsers.results import ReportError


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("00:00:01.5000000", 1.5), ("01:02:03", 3723.0), ("2.00:00:01", 172801.0), ("00:00:00,25", 0.25),
        ("1.5", 1.5), ("", None), (None, None), ("soon", None), ("999999.00:00:00", None), ("-00:00:01", None),
    ],
)  # fmt: skip
def test_clocks_are_seconds_or_unknown(written: str | None, seconds: float | None) -> None:
    assert xml_cases.clock(written) == seconds


def test_a_total_is_unknown_unless_every_element_tells_it() -> None:
    told, untold = etree.fromstring('<a n="2"/>'), etree.fromstring('<a n="many"/>')
    assert xml_cases.total([told, told], "n") == 4
    assert xml_cases.total([told, untold], "n") is None


def test_a_root_of_another_format_is_refused_by_name() -> None:
    with pytest.raises(ReportError, match="<b> element where <a> was expected"):
        xml_cases.streamed(b"<b/>", ("c",), list, [], ("a",))


def test_a_child_is_found_at_once_among_very_many() -> None:
    parent = etree.fromstring(b"<p><first/>" + b"<x/>" * 200_000 + b"</p>")
    began = time.process_time()
    for _ in range(10_000):
        assert xml_cases.child(parent, "first") is not None
    assert time.process_time() - began < 5  # each look at all of them would take minutes


def test_what_suites_inherit_is_worked_out_once_for_each_of_them() -> None:
    root = etree.fromstring(b"<s>" * 200 + b"<s/>" * 50_000 + b"</s>" * 200)
    deepest = next(element for element in root.iter() if len(element) > 1)
    depths: dict[etree._Element | None, int] = {None: 0}
    steps = 0

    def step(above: int, _element: etree._Element) -> int:
        nonlocal steps
        steps += 1
        return above + 1

    assert {xml_cases.inherited(depths, suite, step) for suite in deepest} == {201}
    assert steps == 200 + 50_000
