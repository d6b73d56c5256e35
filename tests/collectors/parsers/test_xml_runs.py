"""Elements of the usual shape, taken out by the thousand, are what they are when they are read one by one."""

from __future__ import annotations

import re

import pytest

from collectors.parsers.results import ReportError, TestReport
from collectors.parsers.xml_runs import MARK

from . import big
from .known import BY_NAME, Sample, readable

IN_RUNS = ("boost-test", "xunit", "check", "cppunit", "ctest", "qttest", "sonar-generic-tests")
CASE = '<testCase name="n{}" duration="{}"/>\n'


def in_one_piece(data: bytes) -> bytes:
    """The same file in a form that nothing is taken out of."""
    root = re.search(rb"<(\w+)", data[data.find(b"?>") + 2 :] if b"?>" in data[:200] else data)
    assert root
    return b"<!DOCTYPE " + root[1] + b">" + re.sub(rb"\A\s*<\?xml[^>]*\?>", b"", data)


def read(name: str, data: bytes) -> TestReport:
    report = BY_NAME[name].parse(data)
    assert isinstance(report, TestReport)
    return report


def answer(name: str, data: bytes) -> object:
    try:
        report = read(name, data)
    except ReportError as error:
        return re.sub(r"line \d+", "", str(error)).partition(": ")[0]
    return report.cases, len(report.warnings)


def sonar(*elements: str) -> bytes:
    cases = [CASE.format(n, n) for n in range(60)]
    inside = [*cases[:30], *elements, *cases[30:]]
    return f'<testExecutions version="1"><file path="a.js">{"".join(inside)}</file></testExecutions>'.encode()


@pytest.mark.parametrize("sample", [s for s in readable() if s.format.name in IN_RUNS], ids=str)
def test_a_long_report_of_any_tool_is_read_the_same_in_both_ways(sample: Sample) -> None:
    for long in big.many_times(sample.data, 40 * len(sample.data))[:2]:
        if sample.path.stem != "qttest-light":  # whose root is put around it
            assert answer(sample.format.name, long) == answer(sample.format.name, in_one_piece(long))


@pytest.mark.parametrize(
    "element",
    [
        '<testCase name="a" duration="1"><failure message="m &amp; &quot;m&quot;">x &lt; y]</failure></testCase>',
        '<testCase name="a" duration="1"><error><![CDATA[a]] & <b>]]> c&#10;<![CDATA[d]]></error></testCase>',
        '<testCase name="a" duration="1"><skipped message="a"/><failure message="b"/></testCase>',
        '<testCase name="a" duration="1">\r\n<failure message="b">one\r\ntwo\rthree</failure>\r\n</testCase>',
        "<testCase duration='1' name='other order'/>",
        '<!-- <testCase name="in a comment" duration="1"/> -->',
        '<testCase name="größe" duration="1,5"/><other/>',
        f'<file path="deeper">{CASE.format("x", 1)}</file>',
    ],
)
def test_an_unusual_element_keeps_its_place_and_meaning(element: str) -> None:
    data = sonar(element)
    assert read("sonar-generic-tests", data).cases == read("sonar-generic-tests", in_one_piece(data)).cases


@pytest.mark.parametrize(
    "element", [f"<{MARK}/>", "<testCase name='a'>", "<testCase name='a' name='b'/>", "a & b", "]]>", "<a:b/>"]
)
def test_what_is_broken_among_many_is_told_as_if_all_were_read_one_by_one(element: str) -> None:
    assert answer("sonar-generic-tests", sonar(element)) == answer(
        "sonar-generic-tests", in_one_piece(sonar(element))
    )
