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

from collectors.parsers.cases import Cases, Namesakes
from collectors.parsers.json_reading import duration, load, mapping, objects, outline, text
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


def parse(data: bytes) -> TestReport:
    """Read all scenarios. Raises ReportError."""
    warnings: list[str] = []
    features = load(data, warnings)
    if not isinstance(features, list):
        raise ReportError("The JSON is no list of features.")
    cases = Cases()
    names = Namesakes()
    for feature in objects(features):
        elements = [e for e in objects(feature.get("elements")) if e.get("type") != "background"]
        for element in elements:
            _add(cases, names, feature, element)
        failed = text(feature.get("status")) in ("hook_error", "error", "cleanup_error", "failed")
        if failed and not any(_status(element) not in ("passed", "skipped", "untested") for element in elements):
            name = text(feature.get("name"))
            said = "The feature failed outside of its scenarios."
            cases.add(name="(feature)", classname=name, outcome=Outcome.ERROR, message=said)
    return cases.report(warnings)


def _add(cases: Cases, names: Namesakes, feature: dict[str, Any], element: dict[str, Any]) -> None:
    group, scenario = text(feature.get("name")), text(element.get("name"))
    file = text(feature.get("location")).rpartition(":")[0]
    status = _status(element)
    outcome = _OUTCOMES.get(status)
    if outcome is None:
        raise ReportError(f"The scenario “{scenario[:200]}” has the status “{status[:50]}”, which is not known.")
    results = [mapping(step.get("result")) for step in objects(element.get("steps"))]
    took = [found for result in results if (found := duration(result.get("duration"))) is not None]
    said = [_joined(result.get("error_message")) for result in results]
    cases.add(
        name=names.name(text(element.get("location")), group, scenario),
        suite=file, classname=group, outcome=outcome, duration=sum(took) if took else None,
        message="" if outcome is not Outcome.ERROR or any(said) else f"The scenario's status is {status}.",
        details="\n".join(filter(None, said)), file=file,
    )  # fmt: skip


def _status(element: dict[str, Any]) -> str:
    if told := text(element.get("status")):
        return told
    steps = [text(mapping(step.get("result")).get("status")) for step in objects(element.get("steps"))]
    return next((status for status in ("failed", "undefined", "skipped", "passed") if status in steps), "untested")


def _joined(message: object) -> str:
    return "\n".join(map(text, message)) if isinstance(message, list) else text(message)


BEHAVE_JSON = Format("behave-json", "tests", sniff, parse)
