"""Both versions of subunit tell the same, and a packet that is broken is said to be."""

from __future__ import annotations

import zlib

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


def packet(flags: int, fields: bytes) -> bytes:
    text = b"\xb3" + (0x2000 | flags).to_bytes(2, "big") + bytes([8 + len(fields)]) + fields
    return text + zlib.crc32(text).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("flags", "fields"),
    [
        (0x0800, b""),
        (0x0800, b"\x05a.b"),
        (0x0800, b"\x7f"),
        (0x0A00, b"\x00\x00\x00"),
        (0x0880, b"\x03a.b\xff\xff\xff\xff\x01x"),
        (0x0860, b"\x03a.b\x05text/"),
        (0x0840, b"\x03a.b\x01f\x41\x00"),
    ],
)
def test_a_packet_whose_fields_are_longer_than_it_is_an_error(flags: int, fields: bytes) -> None:
    ended = packet(0x0803, b"\x03a.b")
    assert [case.name for case in subunit.parse(ended).cases] == ["b"]
    for following in (b"", ended):
        with pytest.raises(ReportError, match="The packet at byte 0 breaks off within"):
            subunit.parse(packet(flags, fields) + following)


def test_attachments_that_are_no_text_are_no_details() -> None:
    picture = packet(0x0860, b"\x03a.b\x09image/png\x03png\x02hi")
    told = packet(0x0866, b"\x03a.b\x0atext/plain\x03log\x03why")
    (case,) = subunit.parse(picture + told).cases
    assert (case.outcome, case.details) == (Outcome.FAILED, "why")


def test_output_between_packets_is_passed_over() -> None:
    report = subunit.parse(PACKETS + b"bye\n")
    assert len(report.cases) == 8 and "4 bytes stand between" in report.warnings[0]


def test_a_test_that_began_and_did_not_end_is_an_error() -> None:
    cases = subunit.parse(b"test: a.b\nsuccess: a.b\ntest: a.c\n").cases
    assert [(case.name, case.outcome) for case in cases] == [("b", Outcome.PASSED), ("c", Outcome.ERROR)]


def test_prose_about_tests_is_no_stream() -> None:
    assert not subunit.sniff(b"test: all of it\nand then some\n")
    assert not subunit.sniff(b"error: no such file\n")
