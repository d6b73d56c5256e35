"""Allure's results: one JSON file (``…-result.json``) per test and attempt.

Written by: the Allure 2 adapters: allure-pytest, allure-junit5, allure-testng, allure-cucumber, allure-jest,
    allure-playwright, allure-mocha, Allure.NUnit and their like; seen: allure-pytest 2.16.
Specified in: TestResult in allure-model (allure-java).
Read: name, full name, status, details, labels of suites, start and stop (ms).
Dropped: steps, attachments, fixtures (``…-container.json``), links, parameters but as part of the name.
Meaning: a file is a report of one test; its attempts are files of their own, and which stands is decided where
    they come together. ``broken`` (an exception that is no assertion) is an error; ``unknown`` is a skip, since
    it did not come to an end that Allure knows. ``statusDetails.flaky`` with a pass is flaky.
Differences:
* allure-pytest: any exception but a failed assertion is "broken", so pytest's failures are in part errors here;
  an expected failure is a skip
"""

from __future__ import annotations

from typing import Any

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import load_object, mapping, objects, outline, text, whole
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "broken": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
    "unknown": Outcome.SKIPPED,
}
_SUITES = ("parentSuite", "suite", "subSuite")


def sniff(head: bytes) -> bool:
    """Whether a test's result is there: containers have children and no status."""
    keys = outline(head)
    told = {"historyId", "testCaseId", "fullName", "labels", "stage"} & keys
    return {"uuid", "name"} <= keys and len(told) >= 2 and not {"children", "befores", "afters"} & keys


def parse(data: bytes) -> TestReport:
    """Read the one test. Raises ReportError."""
    warnings: list[str] = []
    result = load_object(data, warnings)
    name, full = text(result.get("name")), text(result.get("fullName"))
    status = text(result.get("status")) or "unknown"
    outcome = _OUTCOMES.get(status)
    if outcome is None:
        raise ReportError(f"The test “{name[:200]}” has the status “{status[:50]}”, which is not known.")
    details = mapping(result.get("statusDetails"))
    labels = {text(label.get("name")): text(label.get("value")) for label in objects(result.get("labels"))}
    start, stop = whole(result.get("start")), whole(result.get("stop"))
    cases = Cases()
    cases.add(
        name=name + _parameters(result, name),
        suite=" > ".join(labels[key] for key in _SUITES if labels.get(key)),
        classname=_class(full, name) or labels.get("testClass", "") or labels.get("package", ""),
        outcome=outcome,
        duration=(stop - start) / 1000
        if start is not None and stop is not None and 0 <= stop - start < 1e11
        else None,
        message=text(details.get("message")) if outcome is not Outcome.PASSED else "",
        details=text(details.get("trace")) if outcome >= Outcome.FAILED else "",
        flaky=outcome is Outcome.PASSED and details.get("flaky") is True,
    )
    return cases.report(warnings)


def _class(full: str, name: str) -> str:
    """What stands before the test's own name in its full name: ``tests.test_a.TestB#test_c``, ``a.js#b c``."""
    before, mark, _ = full.partition("#")
    if mark:
        return before
    bare = name.partition("[")[0]
    return full.removesuffix(bare).rstrip(". :/>›") if bare and full.endswith(bare) else full


def _parameters(result: dict[str, Any], name: str) -> str:
    """The parameters that tell tests of one name apart, where the name does not hold them (pytest's does)."""
    told = [
        f"{text(found.get('name'))}={text(found.get('value'))}"
        for found in objects(result.get("parameters"))
        if found.get("excluded") is not True and found.get("mode") not in ("hidden", "masked")
    ]
    return f" [{', '.join(told)}]" if told and not name.endswith("]") else ""


ALLURE = Format("allure", "tests", sniff, parse)
