"""What NUnit's results mean, beyond what the samples hold."""

from __future__ import annotations

import pytest

from collectors.parsers.nunit import parse
from collectors.parsers.results import CaseResult, Outcome, ReportError

from .known import FOLDER


def named(file: str) -> dict[str, CaseResult]:
    return {case.name: case for case in parse((FOLDER / "nunit" / file).read_bytes()).cases}


def old(attributes: str) -> CaseResult:
    (case,) = parse(
        f"<test-results><test-suite><test-case {attributes}/></test-suite></test-results>".encode()
    ).cases
    return case


def test_nunit_3_tells_errors_from_failures_by_a_label() -> None:
    cases = named("nunit-console-3.xml")
    assert cases["Fails"].outcome is Outcome.FAILED
    assert cases["Throws"].outcome is Outcome.ERROR
    assert cases["Wrong"].outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("full", "classname", "name"),
    [
        ("Acme.Calc.Adds", "Acme.Calc", "Adds"),
        ("Acme.Calc.Named(&quot;a.b(c)&quot;)", "Acme.Calc", 'Named("a.b(c)")'),
        ("Acme.Generic&lt;System.Int32&gt;.Is", "Acme.Generic<System.Int32>", "Is"),
        ("Acme.Calc.Of&lt;System.Int32&gt;(3)", "Acme.Calc", "Of<System.Int32>(3)"),
        ("alone", "", "alone"),
    ],
)
def test_nunit_2_writes_the_class_into_the_name(full: str, classname: str, name: str) -> None:
    case = old(f'name="{full}" executed="True" result="Success"')
    assert (case.classname, case.name) == (classname, name)


@pytest.mark.parametrize(
    ("attributes", "outcome"),
    [
        ('executed="True" success="True"', Outcome.PASSED),
        ('executed="True" success="False"', Outcome.FAILED),
        ('executed="False"', Outcome.SKIPPED),
    ],
)
def test_before_nunit_2_5_there_is_no_result(attributes: str, outcome: Outcome) -> None:
    assert old(f'name="t" {attributes}').outcome is outcome


def test_a_fixture_that_fails_in_its_teardown_is_told_in_a_warning() -> None:
    report = parse((FOLDER / "nunit" / "nunit-console-3.xml").read_bytes())
    assert report.warnings == [
        "1 failure stands outside of any test case, the first in “Acme.Closes”; it is not counted."
    ]


def test_totals_that_differ_are_told_and_the_cases_count() -> None:
    report = parse(
        b'<test-run total="5" failed="0"><test-suite><test-case name="t" result="Passed"/></test-suite></test-run>'
    )
    assert report.counts().total == 1
    assert "total 5" in report.warnings[0]


def test_a_test_that_passed_has_no_message_unless_it_warns() -> None:
    assert {case.message for case in named("pytest-nunit.xml").values() if case.outcome is Outcome.PASSED} == {""}
    assert named("nunit-console-3.xml")["Warns"].message == "careful"


def test_a_list_of_tests_is_no_result() -> None:
    case = '<test-case name="A" fullname="N.A" runstate="Runnable"/>'
    data = f'<test-run id="0" testcasecount="1"><test-suite type="Assembly">{case}</test-suite></test-run>'.encode()
    with pytest.raises(ReportError, match="lists tests that were not run"):
        parse(data)
