"""Both versions of subunit tell the same, and a packet that is broken is said to be."""

from __future__ import annotations

import pytest

from collectors.parsers import subunit
from collectors.parsers.results import Outcome, ReportError

from .known import FOLDER

PACKETS = (FOLDER / "subunit" / "unittest-v2.subunit").read_bytes()


def test_both_versions_of_one_run_tell_the_same() -> None:
    text = subunit.parse((FOLDER / "subunit" / "unittest-v1.txt").read_bytes()).cases
    packets = subunit.parse(PACKETS).cases
    assert [(c.classname, c.name, c.outcome) for c in text] == [(c.classname, c.name, c.outcome) for c in packets]
    (failed,) = (case for case in packets if case.name == "test_fail")
    assert "größe" in failed.details and failed.classname == "test_cart.Cart"
    told = {case.name: case.message for case in text}
    assert (told["test_error"], told["test_skip"]) == ("RuntimeError: boom", "not now")
    (passed,) = (case for case in packets if case.name == "test_ok")
    assert passed.duration == pytest.approx(0.02, abs=0.01)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_packets_that_break_off_are_an_error(share: float) -> None:
    with pytest.raises(ReportError, match="The packet at byte"):
        subunit.parse(PACKETS[: int(len(PACKETS) * share)])


def test_a_wrong_checksum_is_an_error() -> None:
    with pytest.raises(ReportError, match="checksum"):
        subunit.parse(PACKETS[:30] + b"?" + PACKETS[31:])


def test_output_between_packets_is_passed_over() -> None:
    report = subunit.parse(PACKETS + b"bye\n")
    assert len(report.cases) == 8 and "4 bytes stand between" in report.warnings[0]


def test_a_test_that_began_and_did_not_end_is_an_error() -> None:
    cases = subunit.parse(b"test: a.b\nsuccess: a.b\ntest: a.c\n").cases
    assert [(case.name, case.outcome) for case in cases] == [("b", Outcome.PASSED), ("c", Outcome.ERROR)]


def test_prose_about_tests_is_no_stream() -> None:
    assert not subunit.sniff(b"test: all of it\nand then some\n")
    assert not subunit.sniff(b"error: no such file\n")
