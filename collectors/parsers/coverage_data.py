"""coverage.py's data file ``.coverage``: SQLite since version 5, JSON after a marker before that.

The schema is described in coverage.py's ``doc/dbschema.rst``: ``file(id, path)``, ``line_bits(file_id, context_id,
numbits)`` where only lines were measured, ``arc(file_id, context_id, fromno, tono)`` where branches were. The file
knows which lines ran, and not which could have: ``executed_only`` is set on every file.

The database is opened in memory, from bytes, by SQLite itself. Its schema is the stranger's: tables must be tables
(a view can be made to compute for ever), nothing else is ever named in a query, and a query is stopped when it
takes more steps than any real file needs.

Dropped: contexts (which test ran a line), file tracers, the arcs' ends before and behind the code.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import orjson
from coverage.numbits import numbits_to_nums

from collectors.parsers.lines import LineTable
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import bounded_name

_SQLITE = b"SQLite format 3\x00"
_OLD = b"!coverage.py: This is a private format, don't read it directly!"

_STEPS = 10_000
_MAX_CALLS = 20_000
"""SQLite's virtual machine calls back every ``_STEPS`` steps; 200 million steps are some seconds, and a file with
five million arcs takes a tenth of it."""


def sniff(head: bytes) -> bool:
    """Whether this is a data file: the names of its tables stand in the first page of the database."""
    return (head.startswith(_SQLITE) and b"coverage_schema" in head) or head.startswith(_OLD)


def parse(data: bytes) -> CoverageReport:
    """Read the executed lines of every measured file. Raises ReportError."""
    executed = _from_json(data) if data.startswith(_OLD) else _from_sqlite(data)
    table = LineTable()
    files = []
    for path, numbers in executed.items():
        file = FileCoverage(bounded_name(path), {}, executed_only=True)
        table.add(file, sorted(numbers), [1] * len(numbers))
        files.append(file)
    return CoverageReport(files, table.warnings())


def _from_sqlite(data: bytes) -> dict[str, set[int]]:
    # Bytes 18 and 19 ask for a write-ahead log, which a database in memory cannot have; 1 asks for none.
    readable = data[:18] + b"\x01\x01" + data[20:]
    connection = sqlite3.connect(":memory:")
    try:
        _restrain(connection)
        connection.deserialize(readable)
        connection.execute("PRAGMA trusted_schema = OFF")
        return _executed_lines(connection)
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


def _executed_lines(connection: sqlite3.Connection) -> dict[str, set[int]]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "file" not in tables or not tables & {"line_bits", "arc"}:
        raise ReportError(
            "The data file lacks coverage.py's tables; it was written by a version that is not known."
        )
    paths: dict[int, str] = {}
    for file_id, path in connection.execute("SELECT id, path FROM file"):
        if not isinstance(file_id, int) or not isinstance(path, str):
            raise ReportError("The data file names a file without a path.")
        paths[file_id] = path
    executed: dict[str, set[int]] = {path: set() for path in paths.values()}
    if "line_bits" in tables:
        for file_id, bits in connection.execute("SELECT file_id, numbits FROM line_bits"):
            if file_id in paths and isinstance(bits, bytes):
                executed[paths[file_id]].update(numbits_to_nums(bits))
    if "arc" in tables:
        for number in ("fromno", "tono"):
            query = f"SELECT DISTINCT file_id, {number} FROM arc WHERE {number} > 0"  # noqa: S608 — from the tuple above
            for file_id, line in connection.execute(query):
                if file_id in paths and isinstance(line, int):
                    executed[paths[file_id]].add(line)
    for lines in executed.values():
        lines.discard(0)
    return executed


def _from_json(data: bytes) -> dict[str, set[int]]:
    """Versions 4 and before: {"lines": {path: [n, …]}} or {"arcs": {path: [[from, to], …]}} after the marker."""
    try:
        document = orjson.loads(data[len(_OLD) :])
        executed = {path: set(_positive(numbers)) for path, numbers in (document.get("lines") or {}).items()}
        for path, arcs in (document.get("arcs") or {}).items():
            executed[path] = set(_positive(end for arc in arcs for end in arc))
    except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
        raise ReportError("The data file's JSON is cut short or damaged.") from error
    return executed


def _positive(numbers: Iterable[object]) -> Iterable[int]:
    return (number for number in numbers if isinstance(number, int) and number > 0)


COVERAGE_DATA = Format("coverage-data", "coverage", sniff, parse)
