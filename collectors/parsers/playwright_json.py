"""Playwright's JSON report: suites of specs, each spec run as a test in several projects and attempts.

Written by: Playwright Test (1.10 to 1.58, ``--reporter=json``, ``merge-reports --reporter=json``).
Specified in: JSONReport in packages/playwright/types/testReporter.d.ts of Playwright.
Read: suites at any depth, specs, tests by project, their attempts, errors outside of tests.
Dropped: config, steps, attachments, standard output, annotations, tags.
Meaning: one test of one project is one test; its suite is the project. ``expected`` is passed, or skipped where
    the test was expected to fail (``test.fail()``); ``unexpected`` is failed, also a pass that was not expected;
    interrupted is an error; ``flaky`` is passed and flaky. Durations are the sum of the attempts (ms). An error
    outside of the tests (a config, a global set-up, a file that cannot be loaded) is an error of its own.
Differences:
* Playwright: tests that were expected to fail, and did, are among its "passed"; tests that did not run are
  skipped
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration, load_object, mapping, objects, outline, text, whole
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OF_ATTEMPT = {
    "passed": "expected",
    "failed": "unexpected",
    "timedOut": "unexpected",
    "interrupted": "unexpected",
    "skipped": "skipped",
    "": "skipped",
}
"""Early versions give no verdict of their own."""
SKIPPED, PASSED, FAILED, ERROR = Outcome  # a member is looked up in a fifth of a microsecond, a name in none


def sniff(head: bytes) -> bool:
    """Whether specs stand in suites, or the statistics or the configuration are Playwright's."""
    keys = outline(head)
    return (
        "suites[].specs" in keys
        or ("suites" in keys and {"stats.expected", "stats.unexpected", "stats.flaky"} <= keys)
        or {"config.rootDir", "config.fullyParallel", "config.projects"} <= keys
    )


def parse(data: bytes) -> TestReport:
    """Read all tests of all projects. Raises ReportError."""
    warnings: list[str] = []
    report = load_object(data, warnings)
    if not isinstance(report.get("suites"), list):
        raise ReportError("The report holds no list of suites.")
    cases = Cases()
    for titles, spec in _specs(report["suites"]):
        name, file = text(spec.get("title")), text(spec.get("file"))
        for test in objects(spec.get("tests")):
            _add(cases, titles, name, file, test)
    errors = objects(report.get("errors"))
    for error in errors:
        place = text(mapping(error.get("location")).get("file"))
        details = text(error.get("stack")) or text(error.get("message")) or text(error.get("value"))
        cases.add(
            name="(error outside of tests)", classname=place, outcome=Outcome.ERROR, file=place,
            message=text(error.get("message")), details=details,
        )  # fmt: skip
    stats = mapping(report.get("stats"))
    told = [whole(stats.get(key)) for key in ("expected", "unexpected", "flaky", "skipped")]
    total = sum(number or 0 for number in told) + len(errors) if None not in told else None
    return cases.report(warnings, {"total": total})


def _specs(suites: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """All specs with the titles above them, in the file's order, without recursion."""
    waiting = [("", suite) for suite in reversed(objects(suites))]
    while waiting:
        above, suite = waiting.pop()
        title = text(suite.get("title"))
        titles = f"{above} > {title}" if above and title else above or title
        for spec in objects(suite.get("specs")):
            yield titles, spec
        waiting.extend((titles, inner) for inner in reversed(objects(suite.get("suites"))))


def _add(cases: Cases, titles: str, name: str, file: str, test: dict[str, Any]) -> None:
    attempts = objects(test.get("results"))
    last = attempts[-1] if attempts else {}
    outcome = _outcome(name, test, last)
    flaky = test.get("status") == "flaky"
    failed = flaky or outcome >= FAILED
    took = [found for attempt in attempts if (found := duration(attempt.get("duration"), 0.001)) is not None]
    cases.add(
        name=name,
        suite=text(test.get("projectName")) or text(test.get("projectId")),
        classname=titles,
        outcome=outcome,
        duration=sum(took) if took else None,
        details=_details(attempts[0] if flaky and attempts else last) if failed else "",
        file=file,
        flaky=flaky,
    )


def _details(attempt: dict[str, Any]) -> str:
    errors = [mapping(attempt.get("error")), *objects(attempt.get("errors"))]
    messages = [said for error in errors if (said := text(error.get("stack")) or text(error.get("message")))]
    return "\n\n".join(dict.fromkeys(messages))


def _outcome(name: str, test: dict[str, Any], last: dict[str, Any]) -> Outcome:
    status = test.get("status") or _OF_ATTEMPT.get(text(last.get("status")))
    if status == "flaky":
        return PASSED
    if status == "skipped":
        return SKIPPED
    if status == "expected":
        return PASSED if test.get("expectedStatus") in ("passed", None) else SKIPPED
    if status == "unexpected":
        return ERROR if last.get("status") == "interrupted" else FAILED
    raise ReportError(f"The test “{name[:200]}” has the status “{text(status)[:50]}”, which is not known.")


PLAYWRIGHT_JSON = Format("playwright-json", "tests", sniff, parse)
