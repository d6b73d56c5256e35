"""Events of ``go test -json`` in the order and disorder that go writes them."""

from __future__ import annotations

import pytest

from collectors.parsers.go_test_json import parse, sniff
from collectors.parsers.results import Outcome, ReportError

from .known import FOLDER


def test_output_of_go_without_json_is_no_report() -> None:
    assert not sniff(b"ok  \texample.com/a\t0.1s\nFAIL\n")
    assert not sniff(b'{"level":"info","msg":"started"}\n{"level":"info"}\n')


def test_what_the_go_command_says_first_may_stand_before_the_events() -> None:
    assert sniff(b'go: downloading x\n{"Action":"start","Package":"a"}\n{"Action":"pass","Package":"a"}\n')


def test_a_file_that_ends_while_a_package_runs_was_cut_short() -> None:
    with pytest.raises(ReportError, match=r"breaks off while the tests of example\.com/a"):
        parse(
            b'{"Action":"start","Package":"example.com/a"}\n{"Action":"pass","Package":"example.com/a","Test":"T"}\n'
        )


def test_a_build_that_failed_says_what_the_compiler_said() -> None:
    errors = [
        case
        for case in parse((FOLDER / "go-test-json" / "go-1.24-build-fails.jsonl").read_bytes()).cases
        if case.outcome is Outcome.ERROR
    ]
    assert [(case.classname, case.message) for case in errors] == [
        ("example.com/acme/tally/broken", "broken/b_test.go:6:28: undefined: undefinedThing"),
        ("example.com/acme/tally/exits", "cannot reach the database"),
    ]


def test_a_failure_says_the_line_that_the_test_wrote() -> None:
    cases = parse((FOLDER / "go-test-json" / "go-1.19.jsonl").read_bytes()).cases
    (wrong,) = (case for case in cases if case.name == "TestDiv/wrong")
    assert (wrong.classname, wrong.message) == ("example.com/acme/tally/mathx", "Div(5,2)=2 want 3")


def test_events_of_test2json_need_no_package() -> None:
    data = b'{"Action":"run","Test":"TestA"}\n{"Action":"pass","Test":"TestA"}\n{"Action":"pass"}\n'
    assert sniff(data)
    assert [case.name for case in parse(data).cases] == ["TestA"]
