"""What makes two reported test cases the same test, and two failure texts the same fault (contract rule 4)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from collectors.parsers.results import CaseResult, Outcome
from dashboard.packing import digest_of

# Where CI systems and this estate's machines check a repository out; what follows is the repository's own path.
CHECKOUT_PREFIX = re.compile(
    r"(?:/home/runner/work|/Users/runner/work|/__w|/opt/actions-runner/_work|[A-Za-z]:[\\/]a)[\\/][^\\/\s:]+[\\/][^\\/\s:]+[\\/]"
    r"|/github/workspace/|/builds/[^/\s:]+/[^/\s:]+/|/home/circleci/(?:project|repo)/|/home/[^/\s:]+/builds/[^/\s:]+/"
)
MEMORY_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
ANSI_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

# What changes from night to night in one and the same failure text.
VARYING = re.compile(
    r"0x[0-9a-fA-F]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:[A-Za-z]:)?(?:[\\/][\w.@+~-]+){2,}|\d+"
)


def masked(text: str) -> str:
    """Checkout prefixes and memory addresses taken out: they differ between machines, the test does not."""
    if "/" in text or "\\" in text:
        text = CHECKOUT_PREFIX.sub("", text)
    return MEMORY_ADDRESS.sub("0x…", text) if "0x" in text else text


def fingerprint(message: str, details: str) -> bytes:
    """Sixteen bytes that two texts of one fault share; details count only where there is no message."""
    return digest_of(VARYING.sub("#", message or details).encode())


@dataclass(slots=True)
class FoldedCase:
    """One test of one report after its repeats were folded."""

    identity: bytes
    group: str
    suite: str
    classname: str
    name: str
    file: str
    outcome: Outcome
    flaky: bool
    duration: float | None
    message: str
    details: str


def fold(cases: Iterable[CaseResult], group: str) -> list[FoldedCase]:
    """A report's cases with each identity once, in order of first appearance."""
    by_name: dict[tuple[str, str], list[CaseResult]] = defaultdict(list)
    for case in cases:
        by_name[masked(case.classname), masked(case.name)].append(case)
    folded, told = [], group.encode()
    for (classname, name), same in by_name.items():
        if len(same) == 1:
            [case] = same  # as nearly all are
            suite = "" if classname else masked(case.suite)
            identity = digest_of(told, suite.encode(), classname.encode(), name.encode())
            folded.append(_folded(identity, group, suite, classname, name, same))
            continue
        suites: dict[str, list[CaseResult]] = defaultdict(list)
        for case in same:
            suites[masked(case.suite)].append(case)
        joins = not classname or len(suites) > 1
        for suite, repeats in suites.items():
            identity = digest_of(*(part.encode() for part in (group, suite if joins else "", classname, name)))
            folded.append(_folded(identity, group, suite if joins else "", classname, name, repeats))
    return folded


def _folded(
    identity: bytes, group: str, suite: str, classname: str, name: str, repeats: list[CaseResult]
) -> FoldedCase:
    standing, flaky = _standing(repeats)
    return FoldedCase(
        identity=identity,
        group=group,
        suite=suite,
        classname=classname,
        name=name,
        file=masked(standing.file),
        outcome=standing.outcome,
        flaky=flaky,
        duration=standing.duration,
        message=standing.message,
        details=standing.details,
    )


def _standing(repeats: list[CaseResult]) -> tuple[CaseResult, bool]:
    """The repeat that counts, and whether the test wavered: a retry only if exactly one pass follows failures."""
    last = repeats[-1]
    if len(repeats) == 1:
        return last, last.flaky
    *before, _ = repeats
    if last.outcome is Outcome.PASSED and all(case.outcome >= Outcome.FAILED for case in before):
        return last, True
    worst = max(repeats, key=lambda case: case.outcome)
    return worst, worst.outcome is Outcome.PASSED and any(case.flaky for case in repeats)
