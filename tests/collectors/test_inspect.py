"""``manage.py inspect`` as its users call it (contract section 2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from .parsers.known import FOLDER

ROOT = Path(__file__).parents[2]


def inspect(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    status = 0
    try:
        call_command("inspect", *map(str, arguments))
    except SystemExit as stop:
        status = int(stop.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


def test_json_is_one_array_in_the_shape_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = inspect(capsys, FOLDER / "junit" / "rspec.xml", FOLDER / "jacoco" / "plain.xml", "--json")
    coverage, tests = json.loads(out)
    assert status == 0
    assert tests["tests"] | {"duration_seconds": None} == {
        "total": 20, "passed": 10, "failed": 6, "errors": 0, "skipped": 4, "duration_seconds": None,
    }  # fmt: skip
    assert tests["tests"]["duration_seconds"] == pytest.approx(0.131854)
    assert (tests["format"], tests["kind"], tests["member"], tests["error"]) == ("junit", "tests", None, None)
    assert (tests["warnings"], tests["coverage"]) == ([], None)
    assert coverage == {
        "path": str(FOLDER / "jacoco" / "plain.xml"), "member": None, "format": "jacoco", "kind": "coverage",
        "error": None, "warnings": [], "tests": None,
        "coverage": {
            "files": 2, "lines_valid": 19, "lines_covered": 5, "lines_partial": 1,
            "branches_valid": 25, "branches_covered": 4, "percent": 100 * 5 / 19,
        },
    }  # fmt: skip


def test_a_data_file_leaves_unknown_what_only_the_source_can_tell(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = inspect(capsys, FOLDER / "coverage-data" / "branches.sqlite", "--json")
    assert json.loads(out)[0]["coverage"] == {
        "files": 5, "lines_valid": None, "lines_covered": 41, "lines_partial": None,
        "branches_valid": None, "branches_covered": None, "percent": None,
    }  # fmt: skip


def test_members_of_a_zip_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "artifact.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(FOLDER / "lcov" / "node.info", "cov/lcov.info")
    status, out, _ = inspect(capsys, path, "--json")
    (row,) = json.loads(out)
    assert (status, row["path"], row["member"], row["format"]) == (0, str(path), "cov/lcov.info", "lcov")


def test_a_broken_report_is_listed_with_its_sentence_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = inspect(
        capsys, FOLDER / "junit" / "cunit-cut-short.xml", FOLDER / "junit" / "ant.xml", "--json"
    )
    fine, broken = json.loads(out)
    assert status == 1
    assert (broken["tests"], broken["coverage"]) == (None, None)
    assert "breaks off" in broken["error"]
    assert fine["tests"]["total"] == 8


def test_a_broken_zip_fails_with_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    status, out, _ = inspect(capsys, path, "--json")
    (row,) = json.loads(out)
    assert (status, row["format"]) == (1, None)
    assert "cut short or damaged" in row["error"]


def test_nothing_found_is_said_and_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    status, out, err = inspect(capsys, tmp_path, "--json")
    assert (status, json.loads(out)) == (1, [])
    assert "No report was found" in err


def test_a_missing_path_is_wrong_usage() -> None:
    with pytest.raises(CommandError, match="does not exist") as caught:
        call_command("inspect", "/nowhere/at/all")
    assert caught.value.returncode == 2


def test_without_json_a_paragraph_tells_each_report(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = inspect(
        capsys, FOLDER / "cobertura" / "slipcover.xml", FOLDER / "coverage-data" / "branches.sqlite"
    )
    assert status == 0
    assert "cobertura: 63 of 68 lines covered (92.65 %) in 5 files" in out
    assert "coverage-data: 41 of – lines covered in 5 files" in out


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean: dict[str, Any] = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "inspect", *arguments],
        capture_output=True, text=True, check=False, env=clean | environment, cwd=ROOT,
    )  # fmt: skip


def test_no_database_is_needed_and_usage_errors_are_status_2() -> None:
    unreachable = "postgres://nobody:nothing@127.0.0.1:1/none"
    fine = run(
        str(FOLDER / "junit" / "ant.xml"), "--json", DATABASE_URL=unreachable, REDIS_URL="redis://127.0.0.1:1/0"
    )
    assert (fine.returncode, json.loads(fine.stdout)[0]["tests"]["total"]) == (0, 8)
    assert run(DATABASE_URL=unreachable).returncode == 2
    assert run("/nowhere/at/all", DATABASE_URL=unreachable).returncode == 2


def test_what_a_stranger_named_moves_no_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "x\x1b[2J.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a\x1b]0;owned\x07/junit.xml", b"<testsuite>\x1b[31m\xc2\x9b")
    status, out, err = inspect(capsys, path)
    assert status == 1
    assert not {"\x1b", "\x07", "\x9b"} & set(out + err)


def test_a_limit_that_makes_no_sense_is_one_sentence() -> None:
    ended = run(str(FOLDER / "junit" / "ant.xml"), SANDBOX_CPU_SECONDS="many")
    assert ended.returncode == 2
    assert ended.stderr.startswith("SANDBOX_CPU_SECONDS=many makes no sense")
    assert len(ended.stderr.splitlines()) == 1
