"""Coveralls' JSON: what is posted to coveralls.io, one list of counts per source file.

Written by: gcovr 4.2 and later (``--coveralls``), coveralls-python, coveralls-lcov, cpp-coveralls, tarpaulin,
grcov, cargo-llvm-cov converters, php-coveralls, goveralls, excoveralls, simplecov's and nyc's plug-ins.
Specified in: Coveralls' documentation, “API reference: jobs”.
Read: each file's counts by line and its branches.
Dropped: sources, digests, git facts, tokens (never kept), build numbers.
Meaning: a line is valid where the list has a number, and covered if that is above zero. Four numbers are a branch:
line, block, branch, count.
Differences:
    * gcovr: it counts a line once for each instance of a template; a list has one place per line.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from collectors.parsers.branches import add, by_line
from collectors.parsers.json_reading import load_object, outline
from collectors.parsers.json_typed import exactly
from collectors.parsers.lines import MAX_LINE, Hits, LineTable, refuse_too_many_in
from collectors.parsers.listed import ListedBranches, ListedLines
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name, bounded_names


def sniff(head: bytes) -> bool:
    """Whether the keys are those of a job, in whichever order."""
    keys = outline(head)
    return "source_files" in keys and (
        "source_files[].coverage" in keys or "source_files[].name" in keys or len(keys) > 1
    )


class _File(Struct, gc=False):
    name: str
    coverage: Annotated[list[Hits | None], Meta(max_length=MAX_LINE)]
    branches: list[Hits] | None = None


class _Job(Struct, gc=False):
    source_files: list[_File]

    def is_plain(self) -> bool:
        """Whether every file stands there once, and all its branches are whole."""
        names = {entry.name for entry in self.source_files}
        return len(names) == len(self.source_files) and not any(
            entry.branches and len(entry.branches) % 4 for entry in self.source_files
        )


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many_in(data, 2)
    job = exactly(data, _Job)
    if job is not None and job.is_plain():
        return CoverageReport(_plain_files(job.source_files))
    warnings: list[str] = []
    told = load_object(data, warnings).get("source_files")
    if not isinstance(told, list):
        raise ReportError("The JSON has no list “source_files”: it is cut short or no job of Coveralls.")
    table = LineTable()
    files: dict[str, FileCoverage] = {}
    for entry in told:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise ReportError("A source file has no name.")
        path = bounded_name(entry["name"])
        _read_file(entry, files.setdefault(path, FileCoverage(path, {})), table)
    return CoverageReport(list(files.values()), warnings + table.warnings())


def _plain_files(entries: list[_File]) -> list[FileCoverage]:
    names = bounded_names([entry.name for entry in entries])
    lines = [ListedLines(entry.coverage) for entry in entries]
    branches = [ListedBranches(entry.branches) if entry.branches else {} for entry in entries]
    return list(map(FileCoverage, names, lines, branches))


def _read_file(entry: dict[str, Any], file: FileCoverage, table: LineTable) -> None:
    counts, branches = entry.get("coverage"), entry.get("branches") or []
    if not isinstance(counts, list) or not isinstance(branches, list):
        raise ReportError(f"The “coverage” of {file.path[:200]} is no list of counts.")
    try:
        lines = {number: int(count) for number, count in enumerate(counts, 1) if isinstance(count, (int, float))}
        table.add_plain(file, list(lines), list(lines.values()))
        if not set(map(type, branches)) <= {int}:
            branches = [int(number or 0) if at % 4 == 3 else int(number) for at, number in enumerate(branches)]
        add(file, *by_line([branches]))
    except (TypeError, ValueError, OverflowError) as error:
        raise ReportError(f"The counts or branches of {file.path[:200]} are no numbers.") from error


COVERALLS = Format("coveralls", "coverage", sniff, parse)
