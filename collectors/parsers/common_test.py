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
_WITH_DETAILS = (Outcome.FAILED, Outcome.ERROR)
_CONFIGURATION = ("init_per_suite", "end_per_suite", "init_per_group", "end_per_group")


def sniff(head: bytes) -> bool:
    """Whether a log of a suite begins here."""
    return bool(_BEGINNING.match(as_utf8(head)))


def parse(data: bytes) -> TestReport:
    """Read all cases. Raises ReportError."""
    head, *told = _CASE.split("\n" + as_utf8(data).decode("utf-8", "replace"))
    rows: list[tuple[str, str, Outcome, float | None, str]] = []
    groups: list[str] = []
    broken = 0
    for case in told:
        module, _, function = case.partition("\n")[0].strip().partition(":")
        configuration = function in _CONFIGURATION or module == "ct_framework"
        word, _, reason = (_value(case, "result") or "").partition(":")
        if not configuration or word == "failed":
            outcome, reason = _outcome(word, reason, configuration)
            took = seconds(_value(case, "elapsed"))
            rows.append((function, " > ".join((module, *groups)), outcome, took, reason))
            broken += configuration
        if function in ("init_per_group", "end_per_group"):
            _enter_or_leave(groups, function, _value(case, "group_props") or "")
    ends = [case for case in (head, *told) if "\n=finished " in case]
    if not ends:
        raise ReportError("The log breaks off before the run was finished (=finished).")
    warnings = [f"{broken} configuration functions failed; each is an error."] if broken else []
    own = {"passed": _count(ends[-1], "successful"), "failed": _count(ends[-1], "failed")}
    return _cases(rows).report(warnings, own)


def _cases(rows: list[tuple[str, str, Outcome, float | None, str]]) -> Cases:
    """Cases out of their name, class, outcome, duration and reason."""
    cases = Cases()
    if rows:
        names, classnames, outcomes, durations, reasons = zip(*rows, strict=True)
        cases.add_many(
            names, outcomes, classnames=classnames, durations=durations,
            messages=[reason and " ".join(reason[:2_000].split()) for reason in reasons],
            details=[reason if outcome in _WITH_DETAILS else "" for _, _, outcome, _, reason in rows],
        )  # fmt: skip
    return cases


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


def _outcome(word: str, reason: str, configuration: bool) -> tuple[Outcome, str]:
    """Outcome and reason of a case; a configuration function that failed is an error."""
    if word == "ok":
        return Outcome.PASSED, reason
    if word == "failed":
        return Outcome.ERROR if configuration else Outcome.FAILED, reason
    if "skipped" in word:
        return Outcome.SKIPPED, reason
    return Outcome.ERROR, f"The case has no result that is known: {word[:200]}."


COMMON_TEST = Format("common-test", "tests", sniff, parse)
