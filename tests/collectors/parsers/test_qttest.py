"""What QtTest's XML means, beyond what the samples hold."""

from __future__ import annotations

import pytest

from collectors.parsers.qttest import parse, sniff
from collectors.parsers.results import CaseResult, Outcome, ReportError

from .known import FOLDER


def named(file: str) -> dict[str, CaseResult]:
    return {case.name: case for case in parse((FOLDER / "qttest" / file).read_bytes()).cases}


def only(incidents: str) -> Outcome:
    (case,) = parse(
        f'<TestCase name="c"><TestFunction name="f">{incidents}</TestFunction></TestCase>'.encode()
    ).cases
    return case.outcome


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        (["pass"], Outcome.PASSED), (["xfail", "pass"], Outcome.PASSED), (["xfail"], Outcome.SKIPPED),
        (["xfail", "fail"], Outcome.FAILED), (["xpass"], Outcome.FAILED), (["skip"], Outcome.SKIPPED),
        (["bfail"], Outcome.SKIPPED), (["bpass"], Outcome.SKIPPED), (["fail", "pass"], Outcome.FAILED),
    ],
)  # fmt: skip
def test_the_incidents_of_a_row_make_its_outcome(kinds: list[str], outcome: Outcome) -> None:
    assert only("".join(f'<Incident type="{kind}"/>' for kind in kinds)) is outcome


def test_rows_are_tests_whose_durations_are_unknown() -> None:
    cases = named("qttest.xml")
    assert cases["data(two <&>)"].outcome is Outcome.FAILED
    assert cases["data(two <&>)"].duration is None
    assert cases["warns"].duration == pytest.approx(0.0098922)


def test_with_and_without_a_root_it_is_the_same() -> None:
    assert named("qttest.xml").keys() == named("qttest-light.xml").keys()
    assert named("qttest-light.xml")["failsUtf"].message == "'false' returned FALSE. (größe <&> ]]>)"


def test_without_a_root_only_the_duration_shows_that_the_file_is_whole() -> None:
    light = (FOLDER / "qttest" / "qttest-light.xml").read_bytes()
    with pytest.raises(ReportError, match="cut short"):
        parse(light[: light.rindex(b"<TestFunction")])


def test_other_xml_with_such_a_root_is_none_of_it() -> None:
    assert not sniff(b'<TestCase name="x"><Step/></TestCase>')


def test_a_duration_with_a_decimal_comma_is_milliseconds_all_the_same() -> None:
    incident = '<Incident type="pass" file="" line="0"/><Duration msecs="1,567"/>'
    data = f'<TestCase name="c"><TestFunction name="f">{incident}</TestFunction></TestCase>'
    assert parse(data.encode()).cases[0].duration == pytest.approx(0.001567)
