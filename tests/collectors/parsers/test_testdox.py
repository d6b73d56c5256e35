"""What PHPUnit's testdox means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.results import Outcome
from collectors.parsers.testdox import parse

from .known import FOLDER


def test_the_first_test_of_a_class_that_cannot_be_set_up_tells_why_and_the_others_did_not_run() -> None:
    cases = parse((FOLDER / "testdox" / "fixtures.xml").read_bytes()).cases
    told = [(case.name, case.outcome, case.message) for case in cases if case.classname == "FixtureTest"]
    assert told == [
        ("testOne", Outcome.ERROR, "cannot start"),
        ("testTwo", Outcome.SKIPPED, ""),
        ("testThree", Outcome.SKIPPED, ""),
    ]
