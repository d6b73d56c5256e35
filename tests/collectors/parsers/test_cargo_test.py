"""libtest's and nextest's events."""

from __future__ import annotations

import json

from collectors.parsers.cargo_test import parse
from collectors.parsers.results import Outcome

from .known import FOLDER


def test_a_process_that_died_takes_its_test_with_it() -> None:
    cases = parse((FOLDER / "cargo-test" / "died.jsonl").read_bytes()).cases
    assert [(case.suite, case.name) for case in cases if case.outcome is Outcome.ERROR] == [
        ("src/lib.rs", "a::overflows")
    ]
    assert {case.suite for case in cases if case.name == "slow"} == {"tests/it.rs"}


def test_nextests_attempts_are_no_part_of_the_name_and_a_late_pass_is_flaky() -> None:
    suite = {"type": "suite", "event": "started", "test_count": 1, "nextest": {}}
    test = {"type": "test", "event": "ok", "name": "tally::it$sums#2"}
    (case,) = parse("\n".join(map(json.dumps, (suite, test, {**suite, "event": "ok"}))).encode()).cases
    assert (case.classname, case.name, case.flaky) == ("tally::it", "sums", True)


def test_a_panic_says_what_it_said() -> None:
    cases = parse((FOLDER / "cargo-test" / "libtest.jsonl").read_bytes()).cases
    (wrong,) = (case for case in cases if case.name == "sums_wrong")
    assert wrong.message == "assertion `left == right` failed"


def test_a_failure_that_was_allowed_is_a_skip_and_agrees_with_its_suite() -> None:
    events = [
        {"type": "suite", "event": "started", "test_count": 2},
        {"type": "test", "event": "ok", "name": "a"},
        {"type": "test", "event": "allowed_failure", "name": "b"},
        {"type": "suite", "event": "ok", "passed": 1, "failed": 0, "allowed_fail": 1, "ignored": 0},
    ]
    report = parse("\n".join(map(json.dumps, events)).encode())
    assert (report.counts().passed, report.counts().skipped, report.warnings) == (1, 1, [])
