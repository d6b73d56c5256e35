"""What CppUnit's XML means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.cppunit import parse

from .known import FOLDER

SAMPLE = (FOLDER / "cppunit" / "latin-1-by-default.xml").read_bytes()


def test_utf_8_is_read_as_such_although_cppunit_declares_latin_1_unless_it_is_told_otherwise() -> None:
    assert [case.name for case in parse(SAMPLE).cases] == ["a test of no class: größe <&>"]


def test_text_that_is_latin_1_as_declared_is_read_so() -> None:
    data = SAMPLE.decode("utf-8").encode("iso-8859-1")
    assert [case.name for case in parse(data).cases] == ["a test of no class: größe <&>"]
