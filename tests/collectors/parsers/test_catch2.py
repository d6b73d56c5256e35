"""What Catch2's XML means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.catch2 import parse
from collectors.parsers.results import CaseResult, Outcome

from .known import FOLDER


def named(file: str) -> dict[str, CaseResult]:
    return {case.name: case for case in parse((FOLDER / "catch2" / file).read_bytes()).cases}


def test_an_exception_that_an_assertion_asked_for_is_no_failure() -> None:
    assert named("catch2-3.xml")["adds"].outcome is Outcome.PASSED


def test_a_failure_that_is_expected_is_a_skip_and_an_unexpected_pass_failed() -> None:
    assert named("catch2-2.xml")["should fail"].outcome is Outcome.SKIPPED
    assert named("catch2-3.xml")["known bug"].outcome is Outcome.SKIPPED
    assert named("catch2-3.xml")["surprise"].outcome is Outcome.FAILED


def test_a_skip_says_why() -> None:
    assert named("catch2-3.xml")["later"].message == "not today"


def test_a_failed_assertion_is_told_with_its_values_and_its_line() -> None:
    assert named("catch2-2.xml")["clamp works"].details == "CHECK( clamp(9, 0, 3) == 4 )\nwith 3 == 4\nc2.cc:4"


def test_a_test_case_in_which_the_program_ended_is_an_error() -> None:
    (case,) = parse(b'<Catch name="c"><Group><TestCase name="t"></TestCase></Group></Catch>').cases
    assert case.outcome is Outcome.ERROR
