"""What Robot Framework's output means, beyond what the samples hold."""

from __future__ import annotations

import pytest

from collectors.parsers.results import Outcome
from collectors.parsers.robot import parse, sniff

from .known import FOLDER


def output(status: str) -> bytes:
    return f'<robot generator="Robot"><suite name="S"><test name="t">{status}</test></suite></robot>'.encode()


def test_a_test_that_passed_in_a_second_run_is_flaky_and_its_message_plain() -> None:
    cases = {case.name: case for case in parse((FOLDER / "robot" / "rebot-merged.xml").read_bytes()).cases}
    assert (cases["Sometimes"].outcome, cases["Sometimes"].flaky) == (Outcome.PASSED, True)
    assert (cases["Passes"].outcome, cases["Passes"].flaky) == (Outcome.PASSED, False)
    assert (cases["Fails"].outcome, cases["Fails"].flaky) == (Outcome.FAILED, False)
    assert "<" not in cases["Sometimes"].message
    assert "größe <&> ]]>: 1 != 2" in cases["Fails"].details


@pytest.mark.parametrize(
    ("status", "seconds"),
    [
        ('<status status="PASS" elapsed="1.5"/>', 1.5),
        ('<status status="PASS" starttime="20261123 23:59:59.500" endtime="20261124 00:00:01.000"/>', 1.5),
        ('<status status="PASS" starttime="N/A" endtime="N/A"/>', None),
        ('<status status="PASS" starttime="20261124 00:00:01.000" endtime="20261123 00:00:01.000"/>', None),
    ],
)
def test_durations_are_elapsed_seconds_or_the_time_between(status: str, seconds: float | None) -> None:
    (case,) = parse(output(status)).cases
    assert case.duration == seconds


def test_the_status_of_the_test_counts_and_not_that_of_its_keywords() -> None:
    keyword = '<kw name="k"><status status="FAIL">inner</status></kw>'
    (case,) = parse(output(keyword + '<status status="PASS"/>')).cases
    assert (case.outcome, case.message, case.classname) == (Outcome.PASSED, "", "S")


def test_a_test_without_a_status_is_an_error() -> None:
    (case,) = parse(output("")).cases
    assert case.outcome is Outcome.ERROR


def test_the_description_of_a_real_robot_is_none_of_its_reports() -> None:
    assert not sniff(b'<?xml version="1.0"?><robot name="arm"><link name="base"/></robot>')
