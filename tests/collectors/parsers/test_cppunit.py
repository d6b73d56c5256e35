"""What CppUnit's XML means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.cppunit import parse, sniff

from .known import FOLDER

SAMPLE = (FOLDER / "cppunit" / "latin-1-by-default.xml").read_bytes()


def test_utf_8_is_read_as_such_although_cppunit_declares_latin_1_unless_it_is_told_otherwise() -> None:
    assert [case.name for case in parse(SAMPLE).cases] == ["a test of no class: größe <&>"]


def test_text_that_is_latin_1_as_declared_is_read_so() -> None:
    data = SAMPLE.decode("utf-8").encode("iso-8859-1")
    assert [case.name for case in parse(data).cases] == ["a test of no class: größe <&>"]


def test_what_ceedling_and_aunit_call_a_test_is_judged_by_what_it_stands_in() -> None:
    test = '<Test id="1"><Name>{}</Name><FailureType>Assertion</FailureType></Test>'
    groups = {
        "FailedTests": "failed",
        "ErrorTests": "error",
        "IgnoredTests": "skipped",
        "SuccessfulTests": "passed",
    }
    for many in (1, 30):  # few are read one by one, many by the thousand
        inside = "".join(f"<{group}>{many * test.format(group)}</{group}>" for group in groups)
        data = f"<TestRun><Statistics><Tests>{4 * many}</Tests></Statistics>{inside}</TestRun>".encode()
        report = parse(data)
        assert sniff(data) and report.warnings == []
        assert {case.name: case.outcome.name.lower() for case in report.cases} == groups


def test_what_a_hook_wrote_before_the_tests_does_not_hide_them() -> None:
    assert sniff(b"<TestRun><SuiteInfo/><FailedTests></FailedTests><SuccessfulTests/></TestRun>")
    assert not sniff(b'<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Times/></TestRun>')
