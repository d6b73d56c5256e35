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

from msgspec import Struct

from collectors.parsers.cases import Cases, Namesakes
from collectors.parsers.json_reading import mapping, outline, text, whole
from collectors.parsers.json_typed import read
from collectors.parsers.results import Format, Outcome, ReportError, TestReport

_OUTCOMES = {"passed": Outcome.PASSED, "failed": Outcome.FAILED, "pending": Outcome.SKIPPED}
_MAX_OUTSIDE = 1_000  # cases for errors that are only counted


def sniff(head: bytes) -> bool:
    """Whether examples are described as RSpec does, or its summary is there."""
    keys = outline(head)
    return "examples" in keys and ("examples[].full_description" in keys or "summary.example_count" in keys)


class _Exception(Struct, gc=False):
    message: str | None = None
    backtrace: list[str] | None = None


class _Example(Struct, gc=False):
    id: str | None = None
    description: str = ""
    full_description: str = ""
    status: str = ""
    file_path: str = ""
    line_number: Any = None
    run_time: float | None = None
    exception: _Exception | None = None
    pending_message: str | None = None


class _Report(Struct):
    examples: list[_Example] | None = None
    messages: list[str] | None = None
    summary: Any = None


def parse(data: bytes) -> TestReport:
    """Read all examples. Raises ReportError."""
    warnings: list[str] = []
    report = read(data, _Report, warnings)
    if report.examples is None:
        raise ReportError("The report holds no list of examples.")
    cases = Cases()
    names = Namesakes()
    for example in report.examples:
        _add(cases, names, example)
    summary = mapping(report.summary)
    outside = min(whole(summary.get("errors_outside_of_examples_count")) or 0, _MAX_OUTSIDE)
    messages = report.messages or []
    said = [message for message in messages if "rror" in message] or messages
    for number in range(outside):
        details = said[number] if number < len(said) else ""
        cases.add(
            name="(outside of examples)", outcome=Outcome.ERROR, details=details.strip() or "RSpec gives no reason."
        )
    count = whole(summary.get("example_count"))
    own = {"total": None if count is None else count + outside, "failed": whole(summary.get("failure_count"))}
    return cases.report(warnings, own)


def _add(cases: Cases, names: Namesakes, example: _Example) -> None:
    title, full, file = example.description, example.full_description, example.file_path
    outcome = _OUTCOMES.get(example.status)
    if outcome is None:
        said = example.status[:50]
        raise ReportError(f"The example “{full[:200]}” has the status “{said}”, which is not known.")
    group = full.removesuffix(title).strip() if title else ""
    message = details = ""
    if outcome is Outcome.SKIPPED:
        message = example.pending_message or ""
    elif exception := example.exception:
        message = (exception.message or "").strip()
        details = "\n".join([message, *(exception.backtrace or ())])
    mark = example.id or text(example.line_number)
    cases.add(
        name=names.name(mark, file, group, title or full),
        suite=file, classname=group, outcome=outcome, duration=example.run_time,
        message=message, details=details, file=file,
    )  # fmt: skip


RSPEC_JSON = Format("rspec-json", "tests", sniff, parse)
