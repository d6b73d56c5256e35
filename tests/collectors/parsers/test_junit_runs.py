"""Cases taken out by the thousand are what they are when they are read one by one."""

from __future__ import annotations

import re

import pytest

from collectors.parsers.junit import parse
from collectors.parsers.junit_runs import taken_out
from collectors.parsers.results import Outcome, ReportError

from .known import Sample, readable

WHOLE = [s for s in readable() if s.format.name == "junit" and s.data.count(b"<testcase") > 2]


def many(*special: str) -> bytes:
    """A report of 400 simple cases with these elements among them."""
    simple = [f'<testcase classname="c{n % 3}" name="t{n}" time="0.{n}"/>' for n in range(400)]
    inside = simple[:100] + [f"{element}{simple[100 + at]}" for at, element in enumerate(special)] + simple[200:]
    return f'<testsuites><testsuite name="s" file="f.py">{"".join(inside)}</testsuite></testsuites>'.encode()


def one_by_one(data: bytes) -> bytes:
    """The same report in a form that nothing is taken out of."""
    return b"<!DOCTYPE testsuites>" + re.sub(rb"\A\s*(?:<\?xml[^>]*\?>)?", b"", data)


@pytest.mark.parametrize("sample", WHOLE, ids=str)
def test_a_long_report_of_any_dialect_is_read_the_same_in_both_ways(sample: Sample) -> None:
    text = re.sub(rb"<!DOCTYPE[^>]*>|<\?xml[^>]*\?>|<!--.*?-->", b"", sample.data, flags=re.S).lstrip()
    long = b"<testsuites>" + text * 60 + b"</testsuites>"
    assert parse(long).cases == parse(one_by_one(long)).cases


@pytest.mark.parametrize(
    "element",
    [
        '<testcase classname="c" name="x" time="1"><failure message="a&#10;b" type="E">&amp;</failure></testcase>',
        '<testcase classname="c" name="x" time="1"><skipped/></testcase>',
        '<testcase classname="c" name="x" time="1"><error message="m">a\r\nb\rc</error></testcase>',
        '<testcase classname="c" name="x" time="1"><failure>TEST_CASE</failure><failure/></testcase>',
        '<testcase classname="c" name="x" time="1"><skipped message="TEST_CASE tagged with !mayfail"/></testcase>',
        '<testcase classname="c" name="x" time="1"><failure result="xfail"/></testcase>',
        '<testcase classname="c" name="" time="nan"/>',
        '<testcase classname="c" name="a &amp; b" time="1,234.5"></testcase>',
        "<testcase classname='c' name='single' time='1'/>",
        '<testcase name="in another order" classname="c" time="."/>',
        f'<testcase classname="c" name="{"x" * 2000}" time="999999999"/>',
        '</testsuite><testsuite name="second"><testsuite name="inner">'
        '<testcase classname="c" name="n" time="1"/></testsuite>',
        '<testcase classname="größe" name="𝄞" time="1"/>',
    ],
)  # fmt: skip
def test_an_unusual_case_among_simple_ones_keeps_its_place_and_meaning(element: str) -> None:
    data = many(element)
    assert taken_out(data) is not None
    assert parse(data).cases == parse(one_by_one(data)).cases


@pytest.mark.parametrize(
    "element",
    [
        '<!-- <testcase classname="c" name="x" time="1"/> -->',
        '<system-out><![CDATA[<testcase classname="c" name="x" time="1"/>]]></system-out>',
        '<?note <testcase classname="c" name="x" time="1"/>?>',
    ],
)
def test_a_case_that_is_only_quoted_is_no_case(element: str) -> None:
    assert parse(many(element)).counts().total == 301


@pytest.mark.parametrize(
    "element",
    [
        '<a b="<testcase classname="c" name="x" time="1"/>"/>',
        '<testcase classname="c" name="x" time="1"><failure>a]]>b</failure></testcase>',
        '<testcase classname="c" name="x" time="1"><failure>a</error></testcase>',
        '<testcase classname="c" name="x" time="1"><failure message="a" message="b"/></testcase>',
        '<testcase classname="c" name="x" time="1">',
    ],
)
def test_what_is_no_xml_is_still_refused(element: str) -> None:
    with pytest.raises(ReportError, match="line 1, column"):
        parse(many(element))


def test_runs_of_many_suites_keep_their_suite() -> None:
    suite = '<testsuite name="s{0}"><testcase classname="c" name="a" time="1"/><testcase classname="c" name="b" time="1"><failure message="m{0}"/></testcase></testsuite>'  # noqa: E501
    cases = parse(f"<testsuites>{''.join(suite.format(n) for n in range(100))}</testsuites>".encode()).cases
    assert [(case.suite, case.message) for case in cases[-4:]] == [
        ("s98", ""), ("s98", "m98"), ("s99", ""), ("s99", "m99"),
    ]  # fmt: skip
    assert cases[-1].outcome is Outcome.FAILED
