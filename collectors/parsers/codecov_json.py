"""Codecov's own JSON: for each file the coverage of its lines, as numbers or fractions.

Written by: cargo-llvm-cov (``--codecov``), kcov's and bashcov's ``codecov.json``, monocart-coverage-reports,
converters for languages whose format Codecov does not read (Elixir, Haskell, Crystal, Nim, Solidity), uploaders
with “custom coverage”.
Specified in: Codecov's documentation, “Codecov custom coverage format”.
Read: every line's coverage: a count, a fraction such as ``1/2``, ``true`` (partial), ``null`` (irrelevant), in an
object by line number or in a list whose first place is line 0.
Dropped: messages.
Meaning: a line with a count or a fraction above zero is covered. A fraction is branches covered of all; where
fractions of one appear (``1/1``) they are regions of LLVM and no branches. ``true`` is a covered line with one of
two branches.
Differences:
    * monocart: it prints a line that was reached in part as not covered.
    * cargo-llvm-cov: the totals that it prints are sums over functions, as with LLVM's own export.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from typing import Any, Literal

from msgspec import Struct, defstruct

from collectors.parsers.json_reading import load_object, outline
from collectors.parsers.json_typed import exactly
from collectors.parsers.lines import MAX_HITS, Line, LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import as_utf8, bounded_name, bounded_names

_VALUE = rb'(?:null|true|\d+|"\d+(?:/\d+)?")'
_FILES = re.compile(
    rb'"coverage"\s*:\s*\{\s*(?:"(?:[^"\\]|\\.)*"\s*:\s*(?:\{\s*\}|\[\s*\])\s*,\s*){0,50}"(?:[^"\\]|\\.)*"\s*:\s*'
    rb'(?:\{\s*"\d+"\s*:\s*' + _VALUE + rb"|\[\s*" + _VALUE + rb"\s*[,\]])"
)
_FRACTION = re.compile(r"(\d{1,9})/(\d{1,9})")


def sniff(head: bytes) -> bool:
    """Whether “coverage” is a key of the whole and its first file has lines by number or in a list."""
    return "coverage" in outline(head) and "meta" not in outline(head) and _FILES.search(as_utf8(head)) is not None


class _Regions(Struct, gc=False):
    """What LLVM's tools write: a count or a fraction for each line."""

    coverage: dict[str, dict[Line, int | str]]


_FEW: Any = Literal[tuple(f"{taken}/{valid}" for valid in range(1, 40) for taken in range(valid + 1))]
_FewRegions: Any = defstruct("_FewRegions", [("coverage", dict[str, dict[Line, int | _FEW]])], gc=False)
"""Lines with few regions, as nearly all are: what they say is found without making a text for each."""


def parse(data: bytes) -> CoverageReport:
    """Read lines and fractions of every file. Raises ReportError."""
    data = as_utf8(data)
    refuse_too_many(data.count(b",") // 2)
    regions = re.search(rb'"\d+/1"', data) is not None
    plain: _Regions | None = (exactly(data, _FewRegions) or exactly(data, _Regions)) if regions else None
    if plain is not None:
        with suppress(KeyError):
            return CoverageReport(_plain_files(plain))
    warnings: list[str] = []
    told = load_object(data, warnings).get("coverage")
    if not isinstance(told, dict):
        raise ReportError("The JSON has no object “coverage”: it is cut short or no report for Codecov.")
    table = LineTable()
    files: list[FileCoverage] = []
    for path, entry in told.items():
        file = FileCoverage(bounded_name(path), {})
        files.append(file)
        if entry is not None:
            _read_file(_pairs(entry, path), file, table, regions)
    return CoverageReport(files, warnings + table.warnings())


class _Counts(dict[str | int, int]):
    """The count that a value stands for, found out once for each value; KeyError for what needs a closer look."""

    def __missing__(self, value: str | int) -> int:
        text = str(value)
        found = _FRACTION.fullmatch(text)
        if not found and not (text.isdecimal() and len(text) < 20):
            raise KeyError(value)
        self[value] = min(int(found[1] if found else text), MAX_HITS)
        return self[value]


def _plain_files(report: _Regions) -> list[FileCoverage]:
    """Files whose fractions are no branches. Raises KeyError for a value that needs a closer look."""
    entries: Any = report.coverage.values()
    counts = map(_Counts().__getitem__, chain.from_iterable([entry.values() for entry in entries]))
    for entry in entries:
        entry.update(zip(entry, counts, strict=False))  # as many of them as the entry has lines
    return list(map(FileCoverage, bounded_names(list(report.coverage)), entries))


def _pairs(entry: Any, path: str) -> Iterable[tuple[int, Any]]:
    if isinstance(entry, list):
        return enumerate(entry)
    try:
        return [(int(number), value) for number, value in entry.items()]
    except (AttributeError, ValueError) as error:
        raise ReportError(f"The coverage of {path[:200]} has no lines by number.") from error


def _read_file(pairs: Iterable[tuple[int, Any]], file: FileCoverage, table: LineTable, regions: bool) -> None:
    numbers: list[int] = []
    hits: list[int] = []
    for number, value in pairs:
        if value is None or number == 0:
            continue
        branches: LineBranches | None = None
        if value is True:
            count, branches = 1, LineBranches(1, 2)
        elif isinstance(value, str) and (found := _FRACTION.fullmatch(value)):
            taken, valid = int(found[1]), int(found[2])
            count, branches = taken, None if regions else LineBranches(min(taken, valid), valid)
        elif isinstance(value, (int, str)) and str(value).isdecimal() and len(str(value)) < 20:
            count = int(value)
        elif value is False:
            count = 0
        else:
            raise ReportError(f"“{str(value)[:40]}” stands for the coverage of line {number} of {file.path[:200]}.")
        numbers.append(number)
        hits.append(count)
        if branches:
            table.add_branches(file, number, branches)
    table.add(file, numbers, hits)


CODECOV_JSON = Format("codecov-json", "coverage", sniff, parse)
