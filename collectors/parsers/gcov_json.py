"""gcov's JSON (``*.gcov.json.gz``, ``gcov --json-format``, before GCC 11 ``--intermediate-format``).

Written by: gcov of GCC 9 to 15 (12.2 seen).
Specified in: “Invoking gcov” of GCC's manual (https://gcc.gnu.org/onlinedocs/gcc/Invoking-Gcov.html).
Read: the lines of every file with their counts and branches; the working directory is the root before a relative
path. A line that stands there several times (instances of a template) has its highest count and the branches of
each function. The files come packed by gzip and are read as they are.
Dropped: functions, calls, blocks, MC/DC conditions.
Meaning: a line with a count of zero is missed. A branch is taken if its count is above zero; exceptional ones
(``throw``) are branches, as in gcov's own figures.
Differences:
  * gcov: one report per compiled source, system headers included; its “Branches … of 22” and “Lines … of 18” leave
    the instances of templates out, the file lists them.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from collectors.parsers.branches import add_named
from collectors.parsers.json_reading import outline
from collectors.parsers.json_typed import read
from collectors.parsers.lines import LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name

_OWN = ({"gcc_version"}, {"data_file", "current_working_directory"}, {"files[].lines[].unexecuted_block"})
_FILES = {"files[].lines", "files[].functions", "files[].file", "data_file", "current_working_directory"}


def sniff(head: bytes) -> bool:
    """Whether this is gcov's; gcovr's lines look the same and have keys of gcovr's own."""
    keys = outline(head)
    if not any(own <= keys for own in _OWN) or not keys & _FILES:
        return False
    return not any(key.startswith("gcovr/") or ".gcovr/" in key for key in keys)


class Branch(Struct, gc=False):
    """One branch of a row; gcovr numbers them."""

    count: int | float | None = None
    branchno: int | None = None
    excluded: Any = field(name="gcovr/excluded", default=None)
    noncode: Any = field(name="gcovr/noncode", default=None)


class Row(Struct, gc=False):
    """A line, once for each function that has it; with marks of gcovr's."""

    line_number: int | None = None
    count: int | float | None = None
    function_name: str = ""
    branches: list[Branch] = []
    excluded: Any = field(name="gcovr/excluded", default=None)
    noncode: Any = field(name="gcovr/noncode", default=None)


class File(Struct, gc=False):
    """One entry of “files”."""

    file: str = ""
    lines: list[Row] = []


class _Report(Struct, gc=False):
    files: list[File] | None = None
    current_working_directory: str = ""


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many(data.count(b'"line_number"'))
    warnings: list[str] = []
    document = read(data, _Report, warnings)
    if document.files is None:
        raise ReportError("The JSON has no “files”: it is cut short or no coverage report.")
    table = LineTable()
    files = [read_file(entry, table, document.current_working_directory) for entry in document.files]
    return CoverageReport(files, warnings + table.warnings())


def read_file(entry: File, table: LineTable, folder: str = "") -> FileCoverage:
    """One entry of “files”, as gcov and gcovr write it. Raises ReportError."""
    path, rows = entry.file, entry.lines
    if not path:
        raise ReportError("An entry of “files” has no name (“file”).")
    roots = (bounded_name(folder),) if folder and not path.startswith("/") else ()
    file = FileCoverage(bounded_name(path), {}, roots=roots)
    numbers: list[Any] = [row.line_number for row in rows]
    hits: list[Any] = [row.count for row in rows]
    if None in numbers or None in hits:
        raise ReportError(f"A line without number or count stands in {path[:200]}.")
    if float in map(type, hits):
        hits = [hit if type(hit) is int else str(hit) for hit in hits]  # 1e999 is no number
    table.add(file, numbers, hits)
    taken: dict[int, dict[str, bool]] = {}
    for row in rows:
        if row.branches:
            _read_branches(row, taken.setdefault(row.line_number, {}))  # type: ignore[arg-type]
    add_named(file, taken)
    return file


def _read_branches(row: Row, taken: dict[str, bool]) -> None:
    """Add a line's branches by function and place; gcovr 8 leaves some out and so numbers them."""
    function = f"{row.function_name} ".lstrip()
    named = set()
    for place, branch in enumerate(row.branches):
        name = f"{function}{place if branch.branchno is None else branch.branchno}"
        if name in named:
            name = f"{name} {place}"
        named.add(name)
        taken[name] = taken.get(name, False) or (branch.count or 0) > 0


GCOV_JSON = Format("gcov-json", "coverage", sniff, parse)
