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

from collectors.parsers.json_reading import load_object, objects, outline, text
from collectors.parsers.lines import LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import bounded_name

_OWN = ({"gcc_version"}, {"data_file", "current_working_directory"}, {"files[].lines[].unexecuted_block"})
_FILES = {"files[].lines", "files[].functions", "files[].file", "data_file", "current_working_directory"}


def sniff(head: bytes) -> bool:
    """Whether this is gcov's; gcovr's lines look the same and have keys of gcovr's own."""
    keys = outline(head)
    if not any(own <= keys for own in _OWN) or not keys & _FILES:
        return False
    return not any(key.startswith("gcovr/") or ".gcovr/" in key for key in keys)


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every file. Raises ReportError."""
    refuse_too_many(data.count(b'"line_number"'))
    warnings: list[str] = []
    document = load_object(data, warnings)
    told = document.get("files")
    if not isinstance(told, list):
        raise ReportError("The JSON has no “files”: it is cut short or no coverage report.")
    folder = text(document.get("current_working_directory"))
    table = LineTable()
    files = [read_file(entry, table, folder) for entry in objects(told)]
    return CoverageReport(files, warnings + table.warnings())


def read_file(entry: dict[str, Any], table: LineTable, folder: str = "") -> FileCoverage:
    """One entry of “files”, as gcov and gcovr write it. Raises ReportError."""
    path = text(entry.get("file"))
    if not path:
        raise ReportError("An entry of “files” has no name (“file”).")
    roots = (bounded_name(folder),) if folder and not path.startswith("/") else ()
    file = FileCoverage(bounded_name(path), {}, roots=roots)
    rows = objects(entry.get("lines"))
    numbers: list[Any] = [row.get("line_number") for row in rows]
    hits: list[Any] = [row.get("count") for row in rows]
    if not set(map(type, numbers)) <= {int} or not set(map(type, hits)) <= {int, float}:
        raise ReportError(f"A line without number or count stands in {path[:200]}.")
    table.add(file, numbers, [hit if type(hit) is int else str(hit) for hit in hits])  # str: 1e999 is no number
    taken: dict[int, dict[str, bool]] = {}
    for row in rows:
        if row.get("branches"):
            _read_branches(row, taken.setdefault(row["line_number"], {}))
    for number, branches in taken.items():
        table.add_branches(file, number, LineBranches(sum(branches.values()), len(branches), branches))
    return file


def _read_branches(row: dict[str, Any], taken: dict[str, bool]) -> None:
    """Add a line's branches by function and place; gcovr 8 leaves some out and so numbers them."""
    function = text(row.get("function_name"))
    named = set()
    for place, branch in enumerate(objects(row["branches"])):
        name = f"{function} {text(branch.get('branchno')) or place}".strip()
        if name in named:
            name = f"{name} {place}"
        named.add(name)
        ran = branch.get("count")
        taken[name] = taken.get(name, False) or (isinstance(ran, (int, float)) and ran > 0)


GCOV_JSON = Format("gcov-json", "coverage", sniff, parse)
