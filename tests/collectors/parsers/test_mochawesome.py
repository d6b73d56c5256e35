"""What mochawesome's JSON means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.mochawesome import parse, sniff


def test_until_version_3_the_outermost_suite_stands_where_results_stand_since() -> None:
    data = b"""{"stats": {"testsRegistered": 1, "hasOther": false}, "suites": {"title": "", "tests": [], "suites": [
        {"title": "S", "tests": [{"title": "a", "state": "passed", "duration": 7}], "suites": []}]}}"""
    assert sniff(data)
    (case,) = parse(data).cases
    assert (case.classname, case.name, case.duration) == ("S", "a", 0.007)
