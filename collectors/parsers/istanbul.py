"""Istanbul's ``coverage-final.json``: statements, functions and branches of JavaScript files with their counts.

Written by: Istanbul (nyc 11 to 18, istanbul 0.4, Jest, Vitest, Karma, Cypress, Playwright plug-ins; also the raw
files of ``.nyc_output``) and, in the same shape, by converters of V8's own coverage (c8, v8-to-istanbul, Jest and
Vitest with the v8 provider, monocart).
Specified in: istanbul-lib-coverage, ``FileCoverage``; docs of istanbuljs ("coverage object").
Read: for each file its path, statements (where they begin, how often they ran) and branches.
Dropped: functions, columns, source maps, contents' hashes, ``bT`` (values of logical branches).
Meaning: a line is valid if a statement begins on it, and has the highest count of these, as in Istanbul's own line
coverage. Every arm of an ``if``, ``switch``, ``?:``, ``&&`` or default value is a branch of the line on which the
whole begins. V8's converters make every line a statement.
Differences:
    * v8 provider (c8, Jest, Vitest before 3.2): V8 names only the blocks that it saw, and blank lines are lines of
      their block, so the counts of lines and branches differ from those of Istanbul's own instrumentation.
Notes: a branch's identity is its number in ``branchMap`` and the arm's place, as in Istanbul's LCOV. V8's numbers
differ from run to run, there it is the place in the source. Statements and arms that istanbul 0.4 marked ``skip``
count as covered, as they did there. Arms that are not in the source (an ``else`` that nobody wrote) have no place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.parsers.branches import add_named
from collectors.parsers.json_reading import load_object, outline
from collectors.parsers.lines import LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name

_JEST = {"coverageMap", "testResults", "numTotalTests"}
"""Jest's results may have the whole of this format inside."""


def sniff(head: bytes) -> bool:
    """Whether an object of files begins, each with its map of statements."""
    keys = outline(head)
    return any(key.endswith(".statementMap") for key in keys) and not keys & _JEST


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many(data.count(b'"start"') // 2)
    warnings: list[str] = []
    document = load_object(data, warnings)
    table = LineTable()
    files: dict[str, FileCoverage] = {}
    for key, entry in document.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("statementMap"), dict):
            raise ReportError(f"The entry of {key[:200]} has no “statementMap”.")
        told = entry.get("path")
        path = bounded_name(told if isinstance(told, str) and told else key)
        file = files.setdefault(path, FileCoverage(path, {}))
        try:
            _read_file(entry, file, table)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ReportError(
                f"The statements or branches of {path[:200]} are not as Istanbul has them."
            ) from error
    return CoverageReport(list(files.values()), warnings + table.warnings())


def _read_file(entry: dict[str, Any], file: FileCoverage, table: LineTable) -> None:
    counts = entry.get("s") or {}
    numbers, hits = [], []
    for key, place in entry["statementMap"].items():
        number, count = place["start"].get("line"), counts.get(key)
        if isinstance(number, int) and isinstance(
            count, int
        ):  # a count without a statement and the reverse say nothing
            numbers.append(number)
            hits.append(count if count or not place.get("skip") else 1)
    table.add(file, numbers, hits)
    taken: dict[int, dict[str, bool]] = {}
    for line, name, was_taken in _arms(entry):
        taken.setdefault(line, {})[name] = was_taken
    add_named(file, taken)


def _arms(entry: dict[str, Any]) -> Iterator[tuple[int, str, bool]]:
    """Line, name and whether it was taken, of every arm of every branch."""
    counts = entry.get("b") or {}
    for key, branch in (entry.get("branchMap") or {}).items():
        places = branch.get("locations") or []
        line = branch.get("line") or _line(branch.get("loc")) or _line(places[0] if places else None)
        if not isinstance(line, int):
            continue
        of_v8 = branch.get("type") == "branch"
        for arm, count in enumerate(counts.get(key) or ()):
            place = places[arm] if arm < len(places) else {}
            name = _place(place) if of_v8 else f"{key},{arm}"
            yield line, name, bool(count or place.get("skip"))


def _line(place: Any) -> Any:
    return place["start"].get("line") if place else None


def _place(place: dict[str, Any]) -> str:
    start, end = place["start"], place["end"]
    return f"{start.get('line')}:{start.get('column')}-{end.get('line')}:{end.get('column')}"


ISTANBUL = Format("istanbul", "coverage", sniff, parse)
