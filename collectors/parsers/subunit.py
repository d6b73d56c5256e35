"""Subunit: a stream of test events, as text (version 1) or as packets (version 2).

Written by: python-subunit, stestr, testrepository, testtools, ``python -m subunit.run``, OpenStack's jobs
    (version 2); cmocka, Samba's selftest, older python-subunit (version 1); seen: cmocka 1.1, python-subunit 1.4.
Specified in: the README of subunit (“The protocol”, both versions).
Read: results with names, details, times.
Dropped: tags, progress, attachments but the text of failures, routes, tests that are only listed.
Meaning: success is passed, failure failed, error an error (version 2 has no errors), skip and an expected failure
    skipped; an unexpected success is failed, as testtools counts it. A test that began and did not end is an
    error. The class is what stands before the last dot.
Differences:
* subunit-stats: counts an unexpected success among the passes
* cmocka: a test whose set-up failed is an error, in no count of the terminal
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from collectors.parsers import subunit_packets
from collectors.parsers.cases import Cases, headline
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8

_OUTCOMES = {
    "success": Outcome.PASSED,
    "successful": Outcome.PASSED,
    "failure": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skip": Outcome.SKIPPED,
    "xfail": Outcome.SKIPPED,
    "uxsuccess": Outcome.FAILED,
}
_FIRST = re.compile(
    rb"\s*(?:(?:time: \d{4}-\d\d-\d\d[^\r\n]*|progress: (?:push|pop|[+-]?\d+)|tags: [^\r\n]*)\r?\n)*"
    rb"test(?:ing)?: \S"
)
_PART = re.compile(rb"Content-Type: [^\n]*\n[^\n]*\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_SECOND = re.compile(rb"^(?:success(?:ful)?|failure|error|skip|xfail|uxsuccess|time): ", re.MULTILINE)
_LINE = re.compile(
    rb"\n(?:(test(?:ing)?)|(success(?:ful)?|failure|error|skip|xfail|uxsuccess)|(time)): ?([^\r\n]*)"
)
_PARAMETERS = re.compile(r"[(\[\s]")
_CLOSING = re.compile(rb"\n ?\](?=\r?(?:\n|\Z))")


def sniff(head: bytes) -> bool:
    """Whether packets or the first lines of a stream stand at the beginning."""
    if subunit_packets.begins(head):
        return True
    head = as_utf8(head)
    first = _FIRST.match(head)
    return bool(first and _SECOND.search(head, first.end()))


def parse(data: bytes) -> TestReport:
    """Read all results of either version. Raises ReportError."""
    warnings: list[str] = []
    cases = Cases()
    if subunit_packets.begins(data[:16]):
        _read_packets(data, cases, warnings)
    else:
        _read_text(as_utf8(data), cases)
    if not cases.found:
        warnings.append("The stream holds no result of a test.")
    return cases.report(warnings)


def _read_packets(data: bytes, cases: Cases, warnings: list[str]) -> None:
    found = list(subunit_packets.results(data, warnings))
    names = [_split(result.test) for result in found]
    cases.add_many(
        [name for _, name in names],
        [result.outcome for result in found],
        classnames=[classname for classname, _ in names],
        durations=[result.seconds for result in found],
        messages=[result.reason or headline(result.details) for result in found],
        details=[result.details for result in found],
    )


def _read_text(data: bytes, cases: Cases) -> None:
    now: datetime | None = None
    running: dict[str, datetime | None] = {}
    data, at = b"\n" + data, 0
    while found := _LINE.search(data, at):
        rest, at = found[4].strip(), found.end()
        if found[3]:
            now = _time(rest)
            continue
        details = b""
        if found[2]:
            rest, details, at = _details(data, rest, at)
        name = rest.decode("utf-8", "replace")
        if found[1]:
            running[name] = now
            continue
        began = running.pop(name, None)
        classname, own = _split(name)
        took = (now - began).total_seconds() if now and began and now >= began else None
        cases.add(
            name=own, classname=classname, outcome=_OUTCOMES[found[2].decode()], duration=took,
            details=details.decode("utf-8", "replace"),
        )  # fmt: skip
    for name in running:
        classname, own = _split(name)
        cases.add(name=own, classname=classname, outcome=Outcome.ERROR, message="The test did not end.")


def _details(data: bytes, rest: bytes, at: int) -> tuple[bytes, bytes, int]:
    """Name, details and where they end. Raises ReportError where their end is missing."""
    name, bracket, inline = rest.partition(b" [ ")
    if bracket and inline.endswith(b" ]"):
        return name.strip(), inline[:-2], at
    if not rest.endswith((b" [", b" [ multipart")):
        return rest, b"", at
    name = rest.removesuffix(b" multipart")[:-1].strip()
    closing = _CLOSING.search(data, at)
    if not closing:
        raise ReportError(f"The stream breaks off within the details of “{name[:200].decode('utf-8', 'replace')}”.")
    details = data[at : min(closing.start() + 1, at + 200_000)].lstrip()
    return name, (_contents(details) if rest.endswith(b" multipart") else details).rstrip(), closing.end()


def _contents(multipart: bytes) -> bytes:
    """What the parts of a failure's details say, without their types, names and the lengths of their chunks."""
    said: list[bytes] = []
    at = 0
    while part := _PART.match(multipart, at):
        said.append(b"\n" if said else b"")
        at = part.end()
        while chunk := _CHUNK.match(multipart, at):
            at = chunk.end() + int(chunk[1], 16)
            said.append(multipart[chunk.end() : at])
            if at == chunk.end():
                break
    return b"".join(said) or multipart


def _split(test: str) -> tuple[str, str]:
    """Class and name of ``module.Class.test_name(scenario)``."""
    parameters = _PARAMETERS.search(test)
    classname, _, _ = test[: parameters.start() if parameters else None].rpartition(".")
    return (classname, test[len(classname) + 1 :]) if classname else ("", test)


def _time(rest: bytes) -> datetime | None:
    text = rest.decode("ascii", "replace").removesuffix("Z").strip().replace(" ", "T")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


SUBUNIT = Format("subunit", "tests", sniff, parse)
