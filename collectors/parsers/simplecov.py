"""SimpleCov's JSON: ``.resultset.json`` and the ``coverage.json`` of its JSON formatters.

Written by: SimpleCov 0.5 to 1.0 (lines as a bare list before 0.18, with branches since; the source before its
lines since 1.0), simplecov_json_formatter (in SimpleCov since 0.21), simplecov-json (the older gem),
``simplecov collate``.
Specified in: SimpleCov, ``result_merger.rb``, ``lines_combiner.rb``; simplecov_json_formatter,
``result_hash_formatter.rb``.
Read: each file's lines with their counts and its branches. Of several suites (RSpec, Cucumber, parallel processes)
the counts are added as SimpleCov adds them.
Dropped: methods, groups, strengths, timestamps, percentages, source text.
Meaning: a line is valid where the list has a number, covered if that is above zero. A branch of a
``.resultset.json`` belongs to the line on which its condition begins, one of a ``coverage.json`` to the line on
which the branch begins. Without line coverage (``enable_coverage :branch`` alone) a file has branches and no lines.
Differences:
    * SimpleCov: lines between ``:nocov:`` marks and filtered files are still in ``.resultset.json`` and are left
      out of what it prints; ``coverage.json`` has them as “ignored”, and they are left out here too.
    * SimpleCov, several suites: it leaves out those older than its ``merge_timeout``; here all are read.
Notes: a branch's identity is the number that Ruby gave to its condition and to itself, in a ``coverage.json`` its
type and place. A line that one suite calls irrelevant and no other ran is irrelevant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache, partial
from typing import Annotated, Any

import orjson
from msgspec import Meta, Struct

from collectors.parsers.branches import add_named
from collectors.parsers.json_reading import load_object, mapping, objects
from collectors.parsers.json_typed import exactly
from collectors.parsers.lines import MAX_HITS, MAX_LINE, Hits, LineTable, refuse_too_many_in
from collectors.parsers.listed import ListedBranches, ListedLines
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name, bounded_names

_NAME = rb'"(?:[^"\\]|\\.)*"'
_FILES = rb"\{\s*(?:\}|" + _NAME + rb'\s*:\s*(?:\[|\{\s*"(?:lines|branches|methods|source)"))'
_RESULTSET = re.compile(
    rb"\s*\{\s*" + _NAME + rb'\s*:\s*\{\s*(?:"timestamp"\s*:\s*\d+\s*,\s*)?"coverage"\s*:\s*' + _FILES
)
_FORMATTED = re.compile(rb'"coverage"\s*:\s*' + _FILES)
_OLD_FORMATTED = re.compile(rb'"covered_percent"\s*:')
_KEY = re.compile(r'\[:?"?[^",]*"?, (\d+), (\d+),')

_KEYS = re.compile(rb'(?:\[:?"?[a-z&.]*+"?(?:, [0-9]++){5}\])*+')
_AS_JSON = bytes.maketrans(b"[]", b"0,")
_NO_NUMBERS = bytes(set(range(256)) - set(b"0123456789,[]"))

_Keys = dict[str, tuple[int, int]]
"""Number and first line of each condition and branch."""

_NO_LINES = "SimpleCov measured branches and no lines, so there is no line rate; “enable_coverage :line” gives one."

Counts = list[Any]
"""Entry n is the count of line n + 1: a number, null (irrelevant) or “ignored”."""


def sniff(head: bytes) -> bool:
    """Whether a suite with its coverage begins, or one of the formatters' files."""
    head = as_utf8(head)
    if _RESULTSET.match(head):
        return True
    if b'"simplecov_version"' in head:
        return _FORMATTED.search(head) is not None
    return _OLD_FORMATTED.search(head) is not None and b'"lines_of_code"' in head and b'"filename"' in head


class _Entry(Struct, gc=False):
    lines: Annotated[list[Hits | None], Meta(max_length=MAX_LINE)]
    branches: dict[str, dict[str, Hits]] | None = None


class _Suite(Struct, gc=False):
    """A suite of a ``.resultset.json`` as SimpleCov has written it since 0.18."""

    coverage: dict[Annotated[str, Meta(min_length=1)], _Entry]


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many_in(data, 2)
    suites = exactly(data, dict[str, _Suite])
    if suites is not None and len(suites) == 1:
        (suite,) = suites.values()
        with suppress(ValueError):
            return CoverageReport(_plain_files(suite.coverage))
    warnings: list[str] = []
    document = load_object(data, warnings)
    reader = _Reader()
    if isinstance(document.get("files"), list):
        for entry in objects(document["files"]):
            reader.read(str(entry.get("filename") or ""), entry.get("coverage"))
    elif "meta" in document and "coverage" in document:
        reader.read_all(document["coverage"])
    else:
        for name, suite in document.items():
            if not isinstance(suite, dict) or "coverage" not in suite:
                raise ReportError(f"The suite {name[:200]} has no “coverage”.")
            reader.read_all(suite["coverage"])
    files = reader.files()
    return CoverageReport(files, warnings + reader.warnings())


