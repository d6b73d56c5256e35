"""What CUnit's XML means, although it often is none."""

from __future__ import annotations

import pytest

from collectors.parsers.cunit import parse, sniff
from collectors.parsers.results import Outcome, ReportError

from .known import FOLDER

SAMPLE = (FOLDER / "cunit" / "cunit.xml").read_bytes()


def test_a_name_with_markup_in_it_is_read_as_it_stands() -> None:
    cases = {case.name: case for case in parse(SAMPLE).cases}
    assert cases["fails <x>"].classname == "größe"
    assert cases["fails <x>"].details == "cu.c:5: CU_ASSERT_EQUAL(1,2)"


def test_a_test_with_two_failed_assertions_is_one_test() -> None:
    assert [case.name for case in parse(SAMPLE).cases].count("fails <x>") == 1


def test_two_failing_tests_of_one_name_are_two_tests() -> None:
    report = parse((FOLDER / "cunit" / "tests-of-one-name.xml").read_bytes())
    assert [case.name for case in report.cases].count("compares") == 2


def test_a_suite_that_could_not_be_set_up_is_an_error() -> None:
    (broken,) = (case for case in parse(SAMPLE).cases if case.outcome is Outcome.ERROR)
    assert (broken.name, broken.message) == ("badinit", "Suite Initialization Failed")


def test_a_report_that_breaks_off_is_refused() -> None:
    with pytest.raises(ReportError, match="cut short"):
        parse(SAMPLE[: len(SAMPLE) // 2])


def test_the_list_of_tests_is_no_report() -> None:
    assert not sniff(b'<?xml version="1.0" ?>\n<CUNIT_TEST_LIST_REPORT>\n<CUNIT_HEADER/>')
