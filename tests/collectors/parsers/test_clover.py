"""Clover: promises that no sample holds."""

from __future__ import annotations

import pytest

from collectors.parsers.clover import parse
from collectors.parsers.results import CoverageReport, ReportError


def read(lines: str, metrics: str = "", root: str = 'clover="3.2.0"') -> CoverageReport:
    file = f'<file name="a.js" path="/app/a.js"><metrics {metrics}/>{lines}</file>'
    return parse(f'<coverage generated="1" {root}><project timestamp="1">{file}</project></coverage>'.encode())


CONDITION = '<line num="3" count="4" type="cond" truecount="2" falsecount="1"/>'


def test_the_own_totals_tell_branches_taken_and_not_taken_from_how_often_true_and_false() -> None:
    taken = read(CONDITION, 'conditionals="3" coveredconditionals="2"').files[0].branches[3]
    assert (taken.covered, taken.valid) == (2, 3)
    evaluated = read(CONDITION, 'conditionals="2" coveredconditionals="2"').files[0].branches[3]
    assert (evaluated.covered, evaluated.valid) == (2, 2)


def test_a_condition_without_a_count_ran_as_often_as_it_was_true_or_false() -> None:
    assert read('<line falsecount="8" truecount="13" num="52" type="cond"/>').files[0].lines == {52: 21}


@pytest.mark.parametrize(
    "package", ["", '<package name="p"><metrics statements="2" coveredstatements="1"/></package>']
)
def test_totals_without_any_line_are_a_warning(package: str) -> None:
    metrics = '<metrics files="13" statements="306" coveredstatements="148"/>'
    report = parse(
        f'<coverage generated="1"><project timestamp="1">{package}{metrics}</project></coverage>'.encode()
    )
    assert report.counts().lines_valid == 0
    assert "148 of 306 lines covered, its lines give 0 of 0" in report.warnings[0]


def test_two_conditions_on_a_line_have_their_branches_together() -> None:
    branches = read(CONDITION * 2, 'conditionals="4" coveredconditionals="4"').files[0].branches[3]
    assert (branches.covered, branches.valid) == (4, 4)


def test_a_hidden_statement_that_could_be_any_of_several_methods_stays_out_with_a_warning() -> None:
    methods = "".join(f'<line num="{n}" type="method" name="m{n}" count="1"/>' for n in (5, 6))
    report = read(methods, 'statements="1" coveredstatements="1"', root="")
    assert report.counts().lines_valid == 0
    assert "1 of 1" in report.warnings[0]


def test_a_java_file_stands_below_its_package() -> None:
    text = '<coverage clover="4"><project><package name="a.b"><file name="C.java"/></package></project></coverage>'
    assert parse(text.encode()).files[0].path == "a/b/C.java"


@pytest.mark.parametrize("line", ['<line type="stmt" count="1"/>', '<line num="x" type="stmt" count="1"/>'])
def test_a_line_without_number_is_refused_by_file(line: str) -> None:
    with pytest.raises(ReportError, match=r"/app/a\.js"):
        read(line)
