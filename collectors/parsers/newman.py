"""Newman's JSON: a run of a Postman collection against an HTTP API.

Written by: newman (``-r json``); seen: newman 6.2.2.
Specified in: ``lib/reporters/json/index.js`` of newman and its README.
Read: the assertions (``pm.test``) of every request with their errors; requests that could not be made and scripts
    that broke; the folders of the collection.
Dropped: requests, responses and their times, variables, the collection's scripts.
Meaning: an assertion is a test; its class is its request, below the request's folders. A request without an answer
    and a script that broke are each an error of their own. In a second iteration the name says so, since each may
    have other data. Assertions have no durations.
Differences:
* newman: prints requests and scripts that failed apart from its assertions
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collectors.parsers.cases import Cases, Namesakes
from collectors.parsers.json_reading import mapping, objects, outline, text, whole
from collectors.parsers.json_typed import read
from collectors.parsers.results import Format, Outcome, ReportError, TestReport


def sniff(head: bytes) -> bool:
    """Whether a run stands behind a collection, or a collection begins with its items, as only newman's does."""
    keys = outline(head)
    if "run" in keys:
        return "collection" in keys and not keys.isdisjoint(("run.stats", "run.executions"))
    return "collection.item[].id" in keys and "collection.info" not in keys


class _Error(Struct, gc=False):
    name: str = ""
    message: str = ""
    stack: str | None = None


class _Assertion(Struct, gc=False):
    assertion: str = ""
    skipped: bool | None = None
    error: _Error | None = None


class _Script(Struct, gc=False):
    error: _Error | None = None


class _Item(Struct, gc=False):
    id: str = ""
    name: str = ""


class _Cursor(Struct, gc=False):
    iteration: int | None = None


class _Execution(Struct, gc=False):
    """One request of one iteration."""

    item: _Item = field(default_factory=_Item)
    cursor: _Cursor | None = None
    assertions: list[_Assertion] | None = None
    no_answer: dict[str, Any] | None = field(name="requestError", default=None)
    before: list[_Script] | None = field(name="prerequestScript", default=None)
    after: list[_Script] | None = field(name="testScript", default=None)


class _Run(Struct):
    executions: list[_Execution] | None = None
    stats: Any = None


class _Report(Struct):
    collection: Any = None
    run: _Run = field(default_factory=_Run)


def parse(data: bytes) -> TestReport:
    """Read the assertions of all requests. Raises ReportError."""
    warnings: list[str] = []
    report = read(data, _Report, warnings)
    if report.run.executions is None:
        raise ReportError("The report holds no list of requests (run.executions).")
    collection = mapping(report.collection)
    suite = text(mapping(collection.get("info")).get("name"))
    folders = _folders(collection)
    cases, names = Cases(), Namesakes()
    for request in report.run.executions:
        above = folders.get(request.item.id, "")
        name = names.name(request.item.id, above, request.item.name)
        _add(cases, suite, f"{above} > {name}" if above else name, request)
    stated = mapping(mapping(report.run.stats).get("assertions"))
    return cases.report(warnings, {"failed": whole(stated.get("failed"))})


def _folders(collection: dict[str, Any]) -> dict[str, str]:
    """The folders above each request by the request's id, without recursion."""
    found = {}
    waiting = [("", collection)]
    while waiting:
        above, folder = waiting.pop()
        for item in objects(folder.get("item")):
            if "item" in item:
                title = text(item.get("name"))
                waiting.append((f"{above} > {title}" if above else title, item))
            else:
                found[text(item.get("id"))] = above
    return found


def _add(cases: Cases, suite: str, classname: str, request: _Execution) -> None:
    iteration = (request.cursor.iteration if request.cursor else None) or 0
    again = f" (iteration {iteration + 1})" if iteration else ""
    for name, message, details in _broken(request):
        cases.add(
            suite=suite,
            classname=classname,
            name=name + again,
            outcome=Outcome.ERROR,
            message=message,
            details=details,
        )
    for test in request.assertions or ():
        error = test.error or _Error()
        outcome = Outcome.FAILED if test.error else Outcome.SKIPPED if test.skipped else Outcome.PASSED
        cases.add(
            suite=suite, classname=classname, name=test.assertion + again, outcome=outcome,
            message=error.message, details=error.stack or "",
        )  # fmt: skip


def _broken(request: _Execution) -> Iterator[tuple[str, str, str]]:
    """Name, message and details of what went wrong around the assertions."""
    if told := request.no_answer:
        where = ":".join(text(told[key]) for key in ("address", "port") if key in told)
        parts = [text(told.get("syscall")), text(told.get("code")), where]
        yield "(request)", text(told.get("message")) or " ".join(filter(None, parts)), ""
    for name, scripts in (("(pre-request script)", request.before), ("(test script)", request.after)):
        for script in scripts or ():
            if error := script.error:
                yield name, f"{error.name}: {error.message}", error.stack or ""


NEWMAN = Format(
    "newman",
    "tests",
    sniff,
    parse,
    meaning="newman counts assertions (pm.test), of which a request may have several; each is a test here.",
)
