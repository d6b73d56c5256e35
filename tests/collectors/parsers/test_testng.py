"""What TestNG's results mean, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.results import Outcome
from collectors.parsers.testng import parse

from .known import FOLDER


def test_an_attempt_that_was_retried_is_no_test_and_makes_the_next_one_flaky() -> None:
    cases = [
        case for case in parse((FOLDER / "testng" / "testng-7.xml").read_bytes()).cases if case.name == "flaky"
    ]
    assert [(case.outcome, case.flaky) for case in cases] == [(Outcome.PASSED, True)]


def test_rows_of_a_data_provider_are_told_apart_by_their_parameters() -> None:
    names = [case.name for case in parse((FOLDER / "testng" / "testng-6.xml").read_bytes()).cases]
    assert {"data(1, a)", "data(2, b<)", "data(3, c)"} <= set(names)
    assert "adds(null, 1)" in [case.name for case in parse((FOLDER / "testng" / "testng-7.xml").read_bytes()).cases]


def test_a_configuration_method_is_no_test_and_its_failure_is_told() -> None:
    report = parse((FOLDER / "testng" / "testng-6.xml").read_bytes())
    assert "setup" not in {case.name for case in report.cases}
    assert "in “com.acme.BrokenTest.setup”" in report.warnings[0]


def test_durations_are_milliseconds() -> None:
    (slow,) = (c for c in parse((FOLDER / "testng" / "testng-6.xml").read_bytes()).cases if c.name == "slow")
    assert slow.duration == 0.103
