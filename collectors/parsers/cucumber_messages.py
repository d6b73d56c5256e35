"""Cucumber messages: every event of a run, one JSON object per line.

Written by: cucumber-js, Cucumber-JVM, cucumber-ruby, Reqnroll, playwright-bdd (``message:out.ndjson``); seen:
    cucumber-js 12.9 with protocol 32.
Specified in: cucumber/messages (JSON schemas of Envelope and its parts).
Read: pickles, test cases, their attempts, the results of their steps and hooks, durations; parse errors, hooks of
    the whole run.
Dropped: sources, attachments, step definitions, suggestions, timestamps.
Meaning: a pickle (a scenario, an example of an outline) is one test; its last attempt counts, and a pass after a
    failed attempt is flaky. Statuses are read as in cucumber-json. A file that cannot be parsed and a hook of the
    run that failed are an error each.
Differences:
* cucumber-js: counts undefined scenarios apart from failed ones
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from collectors.parsers.cases import Cases, Namesakes
from collectors.parsers.cucumber_json import OUTCOMES, SEVERITY
from collectors.parsers.json_reading import duration, mapping, outline, records, text, whole
from collectors.parsers.results import Format, Outcome, ReportError, TestReport


def sniff(head: bytes) -> bool:
    """Whether the first envelope is one of those that begin a run."""
    keys = outline(head)
    return (
        "meta.protocolVersion" in keys
        or {"source.uri", "source.data", "source.mediaType"} <= keys
        or {"gherkinDocument.uri", "gherkinDocument.feature"} <= keys
        or "testRunStarted.timestamp.seconds" in keys  # Cypress's preprocessor
    )


@dataclass(slots=True)
class _Attempt:
    """One attempt at a test case: its worst step so far."""

    case: str
    worst: str = ""
    message: str = ""
    seconds: float = 0.0
    ended: bool = False


@dataclass(slots=True)
class _Run:
    """What the envelopes said."""

    features: dict[str, str] = field(default_factory=dict)  # names by uri
    pickles: dict[str, dict[str, Any]] = field(default_factory=dict)
    pickle_of_case: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, _Attempt] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)
    ended: dict[str, Any] | None = None

    def read(self, envelope: dict[str, Any]) -> None:
        for kind, body in envelope.items():
            reader = _READERS.get(kind)
            if reader and isinstance(body, dict):
                reader(self, body)

    def document(self, body: dict[str, Any]) -> None:
        self.features[text(body.get("uri"))] = text(mapping(body.get("feature")).get("name"))

    def pickle(self, body: dict[str, Any]) -> None:
        self.pickles[text(body.get("id"))] = {key: body.get(key) for key in ("id", "uri", "name")}

    def test_case(self, body: dict[str, Any]) -> None:
        self.pickle_of_case[text(body.get("id"))] = text(body.get("pickleId"))

    def case_started(self, body: dict[str, Any]) -> None:
        self.attempts[text(body.get("id"))] = _Attempt(text(body.get("testCaseId")))

    def step_finished(self, body: dict[str, Any]) -> None:
        attempt = self.attempts.get(text(body.get("testCaseStartedId")))
        if attempt is None:
            raise ReportError("A step's result belongs to no attempt at a test case.")
        result = mapping(body.get("testStepResult"))
        status = text(result.get("status")).lower() or "unknown"
        if status not in OUTCOMES:
            raise ReportError(f"A step has the status “{status[:50]}”, which is not known.")
        attempt.seconds += _seconds(result.get("duration"))
        if not attempt.worst or SEVERITY.index(status) > SEVERITY.index(attempt.worst):
            attempt.worst = status
            said = text(result.get("message")) or text(mapping(result.get("exception")).get("message"))
            attempt.message = said or (f"A step is {status}." if OUTCOMES[status] is Outcome.ERROR else "")

    def case_finished(self, body: dict[str, Any]) -> None:
        if attempt := self.attempts.get(text(body.get("testCaseStartedId"))):
            attempt.ended = True

    def parse_error(self, body: dict[str, Any]) -> None:
        self.errors.append((text(mapping(body.get("source")).get("uri")), text(body.get("message"))))

    def hook_finished(self, body: dict[str, Any]) -> None:
        result = mapping(body.get("result"))
        if text(result.get("status")).lower() not in ("passed", "skipped"):
            self.errors.append(("(hook of the run)", text(result.get("message"))))

    def run_finished(self, body: dict[str, Any]) -> None:
        self.ended = body


_READERS = {
    "gherkinDocument": _Run.document,
    "pickle": _Run.pickle,
    "testCase": _Run.test_case,
    "testCaseStarted": _Run.case_started,
    "testStepFinished": _Run.step_finished,
    "testCaseFinished": _Run.case_finished,
    "parseError": _Run.parse_error,
    "testRunHookFinished": _Run.hook_finished,
    "testRunFinished": _Run.run_finished,
}


def parse(data: bytes) -> TestReport:
    """Read all envelopes. Raises ReportError."""
    warnings: list[str] = []
    run = _Run()
    for envelope in records(data, warnings):
        run.read(envelope)
    if run.ended is None:
        raise ReportError("The file breaks off before the run's end (testRunFinished).")
    cases = Cases()
    names = Namesakes()
    for attempts in _by_case(run).values():
        _add(cases, names, run, attempts)
    for name, said in run.errors:
        cases.add(name=name or "(file)", classname=name, outcome=Outcome.ERROR, details=said or "It failed.")
    red = any(case.outcome >= Outcome.FAILED for case in cases.found)
    said = text(run.ended.get("message")) or text(mapping(run.ended.get("exception")).get("message"))
    if said and not red:
        cases.add(name="(run)", outcome=Outcome.ERROR, details=said)
    return cases.report(warnings)


def _by_case(run: _Run) -> dict[str, list[_Attempt]]:
    found: dict[str, list[_Attempt]] = {}
    for attempt in run.attempts.values():
        found.setdefault(attempt.case, []).append(attempt)
    return found


def _add(cases: Cases, names: Namesakes, run: _Run, attempts: list[_Attempt]) -> None:
    last = attempts[-1]
    pickle = run.pickles.get(run.pickle_of_case.get(last.case, ""))
    if pickle is None:
        raise ReportError("A test case that ran belongs to no scenario (pickle) of the file.")
    file, scenario = text(pickle["uri"]), text(pickle["name"])
    group = run.features.get(file, "")
    outcome = OUTCOMES[last.worst or "unknown"] if last.ended else Outcome.ERROR
    cases.add(
        name=names.name(text(pickle["id"]), file, group, scenario),
        suite=file,
        classname=group,
        outcome=outcome,
        duration=last.seconds,
        details=last.message if last.ended else "The scenario did not end.",
        file=file,
        flaky=len(attempts) > 1 and outcome is Outcome.PASSED,
    )


def _seconds(value: object) -> float:
    parts = mapping(value)
    return float(whole(parts.get("seconds")) or 0) + (duration(parts.get("nanos"), 1e-9) or 0.0)


CUCUMBER_MESSAGES = Format("cucumber-messages", "tests", sniff, parse)
