"""Mocha's JSON: the reporters ``json`` and ``json-stream``.

Written by: Mocha (1 to 12; ``--reporter json``, ``json-stream``), Cypress with the same reporter, mocha-multi and
    mocha-multi-reporters; seen: Mocha 12.0.
Specified in: lib/reporters/json.js and json-stream.js of Mocha.
Read: passes, pending tests and failures, also those of hooks; titles, files, durations (ms), messages and stacks,
    retries.
Dropped: speed, the whole list of tests (it repeats the three), generated and expected values.
Meaning: pending is skipped; a failing hook is a failure of its own, as in Mocha's own number of failures. A pass
    at a later attempt (``currentRetry``) is flaky. The class is what stands before the title.
Differences:
* Mocha (json-stream): pending tests are in its totals and not in the stream
"""

from __future__ import annotations

from typing import Any

import orjson

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import duration, load_object, mapping, objects, outline, text, whole
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8

_LISTS = (("passes", Outcome.PASSED), ("pending", Outcome.SKIPPED), ("failures", Outcome.FAILED))
_STREAM = b'["start",{"total":'


def sniff(head: bytes) -> bool:
    """Whether Mocha's statistics and lists are there, or a stream begins with its number of tests."""
    if as_utf8(head).lstrip().startswith(_STREAM):
        return True
    keys = outline(head)
    return (
        {"stats.suites", "stats.passes"} <= keys and ("tests" in keys or "passes" in keys) and "results" not in keys
    )


def parse(data: bytes) -> TestReport:
    """Read all tests of a report or a stream. Raises ReportError."""
    warnings: list[str] = []
    cases = Cases()
    if as_utf8(data[:1000]).lstrip().startswith(_STREAM):
        stats = _read_stream(as_utf8(data), cases)
        listed = [name for name, _ in _LISTS if name != "pending"]
        if whole(stats.get("pending")):
            warnings.append(f"{stats['pending']} pending tests are not listed; they are not counted.")
    else:
        report = load_object(data, warnings)
        stats = mapping(report.get("stats"))
        listed = [name for name, _ in _LISTS]
        if not isinstance(report.get("passes"), list) or not isinstance(report.get("failures"), list):
            raise ReportError("The report does not list its passes and failures.")
        for name, outcome in _LISTS:
            for test in objects(report.get(name)):
                _add(cases, test, outcome)
    own = {"passes": "passed", "failures": "failed", "pending": "skipped"}
    return cases.report(warnings, {own[name]: whole(stats.get(name)) for name in listed})


def _read_stream(data: bytes, cases: Cases) -> dict[str, Any]:
    """Add the tests of a stream and give its last line's totals. Raises ReportError where that is missing."""
    for number, line in enumerate(data.splitlines(), 1):
        if not line.startswith(b"["):
            continue  # what the tests printed
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise ReportError(f"The stream breaks off or is broken in line {number}.") from error
        kind, body = (event[0], mapping(event[1])) if isinstance(event, list) and len(event) == 2 else ("", {})
        if kind == "end":
            return body
        if kind in ("pass", "fail"):
            _add(cases, body, Outcome.PASSED if kind == "pass" else Outcome.FAILED)
    raise ReportError("The stream breaks off before its end: the last line is not “end”.")


def _add(cases: Cases, test: dict[str, Any], outcome: Outcome) -> None:
    title, full = text(test.get("title")), text(test.get("fullTitle"))
    error = test.get("err")
    failed = outcome is Outcome.FAILED
    message = text(mapping(error).get("message")) or text(error)
    stack = text(mapping(error).get("stack")) or text(test.get("stack"))
    cases.add(
        name=title or full,
        classname=full.removesuffix(title).strip() if title else "",
        outcome=outcome,
        duration=duration(test.get("duration"), 0.001),
        message=message if failed else "",
        details=stack if failed else "",
        file=text(test.get("file")),
        flaky=outcome is Outcome.PASSED and bool(whole(test.get("currentRetry"))),
    )


MOCHA_JSON = Format("mocha-json", "tests", sniff, parse)
