"""Cucumber's JSON: features, scenarios and steps with their results.

Written by: cucumber-js (to 12), Cucumber-JVM, cucumber-ruby, godog, Karate, Reqnroll and SpecFlow, pytest-bdd
    (``--cucumberjson``), Cypress' cucumber preprocessor, converters of cucumber messages; seen: cucumber-js 12.9.
Specified in: the schemas of cucumber/cucumber-json-schema; the formatters' sources.
Read: scenarios and the examples of outlines, the results of their steps, hooks and backgrounds, durations (ns).
Dropped: embeddings, output, arguments, tags, descriptions.
Meaning: a scenario (an example of an outline) is one test; it ended as its worst step or hook, a background's
    steps count to the scenario behind it. An undefined or ambiguous step is an error, a pending one a skip. A
    scenario without a step is a skip; an outline without results is none: old formatters wrote it before its
    examples. Of several examples with one name the second and further ones are numbered.
Differences:
* cucumber-js: counts undefined scenarios apart from failed ones
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from collectors.parsers.cases import Cases, Namesakes
from collectors.parsers.json_reading import outline, text
from collectors.parsers.json_typed import read_list
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


class _Result(Struct, gc=False):
    status: str | None = None
    duration: float | None = None
    error_message: str | None = None


class _Part(Struct, gc=False):
    """A hook or a step, with the hooks around it."""

    name: str | None = None
    result: _Result | None = None
    before: list[_Part] | None = None
    after: list[_Part] | None = None


class _Element(Struct, gc=False):
    type: str | None = None
    name: str = ""
    line: Any = None
    before: list[_Part] | None = None
    steps: list[_Part] | None = None
    after: list[_Part] | None = None


class _Feature(Struct, gc=False):
    uri: str = ""
    name: str = ""
    elements: list[_Element] | None = None


def parse(data: bytes) -> TestReport:
    """Read all scenarios. Raises ReportError."""
    warnings: list[str] = []
    cases = Cases()
    names = Namesakes()
    for feature in read_list(data, _Feature, warnings, "features"):
        background: list[_Part] = []
        for element in feature.elements or ():
            if element.type == "background":
                background = _parts(element)
            elif element.type == "scenario_outline" and not any(part.result for part in _parts(element)):
                continue  # the template; its examples stand behind it
            else:
                _add(cases, names, feature, element, background + _parts(element))
                background = []
    return cases.report(warnings)


def _parts(element: _Element) -> list[_Part]:
    """Hooks and steps of a scenario, those around each step too."""
    parts = list(element.before or ())
    for step in element.steps or ():
        parts += [*(step.before or ()), step, *(step.after or ())]
    return parts + (element.after or [])


_NOTHING = _Result()


def _add(cases: Cases, names: Namesakes, feature: _Feature, element: _Element, parts: list[_Part]) -> None:
    file, group, scenario = feature.uri, feature.name, element.name
    worst, message, took = "", "", 0.0
    timed = False
    for part in parts:
        result = part.result or _NOTHING
        status = (result.status or "unknown").lower()
        if status not in OUTCOMES:
            raise ReportError(f"A step of “{scenario[:200]}” has the status “{status[:50]}”, which is not known.")
        if not worst or SEVERITY.index(status) > SEVERITY.index(worst):
            worst = status
            message = result.error_message or ""
            if not message and OUTCOMES[status] is Outcome.ERROR:
                message = f"The step “{(part.name or '')[:500]}” is {status}."
        if result.duration is not None:
            took, timed = took + result.duration * 1e-9, True
    cases.add(
        name=names.name(text(element.line), file, group, scenario),
        suite=file, classname=group, outcome=OUTCOMES[worst or "unknown"], duration=took if timed else None,
        details=message, file=file,
    )  # fmt: skip


CUCUMBER_JSON = Format("cucumber-json", "tests", sniff, parse)
