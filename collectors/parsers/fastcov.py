"""fastcov's JSON: gcov's results, merged, by source file and test name.

Written by: fastcov 1.0 to 1.16 (its own format, without ``--lcov``), for GCC 9 and later.
Specified in: fastcov's README and ``fastcov.py`` (“fastcov json”).
Read: each file's lines with counts and its branches; several test names are added up.
Dropped: functions.
Meaning: a line with a count above zero is covered. The place of a count in a line's list is the branch.
Notes: a branch's identity is its place in the list. Written from the source of fastcov; no real file was at hand.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from collectors.parsers.branches import add_named
from collectors.parsers.json_reading import load_object, mapping, outline
from collectors.parsers.lines import MAX_HITS, LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name

_INSIDE = re.compile(r"sources\..*\.(?:functions|branches|lines)(?:\..*)?", re.DOTALL)


def sniff(head: bytes) -> bool:
    """Whether “sources” holds files with functions, branches or lines; a source map's is a list."""
    keys = outline(head)
    return "sources" in keys and any(_INSIDE.fullmatch(key) for key in keys)


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many(data.count(b",") // 2)
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


def _read_file(tests: dict[str, Any], file: FileCoverage, table: LineTable) -> None:
    hits: dict[int, int] = {}
    for test in tests.values():
        lines, branches = test.get("lines") or {}, test.get("branches") or {}
        numbers = list(map(int, lines))
        if hits or len(set(numbers)) < len(numbers) or not _plain(lines.values()):
            for line, count in lines.items():
                hits[int(line)] = min(hits.get(int(line), 0) + max(int(count), 0), MAX_HITS)
        else:
            hits = dict(zip(numbers, lines.values(), strict=True))
        found = {int(line): _named(counts) for line, counts in branches.items()}
        if len(found) == len(branches):
            add_named(file, found)
            continue
        for line, counts in branches.items():  # “1” and “01” are one line
            add_named(file, {int(line): _named(counts)})
    table.add_plain(file, list(hits), list(hits.values()))


_NAMES = tuple(map(str, range(1_000)))


def _named(counts: list[int]) -> dict[str, bool]:
    """A line's branches by their place."""
    if len(counts) > len(_NAMES):
        return {str(place): count > 0 for place, count in enumerate(counts)}
    return dict(zip(_NAMES, [count > 0 for count in counts], strict=False))


def _plain(counts: Collection[Any]) -> bool:
    """Whether these are hits that need neither conversion nor bounds."""
    return set(map(type, counts)) == {int} and 0 <= min(counts) <= max(counts) <= MAX_HITS


FASTCOV = Format("fastcov", "coverage", sniff, parse)
