"""behave's JSON: features, scenarios and steps with their status.

Written by: behave (1.2 and 1.3; ``-f json``, ``-f json.pretty``); seen: behave 1.3.3.
Specified in: behave/formatter/json.py.
Read: scenarios, the examples of outlines, their status and the results of their steps, durations (s), messages.
Dropped: tables, texts, arguments, tags.
Meaning: a scenario is one test with behave's own status; error, hook_error, cleanup_error and undefined are
    errors, untested and pending are skips. Where an old behave gives a scenario no status, its worst step does.
    Of several scenarios with one name the second and further ones are numbered.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from collectors.parsers.cases import Cases, Namesakes
from collectors.parsers.json_reading import outline, text
from collectors.parsers.json_typed import read_list
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "error": Outcome.ERROR,
    "hook_error": Outcome.ERROR,
    "cleanup_error": Outcome.ERROR,
    "undefined": Outcome.ERROR,
    "untested_undefined": Outcome.SKIPPED,
    "untested_pending": Outcome.SKIPPED,
    "pending": Outcome.SKIPPED,
    "pending_warn": Outcome.SKIPPED,
    "xfailed": Outcome.SKIPPED,
    "skipped": Outcome.SKIPPED,
    "untested": Outcome.SKIPPED,
}


def sniff(head: bytes) -> bool:
    """Whether this is a list of features with a ``location``; Cucumber's have a ``uri``."""
    keys = outline(head)
    return {"[].keyword", "[].location", "[].name"} <= keys and "[].uri" not in keys and (
        "[].elements" in keys or "[].status" in keys
    )  # fmt: skip


class _Result(Struct, gc=False):
    status: str | None = None
    duration: float | None = None
    error_message: Any = None


class _Step(Struct, gc=False):
    result: _Result | None = None


class _Element(Struct, gc=False):
    type: str | None = None
    name: str = ""
    location: str = ""
    status: str | None = None
    steps: list[_Step] | None = None


class _Feature(Struct, gc=False):
    name: str = ""
    location: str = ""
    status: str | None = None
    elements: list[_Element] | None = None


def parse(data: bytes) -> TestReport:
    """Read all scenarios. Raises ReportError."""
    warnings: list[str] = []
    cases = Cases()
    names = Namesakes()
    for feature in read_list(data, _Feature, warnings, "features"):
        elements = [element for element in feature.elements or () if element.type != "background"]
        for element in elements:
            _add(cases, names, feature, element)
        failed = feature.status in ("hook_error", "error", "cleanup_error", "failed")
        if failed and not any(_status(element) not in ("passed", "skipped", "untested") for element in elements):
            said = "The feature failed outside of its scenarios."
            cases.add(name="(feature)", classname=feature.name, outcome=Outcome.ERROR, message=said)
    return cases.report(warnings)


def _add(cases: Cases, names: Namesakes, feature: _Feature, element: _Element) -> None:
    group, scenario = feature.name, element.name
    file = feature.location.rpartition(":")[0]
    status = _status(element)
    outcome = _OUTCOMES.get(status)
    if outcome is None:
        raise ReportError(f"The scenario “{scenario[:200]}” has the status “{status[:50]}”, which is not known.")
    results = [step.result for step in element.steps or () if step.result]
    took = [result.duration for result in results if result.duration is not None]
    said = [_joined(result.error_message) for result in results if result.error_message]
    cases.add(
        name=names.name(element.location, group, scenario),
        suite=file, classname=group, outcome=outcome, duration=sum(took) if took else None,
        message="" if outcome is not Outcome.ERROR or any(said) else f"The scenario's status is {status}.",
        details="\n".join(filter(None, said)), file=file,
    )  # fmt: skip


def _status(element: _Element) -> str:
    if element.status:
        return element.status
    steps = [step.result.status for step in element.steps or () if step.result]
    return next((status for status in ("failed", "undefined", "skipped", "passed") if status in steps), "untested")


def _joined(message: object) -> str:
    return "\n".join(map(text, message)) if isinstance(message, list) else text(message)


BEHAVE_JSON = Format("behave-json", "tests", sniff, parse)
