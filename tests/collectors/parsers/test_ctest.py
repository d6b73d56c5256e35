"""What CTest's dashboard file means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.ctest import parse, sniff
from collectors.parsers.results import CaseResult, Outcome

from .known import FOLDER


def named(file: str) -> dict[str, CaseResult]:
    return {case.name: case for case in parse((FOLDER / "ctest" / file).read_bytes()).cases}


def test_tests_that_could_not_start_are_failed_and_those_that_chose_not_to_run_are_skipped() -> None:
    cases = named("ctest-4.xml")
    assert {cases[name].outcome for name in ("missing", "files")} == {Outcome.FAILED}
    assert {cases[name].outcome for name in ("skip", "off")} == {Outcome.SKIPPED}
    assert cases["missing"].message == "Unable to find executable"


def test_a_test_of_a_subfolder_has_it_for_its_suite() -> None:
    assert (named("ctest-4.xml")["deep"].suite, named("ctest-4.xml")["pass"].suite) == ("sub", "")


def test_output_without_its_colours_stands_with_a_failure_only() -> None:
    cases = named("ctest.xml")
    assert cases["fail"].details == "arg 1 <&> größe red"
    assert cases["pass"].details == ""


def test_packed_output_is_left_out() -> None:
    packed = '<Measurement><Value encoding="base64" compression="gzip">eJwL</Value></Measurement>'
    test = f'<Test Status="failed"><Name>t</Name><Results>{packed}</Results></Test>'
    (case,) = parse(f"<Site><Testing>{test}</Testing></Site>".encode()).cases
    assert (case.outcome, case.details) == (Outcome.FAILED, "")


def test_what_else_is_sent_to_a_dashboard_is_no_test_file() -> None:
    for name in ("Build", "Configure", "Coverage", "DynamicAnalysis", "Notes", "Update"):
        assert not sniff(f'<Site BuildName="b"><{name}><StartDateTime/></{name}></Site>'.encode())
