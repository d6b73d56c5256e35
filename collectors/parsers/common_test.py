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
from dataclasses import dataclass, field

from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8, seconds

_BEGINNING = re.compile(
    rb"\s*(?:=== Suite started at [^\r\n]*\r?\n\s*)?(?:=== Starting test[^\r\n]*\r?\n\s*)?"
    rb"=cases[ \t]+(?:\d|unknown)"
)
"""With groups that are repeated, Common Test does not know how many cases will run."""
_FIELD = re.compile(
    rb"^=(case|result|elapsed|group_props|failed|successful|finished)[ \t]+([^\r\n]*(?:\r?\n(?![=])[^\r\n]*)*)",
    re.MULTILINE,
)
_GROUP = re.compile(r"\{name,\s*'?([^,}']+)'?\}")
_CONFIGURATION = ("init_per_suite", "end_per_suite", "init_per_group", "end_per_group")


def sniff(head: bytes) -> bool:
    """Whether a log of a suite begins here."""
    return bool(_BEGINNING.match(as_utf8(head)))


@dataclass(slots=True)
class _Case:
    """One ``=case`` as far as it was read."""

    module: str
    function: str
    groups: tuple[str, ...]
    result: str | None = None
    elapsed: float | None = None


@dataclass(slots=True)
class _Log:
    """What the fields said."""

    cases: list[_Case] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    own: dict[bytes, int] = field(default_factory=dict)
    finished: bool = False

    def read(self, name: bytes, value: str) -> None:
        case = self.cases[-1] if self.cases else None
        if name == b"case":
            module, _, function = value.strip().partition(":")
            self.cases.append(_Case(module, function, tuple(self.groups)))
        elif name in (b"failed", b"successful"):
            if value.strip().isdecimal():
                self.own[name] = int(value.strip()[:9])
        elif name == b"finished":
            self.finished = True
        elif case and name == b"result":
            case.result = value.strip()
        elif case and name == b"elapsed":
            case.elapsed = seconds(value)
        elif case and name == b"group_props":
            self._group(case, value)

    def _group(self, case: _Case, value: str) -> None:
        if case.function == "init_per_group" and (found := _GROUP.search(value)) and len(self.groups) < 64:
            self.groups.append(found[1])
        elif case.function == "end_per_group" and self.groups:
            self.groups.pop()


def parse(data: bytes) -> TestReport:
    """Read all cases. Raises ReportError."""
    log = _Log()
    for name, value in _FIELD.findall(as_utf8(data)):
        log.read(name, value[:200_000].decode("utf-8", "replace"))
    if not log.finished:
        raise ReportError("The log breaks off before the run was finished (=finished).")
    cases = Cases()
    broken = sum(_add(cases, case) for case in log.cases)
    own = {"passed": log.own.get(b"successful"), "failed": log.own.get(b"failed")}
    warnings = [f"{broken} configuration functions failed; each is an error."] if broken else []
    return cases.report(warnings, own)


def _add(cases: Cases, case: _Case) -> bool:
    """Add a case; True where it is a configuration function that failed."""
    word, _, said = (case.result or "").partition(":")
    configuration = case.function in _CONFIGURATION or case.module == "ct_framework"
    if configuration and (word != "failed" or case.result is None):
        return False
    if word == "ok":
        outcome = Outcome.PASSED
    elif "skipped" in word:
        outcome = Outcome.SKIPPED
    elif word == "failed":
        outcome = Outcome.ERROR if configuration else Outcome.FAILED
    else:
        outcome, said = Outcome.ERROR, f"The case has no result that is known: {word[:200]}."
    cases.add(
        name=case.function,
        classname=" > ".join((case.module, *case.groups)),
        outcome=outcome,
        duration=case.elapsed,
        message=" ".join(said[:2_000].split()),
        details=said if outcome >= Outcome.FAILED else "",
    )
    return configuration


COMMON_TEST = Format("common-test", "tests", sniff, parse)
