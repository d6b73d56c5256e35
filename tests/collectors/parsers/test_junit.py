"""What JUnit's dialects mean, case by case."""

from __future__ import annotations

import pytest

from collectors.parsers.junit import MAX_CASES, parse, sniff
from collectors.parsers.results import CaseResult, Outcome, ReportError
from collectors.parsers.text import DETAILS_LIMIT, MESSAGE_LIMIT, NAME_LIMIT

from .known import FOLDER


def only(fragment: str) -> CaseResult:
    """The one case of a suite that holds this fragment."""
    (case,) = parse(f'<testsuite name="s">{fragment}</testsuite>'.encode()).cases
    return case


def named(file: str) -> dict[str, CaseResult]:
    return {case.name: case for case in parse((FOLDER / "junit" / file).read_bytes()).cases}


def test_a_test_that_passed_on_a_later_attempt_is_passed_and_flaky() -> None:
    case = named("surefire-retries.xml")["passesOnSecondAttempt"]
    assert (case.outcome, case.flaky) == (Outcome.PASSED, True)
    assert case.message == "expected: <1> but was: <2>"
    assert "RetryTest.java:21" in case.details


def test_a_test_that_failed_on_every_attempt_is_failed_once_and_not_flaky() -> None:
    cases = named("surefire-retries.xml")
    assert (cases["failsEveryTime"].outcome, cases["failsEveryTime"].flaky) == (Outcome.FAILED, False)
    assert (cases["breaksEveryTime"].outcome, cases["breaksEveryTime"].flaky) == (Outcome.ERROR, False)


def test_thousands_separators_in_durations_are_read() -> None:
    assert named("surefire-retries.xml")["steady"].duration == 1230.5


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0.25", 0.25), ("1,234.5", 1234.5), ("12,345", 12345.0), ("0,042", 0.042), ("1e-3", 0.001), ("3s", 3.0),
        ("NaN", None), ("inf", None), ("-1", None), ("", None), ("soon", None), ("1e300", None),
    ],
)  # fmt: skip
def test_durations_are_seconds_or_unknown(written: str, seconds: float | None) -> None:
    assert only(f'<testcase name="t" time="{written}"/>').duration == seconds


def test_a_report_without_durations_has_none() -> None:
    assert parse(b'<testsuite><testcase name="t"/></testsuite>').duration is None


def test_the_worst_child_decides() -> None:
    assert only('<testcase name="t"><skipped/><error message="e"/></testcase>').outcome is Outcome.ERROR
    assert only('<testcase name="t"><skipped/><failure message="f"/></testcase>').outcome is Outcome.FAILED
    both = only('<testcase name="t"><failure message="f"/><error message="e"/></testcase>')
    assert (both.outcome, both.message) == (Outcome.ERROR, "e")


def test_a_failure_that_catch2_expects_is_a_skip() -> None:
    cases = named("catch2.xml")
    assert cases["may fail"].outcome is Outcome.SKIPPED
    assert cases["should fail"].outcome is Outcome.SKIPPED


def test_a_failure_that_qttest_expects_is_a_skip() -> None:
    case = only('<testcase name="t" result="xfail"><failure tag="1" message="later" result="xfail"/></testcase>')
    assert case.outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("attributes", "outcome"),
    [
        ('status="run" result="completed"', Outcome.PASSED),
        ('status="notrun" result="suppressed"', Outcome.SKIPPED),
        ('status="disabled"', Outcome.SKIPPED),
        ('status="failed"', Outcome.FAILED),
        ('status="error"', Outcome.ERROR),
    ],
)
def test_an_outcome_may_stand_in_an_attribute_only(attributes: str, outcome: Outcome) -> None:
    assert only(f'<testcase name="t" {attributes}/>').outcome is outcome


def test_names_of_nested_suites_make_a_path() -> None:
    text = (
        b'<testsuites name="all"><testsuite name="unit"><testsuite name="Calc" file="calc.php">'
        b'<testcase name="adds"/></testsuite></testsuite></testsuites>'
    )
    (case,) = parse(text).cases
    assert (case.suite, case.file) == ("unit > Calc", "calc.php")


