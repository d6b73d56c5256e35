"""What TRX results mean, beyond what the samples hold."""

from __future__ import annotations

import pytest

from collectors.parsers.results import CaseResult, Outcome, TestReport
from collectors.parsers.trx import parse, sniff

from .known import FOLDER


def run(results: str, rest: str = "") -> TestReport:
    namespace = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"
    return parse(f'<TestRun xmlns="{namespace}">{rest}<Results>{results}</Results></TestRun>'.encode())


def named(file: str) -> dict[str, CaseResult]:
    return {case.name: case for case in parse((FOLDER / "trx" / file).read_bytes()).cases}


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ("Passed", Outcome.PASSED), ("Completed", Outcome.PASSED), ("PassedButRunAborted", Outcome.PASSED),
        ("Warning", Outcome.PASSED), ("Failed", Outcome.FAILED), ("Error", Outcome.ERROR),
        ("Timeout", Outcome.ERROR), ("Aborted", Outcome.ERROR), ("Disconnected", Outcome.ERROR),
        ("InProgress", Outcome.ERROR), ("NotExecuted", Outcome.SKIPPED), ("Inconclusive", Outcome.SKIPPED),
        ("NotRunnable", Outcome.SKIPPED), ("Pending", Outcome.SKIPPED),
    ],
)  # fmt: skip
def test_every_outcome_of_the_schema_has_one_of_ours(told: str, outcome: Outcome) -> None:
    (case,) = run(f'<UnitTestResult testName="t" outcome="{told}"/>').cases
    assert case.outcome is outcome


def test_an_outcome_that_nobody_knows_is_an_error_with_a_warning() -> None:
    report = run('<UnitTestResult testName="t" outcome="Splendid"/>')
    assert report.cases[0].outcome is Outcome.ERROR
    assert "splendid" in report.warnings[0]


def test_class_and_assembly_come_from_the_definitions_wherever_they_stand() -> None:
    before = named("mstest-2010.trx")["Works"]
    behind = named("vstest.trx")["Adds"]
    assert (before.classname, before.suite) == ("CalcTests.Basics", "calctests.dll")
    assert (behind.classname, behind.suite) == ("Acme.Calc.Tests.CalcTest", "acme.calc.tests.dll")


def test_the_rows_of_a_data_driven_test_stand_for_it() -> None:
    cases = named("vstest.trx")
    assert "Rows" not in cases
    assert cases['Rows (1,"a")'].outcome is Outcome.PASSED
    assert cases['Rows (2,"b")'].outcome is Outcome.FAILED


def test_rows_beside_their_data_driven_test_stand_for_it_too() -> None:
    report = run(
        '<UnitTestResult testId="p" testName="Rows" outcome="Failed" resultType="DataDrivenTest"/>'
        '<UnitTestResult testId="p" testName="Rows (0)" outcome="Failed" resultType="DataDrivenDataRow"/>'
        '<UnitTestResult testId="q" testName="Alone" outcome="Passed" resultType="DataDrivenTest"/>'
    )
    assert [case.name for case in report.cases] == ["Rows (0)", "Alone"]


def test_durations_reach_from_fractions_to_days() -> None:
    cases = named("vstest.trx")
    assert cases["Adds"].duration == pytest.approx(0.0123456)
    assert cases["Acme.Calc.Tests.Theory.Holds(n: 1)"].duration == 86_400
    assert cases["Later"].duration is None


@pytest.mark.parametrize(("total", "warned"), [(1, True), (2, False), (3, False)])
def test_counters_may_count_a_data_driven_test_beside_its_rows(total: int, warned: bool) -> None:
    counters = f'<ResultSummary><Counters total="{total}" passed="2" failed="0"/></ResultSummary>'
    row = '<UnitTestResult testName="row" outcome="Passed"/>'
    report = run(
        f'<UnitTestResult testName="t" outcome="Passed"><InnerResults>{row}{row}</InnerResults></UnitTestResult>',
        counters,
    )
    assert (len(report.cases), bool(report.warnings)) == (2, warned)


def test_two_runs_in_one_file_are_both_read() -> None:
    one = (FOLDER / "trx" / "jest.trx").read_bytes()
    report = parse(one + one)
    assert len(report.cases) == 16
    assert "2 XML documents" in report.warnings[0]


def test_cppunit_has_the_same_root_and_is_another_format() -> None:
    assert not sniff((FOLDER / "cppunit" / "cppunit.xml").read_bytes())


def test_errors_of_the_run_are_told_but_not_xunits_echo_of_failed_tests() -> None:
    (warning,) = parse((FOLDER / "trx" / "mstest-2010.trx").read_bytes()).warnings
    assert (
        warning
        == "The run itself reports 1 error, first “The agent process was stopped while the test was running”."
    )
    echo = '<RunInfo outcome="Error"><Text>[xUnit.net 00:00:01.00]     A.Fails [FAIL]</Text></RunInfo>'
    assert run("", f"<ResultSummary><RunInfos>{echo}</RunInfos></ResultSummary>").warnings == []
