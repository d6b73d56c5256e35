"""Mochawesome's JSON: Mocha's suites as a tree, for an HTML page.

Written by: mochawesome (1 to 8), mochawesome-merge, cypress-mochawesome-reporter; seen: mochawesome 8.1 with
    Mocha 12.0.
Specified in: the README of mochawesome and its mochawesome-report-generator (schemas of test and suite).
Read: suites at any depth, tests and failing hooks, states, durations (ms), messages and stacks.
Dropped: code, context (screenshots), statistics, tests that did not run because a hook failed (with a warning).
Meaning: pending is skipped; a failing hook is a failure of its own, as in Mocha's own number of failures.
Differences:
* mochawesome: calls the tests behind a failing hook skipped; Mocha counts them nowhere
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration, load_object, mapping, objects, outline, text
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {"passed": Outcome.PASSED, "failed": Outcome.FAILED, "pending": Outcome.SKIPPED}


def sniff(head: bytes) -> bool:
    """Whether suites stand in results as mochawesome lays them out, or its statistics stand first."""
    keys = outline(head)
    return {"results[].suites", "results[].tests"} <= keys or {"stats.testsRegistered", "stats.hasOther"} <= keys


def parse(data: bytes) -> TestReport:
    """Read all tests of all suites. Raises ReportError."""
    warnings: list[str] = []
    report = load_object(data, warnings)
    results = report.get("results")
    if results is None and isinstance(report.get("suites"), dict):
        results = [report["suites"]]  # until mochawesome 3
    if not isinstance(results, list):
        raise ReportError("The report holds no list of results.")
    cases = Cases()
    never_run = 0
    for titles, file, suite in _suites(results):
        for hook in [*objects(suite.get("beforeHooks")), *objects(suite.get("afterHooks"))]:
            if hook.get("state") == "failed" or hook.get("fail") is True:
                _add(cases, titles, file, hook, Outcome.FAILED)
        for test in objects(suite.get("tests")):
            outcome = _outcome(test)
            if outcome is None:
                never_run += 1
            else:
                _add(cases, titles, file, test, outcome)
    if never_run:
        warnings.append(f"{never_run} tests did not run because a hook failed; they are not counted.")
    return cases.report(warnings)


def _suites(results: list[Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """All suites with their titles and files, in the file's order, without recursion."""
    waiting = [("", "", suite) for suite in reversed(objects(results))]
    while waiting:
        above, file, suite = waiting.pop()
        title = text(suite.get("title"))
        titles = f"{above} > {title}" if above and title else above or title
        file = text(suite.get("fullFile")) or text(suite.get("file")) or file
        yield titles, file, suite
        waiting.extend((titles, file, inner) for inner in reversed(objects(suite.get("suites"))))


def _outcome(test: dict[str, Any]) -> Outcome | None:
    """How a test ended; None where it did not run."""
    state = text(test.get("state"))
    if state in _OUTCOMES:
        return _OUTCOMES[state]
    if test.get("pending") is True:
        return Outcome.SKIPPED
    if state and state != "skipped":
        name = text(test.get("fullTitle"))
        raise ReportError(f"The test “{name[:200]}” has the state “{state[:50]}”, which is not known.")
    return None


def _add(cases: Cases, titles: str, file: str, test: dict[str, Any], outcome: Outcome) -> None:
    error = mapping(test.get("err")) if outcome is Outcome.FAILED else {}
    cases.add(
        name=text(test.get("title")),
        classname=titles,
        outcome=outcome,
        duration=duration(test.get("duration"), 0.001),
        message=text(error.get("message")),
        details=text(error.get("estack")) or text(error.get("stack")),
        file=file,
    )


MOCHAWESOME = Format("mochawesome", "tests", sniff, parse)