def test_the_time_of_the_run_is_no_part_of_a_suite_s_name() -> None:
    assert {case.suite for case in named("unittest-xml-reporting.xml").values()} == {"utests.test_unit.CartTests"}


def test_a_case_without_a_name_gets_one() -> None:
    assert only("<testcase/>").name == "(unnamed)"


def test_a_message_is_the_attribute_else_the_first_line() -> None:
    told = only('<testcase name="t"><failure message="m">line 1\nline 2</failure></testcase>')
    assert (told.message, told.details) == ("m", "line 1\nline 2")
    assert only('<testcase name="t"><failure>\n line 1\nline 2</failure></testcase>').message == "line 1"
    assert only('<testcase name="t"><error type="IOError"/></testcase>').message == "IOError"


def test_terminal_colours_are_no_part_of_a_message() -> None:
    failure = b'<failure message="a &#27;[31mred&#27;[0m b">\x1b[1mbold\x1b[0m</failure>'
    report = parse(b'<testsuite><testcase name="t">' + failure + b"</testcase></testsuite>")
    (case,) = report.cases
    assert (case.message, case.details) == ("a red b", "bold")
    assert "not well-formed" in report.warnings[0]


def test_a_bare_ampersand_is_read_with_a_warning() -> None:
    report = parse(b'<testsuite><testcase name="salt & pepper"/></testsuite>')
    assert [case.name for case in report.cases] == ["salt & pepper"]
    assert len(report.warnings) == 1


def test_an_ampersand_in_cdata_stays_one_while_the_xml_around_it_is_mended() -> None:
    failure = "<failure><![CDATA[salt & pepper &#27; <\a>]]></failure>"
    report = parse(f'<testsuite><testcase name="oil & vinegar">{failure}</testcase></testsuite>'.encode())
    assert [(case.name, case.details) for case in report.cases] == [("oil & vinegar", "salt & pepper &#27; <>")]


def test_the_declared_encoding_is_heeded() -> None:
    text = '<?xml version="1.0" encoding="{}"?><testsuite><testcase name="größe"/></testsuite>'
    for encoding in ("iso-8859-1", "windows-1252", "utf-16", "cp437"):
        (case,) = parse(text.format(encoding).encode(encoding)).cases
        assert case.name == "größe"


def test_an_encoding_that_the_bytes_belie_does_no_harm() -> None:
    (case,) = parse(
        '<?xml version="1.0" encoding="utf-16"?><testsuite><testcase name="größe"/></testsuite>'.encode()
    ).cases
    assert case.name == "größe"


def test_elements_in_a_namespace_are_read() -> None:
    assert len(parse(b'<testsuite xmlns="urn:x"><testcase name="t"/></testsuite>').cases) == 1


def test_several_documents_in_one_file_are_all_read() -> None:
    report = parse((FOLDER / "junit" / "libtest-five-documents.xml").read_bytes())
    assert len(report.cases) == 15
    assert "5 XML documents" in report.warnings[0]


def test_totals_that_disagree_with_the_cases_are_a_warning() -> None:
    report = parse(b'<testsuite tests="3" failures="0"><testcase name="t"/></testsuite>')
    assert report.warnings == [
        "The file's own totals say tests 3 where its test cases give 1; the test cases were counted."
    ]


def test_totals_that_agree_are_none() -> None:
    text = (
        b'<testsuites><testsuite tests="1" failures="0"><testcase name="a"/></testsuite><testsuite/></testsuites>'
    )
    assert parse(text).warnings == []


def test_an_error_of_a_whole_suite_is_told_and_not_counted() -> None:
    report = parse(b'<testsuite name="db"><error message="no database"/><testcase name="t"/></testsuite>')
    assert report.counts().total == 1
    assert "outside of any test case" in report.warnings[0]


def test_a_very_long_name_is_kept_short_and_different() -> None:
    one, other = ("x" * 5000 + "1", "x" * 5000 + "2")
    report = parse(f'<testsuite><testcase name="{one}"/><testcase name="{other}"/></testsuite>'.encode())
    names = [case.name for case in report.cases]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= NAME_LIMIT


