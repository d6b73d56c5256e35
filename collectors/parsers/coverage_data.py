"""coverage.py's data file ``.coverage``: which lines ran, in a SQLite database or, before version 5, in JSON.

Written by: coverage.py 4.0 to 7.17 (``coverage run``, pytest-cov), as ``.coverage`` or, in parallel mode,
  ``.coverage.<machine>.<pid>.<number>``: SQLite with schema 7 since 5.0, JSON behind a marker in 4.x. Slipcover and
  other tools write other files.
Specified in: coverage.py's ``doc/dbschema.rst`` (tables ``file``, ``line_bits``, ``arc``, ``context``, ``tracer``);
  for 4.x the docstring of its ``coverage/data.py``.
Read: the executed lines of every measured file; where branches were measured also the steps from line to line;
  dynamic contexts (which test ran which lines); which plugin measured a file. A file that was measured and of which
  no line ran counts as a file without executed lines.
Dropped: the context without a name (lines that ran while modules were imported), a context's phase (``|run``,
  ``|setup`` and ``|teardown`` of one test are one), steps into and out of the code as a whole, coverage.py's
  pickled files from before 4.0.
Meaning: a line is as the interpreter traced it, so a statement over several lines may stand there with each of
  them. Which lines could have run is not in the file: alone it has no percentage. Several parallel files are
  several reports, and their union is the commit's.
Differences:
  * coverage.py: ``coverage report`` reads the source beside the data; this reader has the data only. When the
    repository's source can be read, the commit's figures are those of ``coverage report``; statements of newer
    Python syntax than Clerestory's own interpreter knows stay unknown.

Notes:
The database is opened in memory, from bytes, by SQLite itself. Its schema is the stranger's: tables must be tables
(a view can be made to compute for ever), nothing else is ever named in a query, and a query is stopped when it
takes more steps than any real file needs.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from collectors.parsers.coverage_contexts import Contexts, lines_of, read_contexts
from collectors.parsers.lines import MAX_LINE, LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import bounded_name

_SQLITE = b"SQLite format 3\x00"
_OLD = b"!coverage.py: This is a private format, don't read it directly!"

_STEPS = 10_000
_MAX_CALLS = 20_000
"""SQLite's virtual machine calls back every ``_STEPS`` steps; 200 million steps are some seconds, and a file with
five million arcs takes a tenth of it."""


@dataclass(slots=True)
class _Measured:
    """What the data say of one file: ``steps`` maps a line to where execution went from there."""

    lines: set[int] = field(default_factory=set)
    steps: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    contexts: Contexts | None = None


def sniff(head: bytes) -> bool:
    """Whether this is a data file: the names of its tables stand in the first page of the database."""
    return (head.startswith(_SQLITE) and b"coverage_schema" in head) or head.startswith(_OLD)


def parse(data: bytes) -> CoverageReport:
    """Read the executed lines of every measured file. Raises ReportError."""
    measured, warnings = _from_json(data) if data.startswith(_OLD) else _from_sqlite(data)
    refuse_too_many(sum(len(one.lines) + len(one.steps) for one in measured.values()))
    table = LineTable()
    files = [_file(path, one, table) for path, one in measured.items()]
    return CoverageReport(files, table.warnings() + warnings)


def _file(path: str, measured: _Measured, table: LineTable) -> FileCoverage:
    file = FileCoverage(bounded_name(path), {}, executed_only=True)
    table.add(file, sorted(measured.lines), [1] * len(measured.lines))
    for line, targets in measured.steps.items():
        taken = {str(target): True for target in sorted(targets)}
        table.add_branches(file, line, LineBranches(len(taken), len(taken), taken))
    file.contexts = measured.contexts
    return file


def _from_sqlite(data: bytes) -> tuple[dict[str, _Measured], list[str]]:
    # Bytes 18 and 19 ask for a write-ahead log, which a database in memory cannot have; 1 asks for none.
    readable = data[:18] + b"\x01\x01" + data[20:]
    connection = sqlite3.connect(":memory:")
    try:
        _restrain(connection)
        connection.deserialize(readable)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        return _read(connection)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise ReportError("The data file takes longer to read than any real one; it was not read.") from error
        raise ReportError(f"The data file cannot be read ({error}): it is cut short or damaged.") from error
    except (sqlite3.Error, MemoryError, OverflowError, UnicodeError) as error:
        raise ReportError(f"The data file cannot be read ({error}): it is cut short or damaged.") from error
    finally:
        connection.close()


def _restrain(connection: sqlite3.Connection) -> None:
    calls = 0

    def too_long() -> bool:
        nonlocal calls
        calls += 1
        return calls > _MAX_CALLS

    connection.set_progress_handler(too_long, _STEPS)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")


def _read(connection: sqlite3.Connection) -> tuple[dict[str, _Measured], list[str]]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "file" not in tables or not tables & {"line_bits", "arc"}:
        raise ReportError(
            "The data file lacks coverage.py's tables; it was written by a version that is not known."
        )
    measured: dict[str, _Measured] = {}
    by_id: dict[int, _Measured] = {}
    for file_id, path in connection.execute("SELECT id, path FROM file"):
        if not isinstance(file_id, int) or not isinstance(path, str):
            raise ReportError("The data file names a file without a path.")
        by_id[file_id] = measured.setdefault(path, _Measured())
    if "line_bits" in tables:
        _add_lines(connection, by_id)
    if "arc" in tables:
        _add_steps(connection, by_id)
    contexts, warnings = read_contexts(connection, tables, by_id.keys())
    for file_id, of_file in contexts.items():
        by_id[file_id].contexts = of_file
    if "tracer" in tables:
        warnings += _plugins(connection.execute("SELECT file_id, tracer FROM tracer"))
    return measured, warnings


def _add_lines(connection: sqlite3.Connection, by_id: dict[int, _Measured]) -> None:
    """All contexts' lines of a file together: as bits, because there may be a row for each test and file."""
    bits: dict[int, int] = defaultdict(int)
    for file_id, numbits in connection.execute("SELECT file_id, numbits FROM line_bits"):
        if file_id in by_id and isinstance(numbits, bytes):
            bits[file_id] |= int.from_bytes(numbits[: MAX_LINE // 8], "little")
    for file_id, whole in bits.items():
        by_id[file_id].lines.update(lines_of(whole.to_bytes(whole.bit_length() // 8 + 1, "little")))


def _add_steps(connection: sqlite3.Connection, by_id: dict[int, _Measured]) -> None:
    for file_id, start, end in connection.execute("SELECT DISTINCT file_id, fromno, tono FROM arc"):
        if file_id in by_id:
            _step(by_id[file_id], start, end)


def _step(measured: _Measured, start: object, end: object) -> None:
    """One step from line to line; a negative line is the code's beginning or end, which is no line that ran."""
    if not isinstance(start, int) or not isinstance(end, int):
        return
    if start > 0:
        measured.lines.add(start)
        if abs(end) <= MAX_LINE:
            measured.steps[start].add(end)
    if end > 0:
        measured.lines.add(end)


def _plugins(rows: Iterable[tuple[object, object]]) -> list[str]:
    """A sentence for the files that a plugin measured: no Python source tells their lines."""
    names = [name for _, name in rows if isinstance(name, str) and name]
    if not names:
        return []
    shown = ", ".join(bounded_name(name)[:80] for name in sorted(set(names))[:3])
    files = "1 file was" if len(names) == 1 else f"{len(names)} files were"
    return [f"{files} measured by a plugin of coverage.py ({shown}); only the plugin knows which lines could run."]


def _from_json(data: bytes) -> tuple[dict[str, _Measured], list[str]]:
    """Version 4: {"lines": {path: [n, …]}} or {"arcs": {path: [[from, to], …]}} after the marker."""
    try:
        document = orjson.loads(data[len(_OLD) :])
        measured: dict[str, _Measured] = {}
        for path, numbers in (document.get("lines") or {}).items():
            lines = {number for number in numbers or () if isinstance(number, int) and number > 0}
            measured[path] = _Measured(lines=lines)
        for path, arcs in (document.get("arcs") or {}).items():
            one = measured.setdefault(path, _Measured())
            for start, end in arcs or ():
                _step(one, start, end)
        tracers = document.get("file_tracers") or {}
        return measured, _plugins(tracers.items())
    except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError) as error:
        raise ReportError("The data file's JSON is cut short or damaged.") from error


COVERAGE_DATA = Format(
    "coverage-data",
    "coverage",
    sniff,
    parse,
    meaning="Lines that ran; which lines could have run only the source or another report of the commit tells.",
)
