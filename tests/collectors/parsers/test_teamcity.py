"""TeamCity's messages among other output."""

from __future__ import annotations

import time

import pytest

from collectors.parsers.results import Outcome, ReportError
from collectors.parsers.teamcity import parse, sniff

LOG = b"".join(b"building step %d\n" % number for number in range(300))


def test_messages_within_a_long_log_are_no_report() -> None:
    assert not sniff(LOG + b"##teamcity[testStarted name='a']\n##teamcity[testFinished name='a']\n")


def test_a_banner_may_stand_before_the_messages() -> None:
    assert sniff(b"PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\n##teamcity[testCount count='1']\n")


def test_escapes_are_read() -> None:
    (case,) = parse(b"##teamcity[testIgnored name='a |'b|' |[|0x65e5|]' message='one|ntwo']").cases
    assert (case.name, case.message) == ("a 'b' [日]", "one")


def test_bars_are_escaped_in_pairs() -> None:
    (case,) = parse(b"##teamcity[testIgnored name='a||nb |||'c||||d|||n||' message='x|py']").cases
    assert (case.name, case.message) == ("a|nb |'c||d|\n|", "x\u2029y")


@pytest.mark.parametrize("layout", ["name='%s' message='no'", "message='no'  odd name='%s'"])
def test_a_message_is_about_its_test_however_its_attributes_stand(layout: str) -> None:
    name = "a |'b|' || c|n"
    lines = f"##teamcity[testStarted name='{name}']\n##teamcity[testFailed {layout % name}]\n"
    (case,) = parse(f"{lines}##teamcity[testFinished name='{name}']\n".encode()).cases
    assert (case.name, case.outcome, case.message) == ("a 'b' | c\n", Outcome.FAILED, "no")


def test_tests_of_several_flows_are_told_apart() -> None:
    lines = (
        "##teamcity[testSuiteStarted name='A' flowId='1']\n##teamcity[testSuiteStarted name='B' flowId='2']\n"
        "##teamcity[testStarted name='t' flowId='1']\n##teamcity[testStarted name='t' flowId='2']\n"
        "##teamcity[testFailed name='t' flowId='2' message='no']\n"
        "##teamcity[testFinished name='t' flowId='1' duration='1500']\n"
        "##teamcity[testFinished name='t' flowId='2']\n"
    )
    found = [(case.classname, case.outcome, case.duration) for case in parse(lines.encode()).cases]
    assert found == [("A", Outcome.PASSED, 1.5), ("B", Outcome.FAILED, None)]


def test_a_test_that_did_not_end_is_an_error_and_a_message_that_did_not_end_too() -> None:
    (case,) = parse(b"##teamcity[testStarted name='a']\n").cases
    assert case.outcome is Outcome.ERROR
    with pytest.raises(ReportError, match="breaks off"):
        parse(b"##teamcity[testStarted name='a']\n##teamcity[testFinished name=")


def test_a_line_without_end_does_not_take_long() -> None:
    began = time.perf_counter()
    parse(b"##teamcity[testStarted " + b"a" * 300_000 + b"='" + b"|'" * 300_000 + b"]")
    assert time.perf_counter() - began < 2
