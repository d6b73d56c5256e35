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
from msgspec import Struct

from collectors.parsers.cases import Cases
from collectors.parsers.json_reading import mapping, outline, whole
from collectors.parsers.json_typed import loosely, read, seconds
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8

_STREAM = b'["start",{"total":'


def sniff(head: bytes) -> bool:
    """Whether Mocha's statistics and lists are there, or a stream begins with its number of tests."""
    if as_utf8(head).lstrip().startswith(_STREAM):
        return True
    keys = outline(head)
    return (
        {"stats.suites", "stats.passes"} <= keys and ("tests" in keys or "passes" in keys) and "results" not in keys
    )


class _Error(Struct, gc=False):
    message: str | None = None
    stack: str | None = None


class _Test(Struct, gc=False, rename="camel"):
    title: str = ""
    full_title: str = ""
    file: str | None = None
    duration: float | None = None
    current_retry: int | None = None
    err: _Error | str | None = None
    stack: str | None = None


class _Report(Struct):
    stats: Any = None
    passes: list[_Test] | None = None
    pending: list[_Test] | None = None
    failures: list[_Test] | None = None


def parse(data: bytes) -> TestReport:
    """Read all tests of a report or a stream. Raises ReportError."""
    warnings: list[str] = []
    cases = Cases()
    if as_utf8(data[:1000]).lstrip().startswith(_STREAM):
        stats = _read_stream(as_utf8(data), cases)
        own = {"passes": "passed", "failures": "failed"}
        if whole(stats.get("pending")):
            warnings.append(f"{stats['pending']} pending tests are not listed; they are not counted.")
    else:
        report = read(data, _Report, warnings)
        stats = mapping(report.stats)
        own = {"passes": "passed", "failures": "failed", "pending": "skipped"}
        if report.passes is None or report.failures is None:
            raise ReportError("The report does not list its passes and failures.")
        for tests, outcome in (
            (report.passes, Outcome.PASSED),
            (report.pending or (), Outcome.SKIPPED),
            (report.failures, Outcome.FAILED),
        ):
            for test in tests:
                _add(cases, test, outcome)
    return cases.report(warnings, {name: whole(stats.get(told)) for told, name in own.items()})


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
            _add(cases, loosely(body, _Test), Outcome.PASSED if kind == "pass" else Outcome.FAILED)
    raise ReportError("The stream breaks off before its end: the last line is not “end”.")


def _add(cases: Cases, test: _Test, outcome: Outcome) -> None:
    title, full = test.title, test.full_title
    message = details = ""
    if outcome is Outcome.FAILED:
        error = test.err if isinstance(test.err, _Error) else _Error(test.err)
        message, details = error.message or "", error.stack or test.stack or ""
    cases.add(
        name=title or full,
        classname=full.removesuffix(title).strip() if title else "",
        outcome=outcome,
        duration=seconds(test.duration),
        message=message,
        details=details,
        file=test.file or "",
        flaky=outcome is Outcome.PASSED and bool(test.current_retry),
    )


MOCHA_JSON = Format("mocha-json", "tests", sniff, parse)
