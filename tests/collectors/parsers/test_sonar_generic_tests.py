"""What SonarQube's generic test execution means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.results import Outcome
from collectors.parsers.sonar_generic_tests import parse, sniff

from .known import FOLDER


def test_the_old_root_is_read_too() -> None:
    old = b'<unitTest version="1"><file path="a.js"><testCase name="t" duration="12"/></file></unitTest>'
    (case,) = parse(old).cases
    assert sniff(old)
    assert (case.suite, case.duration, case.outcome) == ("a.js", 0.012, Outcome.PASSED)


def test_generic_coverage_is_another_format() -> None:
    assert not sniff(b'<coverage version="1"><file path="a.js"/></coverage>')


def test_errors_and_failures_are_told_apart() -> None:
    cases = {case.name: case for case in parse((FOLDER / "sonar-generic-tests" / "catch2.xml").read_bytes()).cases}
    assert cases["throws"].outcome is Outcome.ERROR
    assert cases["generate"].outcome is Outcome.FAILED
    assert cases["may fail"].outcome is Outcome.SKIPPED
