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

from msgspec import Struct, field

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import outline, whole
from collectors.parsers.json_typed import read, seconds
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import HEAD_BYTES

_OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "broken": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
    "unknown": Outcome.SKIPPED,
}
_SUITES = ("parentSuite", "suite", "subSuite")


def sniff(head: bytes) -> bool:
    """Whether a test's result is there: containers have children and no status.

    A long message comes before what names the test, and may fill all of what is looked at.
    """
    keys = outline(head)
    if {"children", "befores", "afters"} & keys:
        return False
    told = {"historyId", "testCaseId", "fullName", "labels", "stage"} & keys
    return ({"uuid", "name"} <= keys and len(told) >= 2) or (
        len(head) >= HEAD_BYTES and {"name", "status", "statusDetails.message"} <= keys
    )


class _Parameter(Struct, gc=False):
    name: str | None = None
    value: str | None = None
    excluded: Any = None
    mode: Any = None


class _Details(Struct, gc=False):
    message: str | None = None
    trace: str | None = None
    flaky: Any = None


class _Result(Struct, rename="camel"):
    name: str = ""
    full_name: str | None = None
    status: str | None = None
    status_details: _Details = field(default_factory=_Details)
    labels: list[_Parameter] | None = None
    parameters: list[_Parameter] | None = None
    start: Any = None
    stop: Any = None


def parse(data: bytes) -> TestReport:
    """Read the one test. Raises ReportError."""
    warnings: list[str] = []
    result = read(data, _Result, warnings)
    name, status, details = result.name, result.status or "unknown", result.status_details
    outcome = _OUTCOMES.get(status)
    if outcome is None:
        raise ReportError(f"The test “{name[:200]}” has the status “{status[:50]}”, which is not known.")
    labels = {label.name or "": label.value or "" for label in result.labels or ()}
    start, stop = whole(result.start), whole(result.stop)
    cases = Cases()
    cases.add(
        name=name + _parameters(result.parameters or [], name),
        suite=" > ".join(labels[key] for key in _SUITES if labels.get(key)),
        classname=_class(result.full_name or "", name) or labels.get("testClass", "") or labels.get("package", ""),
        outcome=outcome,
        duration=None if start is None or stop is None else seconds(stop - start),
        message=details.message or "" if outcome is not Outcome.PASSED else "",
        details=details.trace or "" if outcome >= Outcome.FAILED else "",
        flaky=outcome is Outcome.PASSED and details.flaky is True,
    )
    return cases.report(warnings)


def _class(full: str, name: str) -> str:
    """What stands before the test's own name in its full name: ``tests.test_a.TestB#test_c``, ``a.js#b c``."""
    before, mark, _ = full.partition("#")
    if mark:
        return before
    bare = name.partition("[")[0]
    return full.removesuffix(bare).rstrip(". :/>›") if bare and full.endswith(bare) else full


def _parameters(parameters: list[_Parameter], name: str) -> str:
    """The parameters that tell tests of one name apart, where the name does not hold them (pytest's does)."""
    told = [
        f"{found.name or ''}={found.value or ''}"
        for found in parameters
        if found.excluded is not True and found.mode not in ("hidden", "masked")
    ]
    return f" [{', '.join(told)}]" if told and not name.endswith("]") else ""


ALLURE = Format("allure", "tests", sniff, parse)
