"""The branches of Cobertura's lines, in the ways in which tools write them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from collectors.parsers import safe_xml
from collectors.parsers.lines import LineTable
from collectors.parsers.results import FileCoverage, LineBranches

_NUMBER = safe_xml.attribute(rb"number")
_CONDITION = re.compile(rb"""\s*=\s*["'][^"'(]*\(\s*(\d{1,9})\s*/\s*(\d{1,9})\s*\)""")
_MISSING = safe_xml.attribute(rb"missing-branches")
_WITH_CONDITIONS = re.compile(rb"(<line\s[^>]*)>\s*<conditions>(.*?)</conditions>", re.DOTALL)
_JUMP = re.compile(rb"<condition\s[^>]*>")
_JUMP_NUMBER = safe_xml.attribute(rb"number")
_JUMP_COVERAGE = safe_xml.attribute(rb"coverage")
_TAKEN_OR_NOT = (b' coverage="0"', b' coverage="1"', b" coverage='0'", b" coverage='1'")
"""How a condition that is one branch says it; others have percentages there."""


@lru_cache(maxsize=10_000)
def listed(missing: bytes | None) -> tuple[str, ...] | None:
    """The branches that were not taken: lines that they go to, or “exit”."""
    return tuple(name.strip() for name in missing.decode("utf-8", "replace").split(",")) if missing else None


def read_conditions(lines: bytes, file: FileCoverage, table: LineTable) -> None:
    """Add the branches: the number of a conditioned line stands in its tag before the condition or behind it.

    What a piece holds behind its condition reaches to the next one, so the conditions in it are this line's.
    """
    pieces = lines.split(b"condition-coverage")
    for before, behind in pairwise(pieces):
        found = _CONDITION.match(behind)
        if not found:
            continue
        tag = before[before.rfind(b"<line") :] + behind[: behind.find(b">")]
        number, missing = _NUMBER.search(tag), _MISSING.search(tag)
        branches = LineBranches(min(int(found[1]), int(found[2])), int(found[2]))
        if missing:
            branches.missing = listed(missing[1])
        elif b"<condition" in behind:
            branches.taken = _taken(behind, branches)
        table.add_branches(file, number and number[1], branches)
    if any(mark in lines for mark in _TAKEN_OR_NOT):
        _read_bare_conditions(lines, file, table)


def _read_bare_conditions(lines: bytes, file: FileCoverage, table: LineTable) -> None:
    """Add the branches of lines that say in their conditions alone which were taken, as grcov's do."""
    for tag, inside in _WITH_CONDITIONS.findall(lines):
        if b"condition-coverage" in tag:
            continue
        jumps = _JUMP.findall(inside)
        rates = [rate[1] for jump in jumps if (rate := _JUMP_COVERAGE.search(jump))]
        numbers = [number[1] for jump in jumps if (number := _JUMP_NUMBER.search(jump))]
        if len(rates) != len(jumps) or not {b"0", b"1"}.issuperset(rates):
            continue
        names = [name.decode("utf-8", "replace")[:20] for name in numbers]
        taken = dict(zip(names, [rate == b"1" for rate in rates], strict=False))
        branches = LineBranches(rates.count(b"1"), len(rates), taken if len(taken) == len(rates) else None)
        number = _NUMBER.search(tag)
        table.add_branches(file, number and number[1], branches)


def _taken(behind: bytes, branches: LineBranches) -> dict[str, bool] | None:
    """Branches by the conditions that they belong to, where each was taken wholly or not at all.

    “50 %” says that one of two was taken and not which; a number that several conditions share names none.
    """
    jumps = _JUMP.findall(behind)
    told: dict[str, bool] = {}
    each = branches.valid // len(jumps) if jumps else 0
    if not 1 <= each <= 2 or each * len(jumps) != branches.valid:
        return None
    for jump in jumps:
        number, rate = _JUMP_NUMBER.search(jump), _JUMP_COVERAGE.search(jump)
        if not number or not rate or rate[1].strip() not in (b"0%", b"100%"):
            return None
        for branch in range(each):
            told[f"{number[1].decode('utf-8', 'replace')[:20]}.{branch}"] = rate[1].strip() == b"100%"
    fits = len(told) == branches.valid and list(told.values()).count(True) == branches.covered
    return told if fits else None
