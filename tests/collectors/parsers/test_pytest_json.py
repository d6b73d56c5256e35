"""pytest-json-report's tests are those of pytest's JUnit XML."""

from __future__ import annotations

from collectors.parsers import junit, pytest_names
from collectors.parsers.pytest_json import parse
from collectors.parsers.results import Outcome

from .known import FOLDER


def test_names_are_those_of_the_junit_file() -> None:
    here = parse((FOLDER / "pytest-json" / "pytest-9.json").read_bytes()).cases
    there = junit.parse((FOLDER / "junit" / "pytest.xml").read_bytes()).cases
    shared = {(case.classname, case.name) for case in here} & {(case.classname, case.name) for case in there}
    assert len(shared) >= 36  # escapes differ for names with control characters


def test_brackets_may_hold_what_looks_like_an_address() -> None:
    assert pytest_names.split("a/b.py::C::d[e/f::g[h]]") == ("a.b.C", "d[e/f::g[h]]", "a/b.py")


def test_a_rerun_that_passed_is_flaky() -> None:
    cases = parse((FOLDER / "pytest-json" / "collection-errors-and-reruns.json").read_bytes()).cases
    assert [(case.name, case.outcome) for case in cases if case.flaky] == [("test_flaky", Outcome.PASSED)]
    assert next(case.name for case in cases if case.outcome is Outcome.ERROR) == "sub.test_b"