def _plain_files(coverage: dict[str, _Entry]) -> list[FileCoverage]:
    """The files of an only suite. Raises ValueError for a key that is none of Ruby's."""
    entries = coverage.values()
    found = [entry.branches for entry in entries if entry.branches]
    arms = [arms for branches in found for arms in branches.values()]
    keys = _keys(list(set().union(*found, *arms)))
    lines = [ListedLines(entry.lines) for entry in entries]
    branches = [
        ListedBranches(partial(_numbers, entry.branches, keys), ".") if entry.branches else {} for entry in entries
    ]
    return list(map(FileCoverage, bounded_names(list(coverage)), lines, branches))


def _keys(names: list[str]) -> _Keys:
    """What all of them say. Raises ValueError.

    Together they are a list of JSON, six numbers for each: ``[:if, 0, 6, 6, 6, 50]`` becomes ``0,0,6,6,6,50,``.
    """
    text = "".join(names).encode()
    told = orjson.loads(b"[%b0]" % text.translate(_AS_JSON, _NO_NUMBERS)) if _KEYS.fullmatch(text) else []
    if len(told) != 6 * len(names) + 1 or max(told) > MAX_HITS:
        raise ValueError("a key that is none of Ruby's")
    return dict(zip(names, zip(told[1::6], told[2::6], strict=True), strict=True))


def _numbers(branches: dict[str, dict[str, int]], keys: _Keys) -> list[int]:
    """Line, condition, branch and count of each, one behind the other."""
    numbers: list[int] = []
    for name, arms in branches.items():
        condition, line = keys[name]
        for arm, count in arms.items():
            numbers += (line, condition, keys[arm][0], count)
    return numbers


def _add_branches(file: FileCoverage, branches: Any) -> None:
    try:
        if isinstance(branches, dict):
            add_named(file, _by_condition(branches))
        elif branches:
            add_named(file, _by_place(objects(branches)))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise ReportError(f"The branches of {file.path[:200]} are not as SimpleCov has them.") from error


class _Reader:
    """The files' lines and branches so far, summed over the suites."""

    def __init__(self) -> None:
        self.table = LineTable()
        self._counts: dict[str, Counts] = {}
        self._files: dict[str, FileCoverage] = {}
        self._without_lines = False

    def read_all(self, coverage: Any) -> None:
        if not isinstance(coverage, dict):
            raise ReportError("A “coverage” is no object of files.")
        for path, entry in coverage.items():
            self.read(path, entry)

    def read(self, path: str, entry: Any) -> None:
        told = mapping(entry)
        lines = entry if isinstance(entry, list) else told.get("lines")
        if lines is None and isinstance(told.get("branches"), dict | list):
            lines = []
            self._without_lines = True
        path = bounded_name(path)
        if not isinstance(lines, list) or not path:
            raise ReportError(f"The entry of {path[:200] or 'a file without name'} has no list of lines.")
        known = self._counts.get(path)
        self._counts[path] = lines if known is None else list(map(_sum, *_padded(known, lines)))
        file = self._files.setdefault(path, FileCoverage(path, {}))
        _add_branches(file, told.get("branches"))

    def warnings(self) -> list[str]:
        """What is to say when all files are read."""
        if self._without_lines and not any(self._counts.values()):
            return [*self.table.warnings(), _NO_LINES]
        return self.table.warnings()

    def files(self) -> list[FileCoverage]:
        for path, counts in self._counts.items():
            lines = {number: count for number, count in enumerate(counts, 1) if type(count) is int}
            self.table.add_plain(self._files[path], list(lines), list(lines.values()))
        return list(self._files.values())


def _padded(one: Counts, other: Counts) -> tuple[Counts, Counts]:
    longer = max(len(one), len(other))
    return one + [None] * (longer - len(one)), other + [None] * (longer - len(other))


def _sum(one: Any, other: Any) -> Any:
    """One line's counts of two suites together, as SimpleCov's LinesCombiner does it."""
    if isinstance(one, int) and isinstance(other, int):
        return min(one + other, MAX_HITS)
    return one or other or None


def _by_condition(branches: dict[str, Any]) -> dict[int, dict[str, bool]]:
    """Branches of a resultset: condition → branch → count, both as Ruby prints ``[:if, 0, 6, 6, 6, 50]``."""
    taken: dict[int, dict[str, bool]] = {}
    for condition, arms in branches.items():
        number, line = _key(condition)
        names = taken.setdefault(line, {})
        for arm, count in arms.items():
            name = f"{number}.{_key(arm)[0]}"
            names[name] = count > 0 or names.get(name, False)
    return taken


@lru_cache(maxsize=4_096)  # suites of one project name the same conditions
def _key(text: str) -> tuple[int, int]:
    """Number and first line."""
    found = _KEY.match(text)
    if not found:
        raise ValueError(text)
    return int(found[1]), int(found[2])


def _by_place(branches: Iterable[dict[str, Any]]) -> dict[int, dict[str, bool]]:
    """Branches of the JSON formatter: type, first and last line, count or “ignored”."""
    taken: dict[int, dict[str, bool]] = {}
    alike: Counter[tuple[int, str]] = Counter()  # conditions of one kind on one line
    for branch in branches:
        if isinstance(branch["coverage"], int):
            line, name = int(branch["start_line"]), f"{str(branch.get('type'))[:40]}:{branch.get('end_line')}"
            alike[line, name] += 1
            taken.setdefault(line, {})[f"{name}:{alike[line, name]}"] = branch["coverage"] > 0
    return taken


SIMPLECOV = Format("simplecov", "coverage", sniff, parse)
