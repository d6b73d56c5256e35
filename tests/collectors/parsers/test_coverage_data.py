"""coverage.py's data file, as its own library writes it and as an attacker would."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from coverage import CoverageData

from collectors.parsers import coverage_contexts
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
    report = parse(
        old + b'{"lines": {"a.py": [1, 5], "c.py": []}, "arcs": {"b.py": [[-1, 2], [2, -1]]},'
        b' "file_tracers": {"a.py": "django_coverage_plugin"}}'
    )
    assert {file.path: file.lines for file in report.files} == {"a.py": {1: 1, 5: 1}, "b.py": {2: 1}, "c.py": {}}
    assert report.warnings == [
        "1 file was measured by a plugin of coverage.py (django_coverage_plugin); "
        "only the plugin knows which lines could run."
    ]


def test_steps_between_lines_are_kept_as_branches_that_were_taken(tmp_path: Path) -> None:
    [file] = [file for file in parse(written(tmp_path, lines=False)).files if file.lines]
    assert {line: branches.taken for line, branches in file.branches.items()} == {
        1: {"2": True},
        2: {"70": True},
        70: {"-1": True},
    }
    assert file.partial == 0


@pytest.mark.parametrize("lines", [True, False], ids=["lines", "arcs"])
def test_a_test_is_known_by_the_lines_that_it_ran_in_all_its_phases(tmp_path: Path, lines: bool) -> None:
    data = CoverageData(basename=str(tmp_path / "data"))
    for context, ran in (("", [1]), ("t.py::adds|run", [2, 300]), ("t.py::adds|setup", [2, 4]), ("linux", [9])):
        data.set_context(context)
        if lines:
            data.add_lines({"/src/a.py": ran})
        else:
            data.add_arcs({"/src/a.py": [(number, -1) for number in ran]})
    data.write()
    data.close()
    [file] = parse((tmp_path / "data").read_bytes()).files
    assert file.contexts == {"t.py::adds": (2, 4, 300), "linux": (9,)}
    assert set(file.lines) == {1, 2, 4, 9, 300}


@pytest.mark.parametrize("bound", ["_MOST_CONTEXTS", "_MOST_PAIRS", "_BYTES_OF_A_FILE"])
def test_more_contexts_than_can_be_kept_cost_the_contexts_and_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(coverage_contexts, bound, 0)
    data = CoverageData(basename=str(tmp_path / "data"))
    data.set_context("t.py::adds|run")
    data.add_lines({"/src/a.py": [1, 2, 3]})
    data.write()
    data.close()
    report = parse((tmp_path / "data").read_bytes())
    assert report.files[0].contexts is None and set(report.files[0].lines) == {1, 2, 3}
    assert "more than can be kept" in report.warnings[0]


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
