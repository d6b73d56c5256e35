"""What Boost.Test's log and report mean, beyond what the samples hold."""

from __future__ import annotations

import pytest

from collectors.parsers.boost_test import parse, sniff
from collectors.parsers.results import Outcome, ReportError

from .known import FOLDER


def test_log_and_report_of_one_run_name_the_same_suites() -> None:
    log = {(case.suite, case.name) for case in parse((FOLDER / "boost-test" / "log.xml").read_bytes()).cases}
    report = {(case.suite, case.name) for case in parse((FOLDER / "boost-test" / "report.xml").read_bytes()).cases}
    assert log - report == {("größe_mod/outer", "off")}


def test_a_disabled_case_that_only_the_totals_hold_is_told() -> None:
    (warning,) = parse((FOLDER / "boost-test" / "report.xml").read_bytes()).warnings
    assert "skipped 2 where its test cases give 1" in warning


def test_a_report_of_nothing_is_empty_and_one_of_totals_only_is_refused() -> None:
    assert parse(b"<TestResult></TestResult>").counts().total == 0
    with pytest.raises(ReportError, match="--report_level=detailed"):
        parse(b'<TestResult><TestSuite name="m" result="failed"></TestSuite></TestResult>')


def test_an_error_outside_of_any_case_is_told() -> None:
    suite = b'<TestSuite name="m"><TestCase name="t"/></TestSuite>'
    (warning,) = parse(b"<TestLog>" + suite + b"<Exception>no fixture</Exception></TestLog>").warnings
    assert "in “no fixture”" in warning


def test_a_result_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(ReportError, match=r"“t” has a result that Boost.Test does not know, “odd”"):
        parse(b'<TestResult><TestSuite name="m"><TestCase name="t" result="odd"/></TestSuite></TestResult>')


def test_testing_time_is_in_microseconds_and_a_time_out_an_error_of_the_log() -> None:
    cases = {case.name: case for case in parse((FOLDER / "boost-test" / "log-signals.xml").read_bytes()).cases}
    assert cases["slow"].duration == pytest.approx(1.0007)
    assert cases["slow"].outcome is Outcome.ERROR


def test_other_xml_with_such_a_root_is_none_of_it() -> None:
    assert not sniff(b'<TestResult xmlns="http://www.ranorex.com"><Step/></TestResult>')


@pytest.mark.parametrize("kind", ["Error", "FatalError", "Exception"])
def test_a_log_of_failures_alone_says_how_to_get_the_test_cases(kind: str) -> None:
    data = f'<TestLog><{kind} file="a.cpp" line="1"><![CDATA[check failed]]></{kind}></TestLog>'.encode()
    assert sniff(data)
    with pytest.raises(ReportError, match=r"check failed.*--log_level=test_suite"):
        parse(data)


def test_what_is_said_before_the_first_suite_does_not_hide_the_log() -> None:
    assert sniff(
        b'<TestLog><Message file="a.cpp" line="1">hello</Message><TestSuite name="m"></TestSuite></TestLog>'
    )
