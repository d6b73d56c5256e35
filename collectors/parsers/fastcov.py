"""fastcov's JSON: gcov's results, merged, by source file and test name.

Written by: fastcov 1.0 to 1.17 (its own format, without ``--lcov``), for GCC 9 and later.
Specified in: fastcov's README and ``fastcov.py`` (“fastcov json”).
Read: each file's lines with counts and its branches; several test names are added up.
Dropped: functions.
Meaning: a line with a count above zero is covered. The place of a count in a line's list is the branch.
Notes: a branch's identity is its place in the list.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import chain, zip_longest
from operator import add
from typing import Annotated, Any

from msgspec import Meta, Struct

from collectors.parsers.branches import add_named
from collectors.parsers.json_reading import load_object, mapping, outline
from collectors.parsers.json_typed import exactly
from collectors.parsers.lines import MAX_HITS, Hits, Line, LineTable, refuse_too_many
from collectors.parsers.listed import ListedBranches
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name

_FUNCTION = re.compile(r"sources\..*\.functions\..*\.execution_count", re.DOTALL)


def sniff(head: bytes) -> bool:
    """Whether a test of a file in “sources” has functions, branches and lines; others have one of them there.

    Functions alone do where they have counts: those of the first file may take all that is seen.
    """
    keys = outline(head)
    if "sources" not in keys:
        return False
    tests = [key.removesuffix("lines") for key in keys if key.startswith("sources.") and key.endswith(".lines")]
    if any(test + "functions" in keys and test + "branches" in keys for test in tests):
        return True
    return any(key.endswith(".execution_count") and _FUNCTION.fullmatch(key) for key in keys)


class _Test(Struct, gc=False):
    """What ran under one test name."""

    lines: dict[Line, Hits] = {}
    branches: dict[Line, Annotated[list[Hits], Meta(min_length=1)]] = {}


class _Report(Struct, gc=False):
    sources: dict[str, Annotated[dict[str, _Test], Meta(min_length=1)]]


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many(data.count(b",") // 2)
    plain = exactly(data, _Report)
    if plain is not None:
        return CoverageReport([_plain_file(path, *tests.values()) for path, tests in plain.sources.items()])
    warnings: list[str] = []
    told = load_object(data, warnings).get("sources")
    if not isinstance(told, dict):
        raise ReportError("The JSON has no object “sources”: it is cut short or no report of fastcov.")
    table = LineTable()
    files = []
    for path, tests in told.items():
        file = FileCoverage(bounded_name(path), {})
        files.append(file)
        try:
            _read_file(mapping(tests), file, table)
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            raise ReportError(f"The lines or branches of {path[:200]} are not as fastcov has them.") from error
    return CoverageReport(files, warnings + table.warnings())


def _plain_file(path: str, test: _Test, *others: _Test) -> FileCoverage:
    """A file under one test name, as nearly all are, or under several."""
    hits, counts = test.lines, test.branches
    for other in others:
        if other.lines.keys() == hits.keys():  # as nearly always: tests of one program
            hits.update(zip(hits, map(add, hits.values(), map(other.lines.__getitem__, hits)), strict=True))
        else:
            hits.update({line: hits.get(line, 0) + count for line, count in other.lines.items()})
        if hits and max(hits.values()) > MAX_HITS:
            hits = {line: min(count, MAX_HITS) for line, count in hits.items()}
        for line, row in other.branches.items():
            counts[line] = list(map(max, zip_longest(counts.get(line, ()), row, fillvalue=0)))
    return FileCoverage(bounded_name(path), hits, ListedBranches(partial(_numbers, counts), "") if counts else {})


def _numbers(counts: dict[int, list[int]]) -> list[int]:
    """Line, 0, place and count of each branch, one behind the other."""
    rows = [(line, 0, place, count) for line, row in counts.items() for place, count in enumerate(row)]
    return list(chain.from_iterable(rows))


def _read_file(tests: dict[str, Any], file: FileCoverage, table: LineTable) -> None:
    hits: dict[int, int] = {}
    for test in tests.values():
        for line, count in (test.get("lines") or {}).items():
            hits[int(line)] = min(hits.get(int(line), 0) + max(int(count), 0), MAX_HITS)
        for line, counts in (test.get("branches") or {}).items():
            add_named(file, {int(line): {str(place): count > 0 for place, count in enumerate(counts)}})
    table.add(file, list(hits), list(hits.values()))


FASTCOV = Format("fastcov", "coverage", sniff, parse)
