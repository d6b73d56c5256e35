"""RSpec's JSON: one object per example.

Written by: RSpec (2.14 to 3.13; ``--format json``), parallel_tests and turbo_tests with it; seen: RSpec 3.12.
Specified in: lib/rspec/core/formatters/json_formatter.rb of rspec-core.
Read: examples with descriptions, status, run time (s), file, exception; errors outside of examples.
Dropped: seed, profile, pending messages but as the skip's reason, messages of deprecation.
Meaning: pending (also xit, skip and an expected failure) is skipped; a pending example that passes is failed, as
    RSpec counts it. An error outside of the examples (a file that cannot be loaded) is one error. The class is
    the description of the groups. Examples with one name are told apart by number.
"""

from __future__ import annotations

from typing import Any

from collectors.parsers.cases import Cases, Namesakes
from collectors.parsers.json_reading import duration, load_object, mapping, objects, outline, text, whole
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {"passed": Outcome.PASSED, "failed": Outcome.FAILED, "pending": Outcome.SKIPPED}
_MAX_OUTSIDE = 1_000  # cases for errors that are only counted


def sniff(head: bytes) -> bool:
    """Whether examples are described as RSpec does, or its summary is there."""
    keys = outline(head)
    return "examples" in keys and ("examples[].full_description" in keys or "summary.example_count" in keys)


def parse(data: bytes) -> TestReport:
    """Read all examples. Raises ReportError."""
    warnings: list[str] = []
    report = load_object(data, warnings)
    if not isinstance(report.get("examples"), list):
        raise ReportError("The report holds no list of examples.")
    cases = Cases()
    names = Namesakes()
    for example in objects(report["examples"]):
        _add(cases, names, example)
    summary = mapping(report.get("summary"))
    outside = min(whole(summary.get("errors_outside_of_examples_count")) or 0, _MAX_OUTSIDE)
    messages = report.get("messages")
    said = [text(message) for message in messages] if isinstance(messages, list) else []
    said = [message for message in said if "rror" in message] or said
    for number in range(outside):
        details = said[number] if number < len(said) else ""
        cases.add(
            name="(outside of examples)", outcome=Outcome.ERROR, details=details.strip() or "RSpec gives no reason."
        )
    count = whole(summary.get("example_count"))
    own = {"total": None if count is None else count + outside, "failed": whole(summary.get("failure_count"))}
    return cases.report(warnings, own)


def _add(cases: Cases, names: Namesakes, example: dict[str, Any]) -> None:
    title, full = text(example.get("description")), text(example.get("full_description"))
    status, file = text(example.get("status")), text(example.get("file_path"))
    outcome = _OUTCOMES.get(status)
    if outcome is None:
        raise ReportError(f"The example “{full[:200]}” has the status “{status[:50]}”, which is not known.")
    group = full.removesuffix(title).strip() if title else ""
    exception = mapping(example.get("exception"))
    trace = exception.get("backtrace")
    message = text(exception.get("message")).strip()
    details = "\n".join([message, *map(text, trace)]) if isinstance(trace, list) else message
    if outcome is Outcome.SKIPPED:
        message, details = text(example.get("pending_message")), ""
    mark = text(example.get("id")) or text(example.get("line_number"))
    cases.add(
        name=names.name(mark, file, group, title or full),
        suite=file, classname=group, outcome=outcome, duration=duration(example.get("run_time")),
        message=message, details=details, file=file,
    )  # fmt: skip


RSPEC_JSON = Format("rspec-json", "tests", sniff, parse)
