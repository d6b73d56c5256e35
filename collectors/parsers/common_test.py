"""Erlang's Common Test: the ``suite.log`` of a run.

Written by: ct_run, rebar3 ct, erlang.mk and mix with Common Test (OTP 17 to 28); seen: OTP 25.
Specified in: the user's guide of Common Test, “Log Files”; test_server_ctrl.erl of OTP.
Read: each ``=case`` with its result, time (s) and group; the totals at the end.
Dropped: configuration functions that worked (init_per_suite and their like), links to logs, versions.
Meaning: a case is one test; skipped and auto_skipped (its configuration failed) are skips. A configuration
    function that failed itself is one error, in no count of Common Test.
"""

from __future__ import annotations

import re

from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8, seconds

_BEGINNING = re.compile(
    rb"\s*(?:=== Suite started at [^\r\n]*\r?\n\s*)?(?:=== Starting test[^\r\n]*\r?\n\s*)?"
    rb"=cases[ \t]+(?:\d|unknown)"
)
"""With groups that are repeated, Common Test does not know how many cases will run."""
_CASE = re.compile(r"\n=case[ \t]+")
_GROUP = re.compile(r"\{name,\s*'?([^,}']+)'?\}")
_CONFIGURATION = ("init_per_suite", "end_per_suite", "init_per_group", "end_per_group")


def sniff(head: bytes) -> bool:
    """Whether a log of a suite begins here."""
    return bool(_BEGINNING.match(as_utf8(head)))


def parse(data: bytes) -> TestReport:
    """Read all cases. Raises ReportError."""
    head, *told = _CASE.split("\n" + as_utf8(data).decode("utf-8", "replace"))
    cases = Cases()
    groups: list[str] = []
    broken = 0
    for case in told:
        module, _, function = case.partition("\n")[0].strip().partition(":")
        broken += _add(cases, module, function, groups, case)
        if function in ("init_per_group", "end_per_group"):
            _enter_or_leave(groups, function, _value(case, "group_props") or "")
    ends = [case for case in (head, *told) if "\n=finished " in case]
    if not ends:
        raise ReportError("The log breaks off before the run was finished (=finished).")
    own = {name: _count(ends[-1], field) for name, field in (("passed", "successful"), ("failed", "failed"))}
    warnings = [f"{broken} configuration functions failed; each is an error."] if broken else []
    return cases.report(warnings, own)


def _value(told: str, name: str) -> str | None:
    """The value of a field, which ends where a line begins with “=”."""
    mark = f"\n={name} "
    at = told.rfind(mark)
    if at < 0:
        return None
    end = told.find("\n=", at + len(mark))
    return told[at + len(mark) : end if end >= 0 else None].strip()


def _count(told: str, name: str) -> int | None:
    number = _value(told, name) or ""
    return int(number[:9]) if number.isdecimal() else None


def _enter_or_leave(groups: list[str], function: str, properties: str) -> None:
    if function == "init_per_group" and (found := _GROUP.search(properties)) and len(groups) < 64:
        groups.append(found[1])
    elif function == "end_per_group" and properties and groups:
        groups.pop()


def _add(cases: Cases, module: str, function: str, groups: list[str], told: str) -> bool:
    """Add a case; True where it is a configuration function that failed."""
    word, _, reason = (_value(told, "result") or "").partition(":")
    configuration = function in _CONFIGURATION or module == "ct_framework"
    if configuration and word != "failed":
        return False
    if word == "ok":
        outcome = Outcome.PASSED
    elif "skipped" in word:
        outcome = Outcome.SKIPPED
    elif word == "failed":
        outcome = Outcome.ERROR if configuration else Outcome.FAILED
    else:
        outcome, reason = Outcome.ERROR, f"The case has no result that is known: {word[:200]}."
    cases.add(
        name=function,
        classname=" > ".join((module, *groups)),
        outcome=outcome,
        duration=seconds(_value(told, "elapsed")),
        message=reason and " ".join(reason[:2_000].split()),
        details=reason if outcome >= Outcome.FAILED else "",
    )
    return configuration


COMMON_TEST = Format("common-test", "tests", sniff, parse)
