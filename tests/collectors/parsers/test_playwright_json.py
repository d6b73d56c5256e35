"""Projects, attempts and errors of a Playwright report."""

from __future__ import annotations

from collectors.parsers.playwright_json import parse
from collectors.parsers.results import CaseResult, Outcome

from .known import FOLDER


def sample(name: str) -> list[CaseResult]:
    return parse((FOLDER / "playwright-json" / name).read_bytes()).cases


def test_a_test_is_told_by_its_titles_and_the_project() -> None:
    found = {(case.suite, case.classname, case.name) for case in sample("two-projects.json")}
    assert ("desktop", 'cart.spec.js > Cart größe > nested "q"', "skipped") in found
    assert ("mobile", "cart.spec.js", "totals") in found


def test_what_passed_at_the_second_attempt_is_flaky_and_says_why_it_failed() -> None:
    flaky = [case for case in sample("two-projects.json") if case.flaky]
    assert [(case.suite, case.name, case.outcome) for case in flaky] == [
        ("desktop", "flaky", Outcome.PASSED),
        ("mobile", "flaky", Outcome.PASSED),
    ]
    assert "Received: 0" in flaky[0].details


def test_an_expected_failure_is_a_skip_and_an_unexpected_pass_a_failure() -> None:
    outcomes = {case.name: case.outcome for case in sample("two-projects.json")}
    assert outcomes["expected to fail"] is Outcome.SKIPPED
    assert outcomes["expected to fail and passes"] is Outcome.FAILED
