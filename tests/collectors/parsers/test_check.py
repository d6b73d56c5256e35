"""What Check's log means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers import junit
from collectors.parsers.check import parse, sniff

from .known import FOLDER

SAMPLE = (FOLDER / "check" / "check.xml").read_bytes()


def test_the_passes_of_a_loop_are_tests_of_their_own() -> None:
    names = [case.name for case in parse(SAMPLE).cases]
    assert names[-3:] == ["t_loop", "t_loop:1", "t_loop:2"]


def test_a_duration_of_minus_one_is_unknown() -> None:
    assert {case.name: case.duration for case in parse(SAMPLE).cases}["t_fail"] is None


def test_its_root_is_that_of_junit_in_another_namespace() -> None:
    assert sniff(SAMPLE) and not junit.sniff(SAMPLE)
    assert not sniff(b'<testsuites name="j"><testsuite/></testsuites>')
