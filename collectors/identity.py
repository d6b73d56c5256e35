"""What makes two reported test cases the same test, and two failure texts the same fault (contract rule 4)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct

from collectors.parsers.results import CaseResult, Outcome
from dashboard.packing import Digest, begun_digest, digest_of, ended_digest

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


class FoldedCase(Struct, gc=False):
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


class _Masked(dict[str, str]):
    """What tests have in common, classes and files, is masked once."""

    def __missing__(self, text: str) -> str:
        self[text] = found = masked(text)
        return found


class _Identities(dict[tuple[str, str], Digest]):
    """``digest_of`` group, suite, class and name; what the tests of a class share is hashed once."""

    def __init__(self, group: str) -> None:
        self.group = group.encode()

    def __missing__(self, place: tuple[str, str]) -> Digest:
        suite, classname = place
        self[place] = begun = begun_digest(self.group, suite.encode(), classname.encode())
        return begun


def fold(cases: Iterable[CaseResult], group: str) -> list[FoldedCase]:
    """A report's cases with each identity once, in order of first appearance."""
    shared, identities = _Masked(), _Identities(group)
    first: dict[tuple[str, str], CaseResult] = {}
    repeated: dict[tuple[str, str], list[CaseResult]] = {}
    for case in cases:
        key = shared[case.classname], masked(case.name)
        known = first.setdefault(key, case)
        if known is not case:
            repeated.setdefault(key, [known]).append(case)
    folded: list[FoldedCase] = []

    def add(suite: str, classname: str, name: str, case: CaseResult, flaky: bool) -> None:
        identity = ended_digest(identities[suite, classname], name.encode())
        file, outcome, seconds = shared[case.file], case.outcome, case.duration
        folded.append(
            FoldedCase(
                identity, group, suite, classname, name, file, outcome, flaky, seconds, case.message, case.details
            )
        )

    for key, case in first.items():
        classname, name = key
        if key not in repeated:  # as nearly all are
            add("" if classname else shared[case.suite], classname, name, case, case.flaky)
            continue
        for suite, repeats in _by_suite(classname, repeated[key], shared):
            add(suite, classname, name, *_standing(repeats))
    return folded


def _by_suite(
    classname: str, same: list[CaseResult], shared: Mapping[str, str]
) -> Iterable[tuple[str, list[CaseResult]]]:
    """Cases of one class and name by their suite, "" where it does not join in."""
    suites: dict[str, list[CaseResult]] = defaultdict(list)
    for case in same:
        suites[shared[case.suite]].append(case)
    joins = not classname or len(suites) > 1
    return [(suite if joins else "", repeats) for suite, repeats in suites.items()]


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