def test_a_very_long_traceback_keeps_its_beginning_and_its_end() -> None:
    text = "first\n" + "x" * (3 * DETAILS_LIMIT) + "\nlast"
    case = only(f'<testcase name="t"><failure message="{"m" * 9000}">{text}</failure></testcase>')
    assert case.details.startswith("first") and case.details.endswith("last")
    assert len(case.details) <= DETAILS_LIMIT
    assert len(case.message) <= MESSAGE_LIMIT


def test_megabytes_of_output_beside_a_case_are_no_trouble() -> None:
    output = f"<system-out><![CDATA[{'line of output' * 800_000}]]></system-out>"
    report = parse(f'<testsuite><testcase name="t">{output}</testcase></testsuite>'.encode())
    assert report.counts().passed == 1


def test_more_cases_than_any_suite_has_are_refused() -> None:
    with pytest.raises(ReportError, match="more than 500,000 test cases"):
        parse(b"<testsuite>" + b"<testcase/>" * (MAX_CASES + 1) + b"</testsuite>")


def test_a_todo_that_fails_is_a_skip_where_node_writes_both() -> None:
    todo = '<testcase name="t" failure="x"><skipped type="todo" message="true"/><failure message="x"/></testcase>'
    assert only(todo).outcome is Outcome.SKIPPED
    assert only(todo.replace('"todo"', '"skipped"')).outcome is Outcome.FAILED


def test_a_pending_test_that_karma_gives_a_failure_is_the_skip_that_its_suite_counts() -> None:
    suite = '<testsuite tests="1" errors="0" failures="{}"><testcase name="t">{}</testcase></testsuite>'
    pending, failed = "<skipped/><failure>x</failure>", "<failure>x</failure><skipped/>"
    assert parse(suite.format(0, pending).encode()).counts().skipped == 1
    assert parse(suite.format(1, pending).encode()).counts().failed == 1
    assert parse(suite.format(0, failed).encode()).counts().failed == 1, "QtTest's order"


def test_a_test_that_firebase_counts_as_flaky_passed() -> None:
    case = '<testcase name="t" flaky="true"><failure>Exception</failure></testcase>'
    (flaky,) = parse(f'<testsuite failures="0" flakes="1">{case}</testsuite>'.encode()).cases
    assert (flaky.outcome, flaky.flaky, flaky.message) == (Outcome.PASSED, True, "Exception")
    assert only(case).outcome is Outcome.FAILED, "what counts no flakes means something else by it"
    steady = '<testcase name="t" flaky="false"><failure>x</failure></testcase>'
    many = parse(f'<testsuite failures="60" flakes="60">{60 * steady}{60 * case}</testsuite>'.encode()).counts()
    assert (many.failed, many.passed) == (60, 60)


@pytest.mark.parametrize("kind", ["PHPUnit_Framework_SkippedTestError", "PHPUnit\\Framework\\IncompleteTestError"])
def test_what_phpunit_writes_as_an_error_and_calls_skipped_is_skipped(kind: str) -> None:
    error = f'<testcase name="t"><error type="{kind}">Later</error></testcase>'
    assert only(error).outcome is Outcome.SKIPPED
    assert parse(f"<testsuite>{60 * error}</testsuite>".encode()).counts().skipped == 60
    assert only(error.replace("TestError", "Exception")).outcome is Outcome.ERROR


def test_skips_in_qttest_s_comments_and_blacklisted_tests_are_skipped() -> None:
    skip = only('<testcase name="t"><!-- message="not here &amp; now" type="skip" --></testcase>')
    assert (skip.outcome, skip.message) == (Outcome.SKIPPED, "not here & now")
    assert only('<testcase name="t"><!-- message="x" type="qdebug" --></testcase>').outcome is Outcome.PASSED
    assert only('<testcase name="t" result="bfail"/>').outcome is Outcome.SKIPPED


def test_a_list_of_googletest_s_tests_and_a_plan_of_testlink_s_are_no_results() -> None:
    with pytest.raises(ReportError, match="lists tests that were not run"):
        parse(b'<testsuites tests="1" name="AllTests"><testsuite><testcase name="t"/></testsuite></testsuites>')
    assert parse(
        b'<testsuites time="1" name="AllTests"><testsuite><testcase name="t"/></testsuite></testsuites>'
    ).cases
    assert not sniff(b'<testsuite name="p"><testcase internalid="1" name="t"><summary/></testcase></testsuite>')
