"""Scenarios of Cucumber and behave: what they are called and how they ended."""

from __future__ import annotations

from collectors.parsers import behave_json, cucumber_json, cucumber_messages
from collectors.parsers.results import Outcome

from .known import FOLDER


def test_examples_of_one_outline_are_different_tests() -> None:
    cases = cucumber_json.parse((FOLDER / "cucumber-json" / "cucumber-jvm.json").read_bytes()).cases
    assert [case.name for case in cases] == ["buy", "sell", "sell (2)", "empty"]


def test_a_failing_background_fails_the_scenario_behind_it_only() -> None:
    cases = cucumber_json.parse((FOLDER / "cucumber-json" / "cucumber-jvm.json").read_bytes()).cases
    assert [(case.outcome, case.message) for case in cases[1:3]] == [
        (Outcome.FAILED, "no shop"),
        (Outcome.PASSED, ""),
    ]


def test_a_scenario_that_passed_at_the_second_attempt_is_flaky() -> None:
    cases = cucumber_messages.parse((FOLDER / "cucumber-messages" / "cucumber-js-retry.ndjson").read_bytes()).cases
    assert [(case.classname, case.name) for case in cases if case.flaky] == [("Retry", "flaky")]


def test_messages_and_json_of_one_run_tell_the_same() -> None:
    names = ("cucumber-js", "cucumber-js-retry")
    for name in names:
        messages = cucumber_messages.parse((FOLDER / "cucumber-messages" / f"{name}.ndjson").read_bytes()).cases
        results = cucumber_json.parse((FOLDER / "cucumber-json" / f"{name}.json").read_bytes()).cases
        assert {(case.classname, case.name, case.outcome) for case in messages} == {
            (case.classname, case.name, case.outcome) for case in results
        }


def test_behaves_errors_are_told_from_its_failures() -> None:
    cases = behave_json.parse((FOLDER / "behave-json" / "behave.json").read_bytes()).cases
    assert {case.name for case in cases if case.outcome is Outcome.ERROR} == {"undefined", "boom", "hook"}
    assert {case.name for case in cases if case.outcome is Outcome.FAILED} == {"wrong", "many -- @1.2 "}


def test_the_template_of_an_outline_is_no_test_beside_its_examples() -> None:
    template = b'{"id": "a;o", "name": "O", "type": "scenario_outline", "steps": [{"name": "<n>"}], "examples": []}'
    example = b'{"name": "O", "type": "scenario", "steps": [{"name": "1", "result": {"status": "passed"}}]}'
    data = b'[{"uri": "a", "name": "A", "elements": [' + template + b", " + example + b"]}]"
    counts = cucumber_json.parse(data).counts()
    assert (counts.total, counts.passed) == (1, 1)
    ran = template.replace(b'"<n>"', b'"1", "result": {"status": "passed"}')
    assert cucumber_json.parse(data.replace(template, ran)).counts().passed == 2


def test_messages_that_begin_with_the_start_of_the_run_are_known() -> None:
    started = b'{"testRunStarted": {"timestamp": {"seconds": 1, "nanos": 0}}}\n'
    assert cucumber_messages.sniff(started + b'{"source": {"uri": "a.feature", "data": "", "mediaType": "x"}}\n')
