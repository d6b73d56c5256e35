"""coverage.py's data file, as its own library writes it and as an attacker would."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from coverage import CoverageData

from collectors.parsers.coverage_data import parse, sniff
from collectors.parsers.results import ReportError


def written(folder: Path, lines: bool) -> bytes:
    data = CoverageData(basename=str(folder / "data"))
    if lines:
        data.add_lines({"/src/a.py": [1, 2, 70], "/src/empty.py": []})
    else:
        data.add_arcs({"/src/a.py": [(-1, 1), (1, 2), (2, 70), (70, -1)]})
        data.touch_file("/src/empty.py")
    data.write()
    data.close()
    return (folder / "data").read_bytes()


@pytest.mark.parametrize("lines", [True, False], ids=["lines", "arcs"])
def test_executed_lines_are_read_and_nothing_else_is_claimed(tmp_path: Path, lines: bool) -> None:
    data = written(tmp_path, lines)
    assert sniff(data)
    report = parse(data)
    assert {file.path: file.lines for file in report.files} == {
        "/src/a.py": {1: 1, 2: 1, 70: 1},
        "/src/empty.py": {},
    }
    counts = report.counts()
    assert (counts.files, counts.lines_covered, counts.lines_valid, counts.percent) == (2, 3, None, None)


def test_the_format_of_coverage_4_is_read() -> None:
    old = b"!coverage.py: This is a private format, don't read it directly!"
    report = parse(old + b'{"lines": {"a.py": [1, 5]}, "arcs": {"b.py": [[-1, 2], [2, -1]]}}')
    assert {file.path: file.lines for file in report.files} == {"a.py": {1: 1, 5: 1}, "b.py": {2: 1}}


def database(folder: Path, script: str) -> bytes:
    path = folder / "made.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE coverage_schema (version integer);" + script)
    connection.close()
    return path.read_bytes()


def test_a_view_is_not_asked(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, i AS path FROM n"
    data = database(tmp_path, f"CREATE VIEW file AS {endless}; CREATE TABLE line_bits (file_id, numbits);")
    with pytest.raises(ReportError, match="lacks coverage"):
        parse(data)


def test_a_table_that_computes_for_ever_is_stopped(tmp_path: Path) -> None:
    slow = "GENERATED ALWAYS AS (length(hex(zeroblob(50000000)))) VIRTUAL"
    rows = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
        "INSERT INTO file (id) SELECT i FROM n"
    )
    data = database(
        tmp_path, f"CREATE TABLE file (id integer, path {slow}); CREATE TABLE arc (file_id, fromno, tono); {rows};"
    )
    began = time.monotonic()
    with pytest.raises(ReportError):
        parse(data)
    assert time.monotonic() - began < 20


def test_another_sqlite_database_is_not_taken_for_coverage(tmp_path: Path) -> None:
    path = tmp_path / "cookies.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE file (id integer, path text);")
    connection.close()
    assert not sniff(path.read_bytes())
