"""Cucumber's JSON: features, scenarios and steps with their results.

Written by: cucumber-js (to 12), Cucumber-JVM, cucumber-ruby, godog, Karate, Reqnroll and SpecFlow, pytest-bdd
    (``--cucumberjson``), Cypress' cucumber preprocessor, converters of cucumber messages; seen: cucumber-js 12.9.
Specified in: the schemas of cucumber/cucumber-json-schema; the formatters' sources.
Read: scenarios and the examples of outlines, the results of their steps, hooks and backgrounds, durations (ns).
Dropped: embeddings, output, arguments, tags, descriptions.
Meaning: a scenario (an example of an outline) is one test; it ended as its worst step or hook, a background's
    steps count to the scenario behind it. An undefined or ambiguous step is an error, a pending one a skip. A
    scenario without a step is a skip. Of several examples with one name the second and further ones are numbered.
Differences:
* cucumber-js: counts undefined scenarios apart from failed ones
"""

from __future__ import annotations

from typing import Any

from collectors.parsers.cases import Cases, Namesakes
from collectors.parsers.json_reading import duration, load, mapping, objects, outline, text
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "skipped": Outcome.SKIPPED,
    "pending": Outcome.SKIPPED,
    "unknown": Outcome.SKIPPED,
    "undefined": Outcome.ERROR,
    "ambiguous": Outcome.ERROR,
}
SEVERITY = ("passed", "unknown", "skipped", "pending", "undefined", "ambiguous", "failed")
"""A scenario is what its worst step is; a failed step makes a failure although others are undefined."""


def sniff(head: bytes) -> bool:
    """Whether this is a list of features with a ``uri``; behave's have a ``location``."""
    keys = outline(head)
    return "[].elements" in keys and ("[].uri" in keys or "[].elements[].id" in keys) and "[].location" not in keys


def parse(data: bytes) -> TestReport:
    """Read all scenarios. Raises ReportError."""
    warnings: list[str] = []
    features = load(data, warnings)
    if not isinstance(features, list):
        raise ReportError("The JSON is no list of features.")
    cases = Cases()
    names = Namesakes()
    for feature in objects(features):
        background: list[dict[str, Any]] = []
        for element in objects(feature.get("elements")):
            if element.get("type") == "background":
                background = _parts(element)
            else:
                _add(cases, names, feature, element, background + _parts(element))
                background = []
    return cases.report(warnings)


def _parts(element: dict[str, Any]) -> list[dict[str, Any]]:
    """Hooks and steps of a scenario, those around each step too."""
    parts = objects(element.get("before"))
    for step in objects(element.get("steps")):
        parts += [*objects(step.get("before")), step, *objects(step.get("after"))]
    return parts + objects(element.get("after"))


def _add(
    cases: Cases, names: Namesakes, feature: dict[str, Any], element: dict[str, Any], parts: list[dict[str, Any]]
) -> None:
    file, group = text(feature.get("uri")), text(feature.get("name"))
    scenario = text(element.get("name"))
    worst, message, took = "", "", 0.0
    timed = False
    for part in parts:
        result = mapping(part.get("result"))
        status = text(result.get("status")).lower() or "unknown"
        if status not in OUTCOMES:
            raise ReportError(f"A step of “{scenario[:200]}” has the status “{status[:50]}”, which is not known.")
        if not worst or SEVERITY.index(status) > SEVERITY.index(worst):
            worst = status
            message = text(result.get("error_message"))
            if not message and OUTCOMES[status] is Outcome.ERROR:
                message = f"The step “{text(part.get('name'))[:500]}” is {status}."
        if (nanoseconds := duration(result.get("duration"), 1e-9)) is not None:
            took, timed = took + nanoseconds, True
    cases.add(
        name=names.name(text(element.get("line")), file, group, scenario),
        suite=file, classname=group, outcome=OUTCOMES[worst or "unknown"], duration=took if timed else None,
        details=message, file=file,
    )  # fmt: skip


CUCUMBER_JSON = Format("cucumber-json", "tests", sniff, parse)
