"""What could have run, told from source: the figures of coverage.py itself, without running anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from collectors.coverage_settings import Settings, left_out, renamed, settings_of
from collectors.merging import merge_lines
from collectors.parsers.coverage_data import parse
from collectors.parsers.coverage_json import parse as parse_json
from collectors.source_lines import measured, source_lines, united
from dashboard.packing import Branches, Lines

SAMPLES = Path(__file__).parent.parent / "samples" / "source"
SETTINGS = sorted(path.name for path in (SAMPLES / "settings").iterdir())


def told_by_coverage(folder: Path, *options: str) -> dict[str, Any]:
    """Run the sample project under coverage.py; what ``coverage json`` says of its files."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    for command in (["run", *options, "--source=shop", "-m", "shop.cart"], ["json", "-q", "-o", "told.json"]):
        subprocess.run([sys.executable, "-m", "coverage", *command], cwd=folder, env=environment, check=True)
    told: dict[str, Any] = json.loads((folder / "told.json").read_text())
    return told


def told_by_us(folder: Path) -> dict[str, Lines]:
    """The same files from the data, the configuration and the source alone."""
    settings = settings_of({file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()})
    report = parse((folder / ".coverage").read_bytes())
    executed = {
        Path(file.path).relative_to(folder.resolve()).as_posix(): Lines(
            file.lines, {line: Branches(b.covered, b.valid, b.taken) for line, b in file.branches.items()}, True
        )
        for file in report.files
    }
    with_branches = any(lines.branches for lines in executed.values())
    counted = executed.keys() - set(left_out(settings, list(executed)))
    return {
        path: measured(source_lines((folder / path).read_bytes(), settings), executed[path], with_branches)
        for path in sorted(counted)
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES / "shop", tmp_path / "shop")
    return tmp_path


@pytest.mark.parametrize("options", [("--branch",), ()], ids=["branches", "lines"])
@pytest.mark.parametrize("configured", [None, *SETTINGS])
def test_figures_are_those_of_coverage_report(
    project: Path, configured: str | None, options: tuple[str, ...]
) -> None:
    if configured:
        shutil.copytree(SAMPLES / "settings" / configured, project, dirs_exist_ok=True)
        (project / "shop_plugin.py").write_text("def coverage_init(reg, options): pass\n")
    told, ours = told_by_coverage(project, *options), told_by_us(project)
    assert ours.keys() == told["files"].keys()
    for path, file in told["files"].items():
        hits, branches = ours[path].hits, ours[path].branches
        assert {line for line, count in hits.items() if count} == set(file["executed_lines"]), path
        assert {line for line, count in hits.items() if not count} == set(file["missing_lines"]), path
        missing = [
            [line, int(to)] for line, b in branches.items() for to, was in (b.taken or {}).items() if not was
        ]
        assert sorted(missing) == sorted(file.get("missing_branches", [])), path
    totals = told["totals"]
    assert sum(len(lines.hits) for lines in ours.values()) == totals["num_statements"]
    assert sum(lines.covered for lines in ours.values()) == totals["covered_lines"]
    every = [branches for lines in ours.values() for branches in lines.branches.values()]
    assert sum(branches.valid for branches in every) == totals.get("num_branches", 0)
    assert sum(branches.covered for branches in every) == totals.get("covered_branches", 0)


def test_a_data_file_beside_the_json_of_its_own_run_changes_no_figure() -> None:
    formats = SAMPLES.parent / "formats"
    data = parse((formats / "coverage-data" / "branches.sqlite").read_bytes())
    told = parse_json((formats / "coverage-json" / "branches.json").read_bytes())
    ran = {Path(file.path).name: Lines(file.lines, executed_only=True) for file in data.files}
    assert {Path(file.path).name for file in told.files} == ran.keys()
    for file in told.files:
        alone, beside = Lines(file.lines), ran[Path(file.path).name]
        assert merge_lines([alone, beside]).hits == merge_lines([beside, alone]).hits == alone.hits
        forgotten = Lines(dict.fromkeys(file.lines, 0))
        assert merge_lines([forgotten, beside]).hits == alone.hits


def test_coverage_pys_own_file_comes_before_those_that_mention_it() -> None:
    files = {
        folder: (SAMPLES / "settings" / folder / name).read_bytes()
        for folder, name in (("rc", ".coveragerc"), ("tox", "tox.ini"), ("pyproject", "pyproject.toml"))
    }
    assert settings_of({"tox.ini": files["tox"], "pyproject.toml": files["pyproject"]}).omit[-1] == "*/notes.py"
    assert settings_of({"tox.ini": b"[tox]\n", "pyproject.toml": files["pyproject"]}).plugins == ("shop_plugin",)
    assert settings_of({".coveragerc": b"", "tox.ini": files["tox"]}) == Settings(given=True)
    assert settings_of({"setup.cfg": b"[metadata]\n"}) == Settings()


@pytest.mark.parametrize(
    "broken",
    [
        {".coveragerc": b"[report\n"},
        {".coveragerc": b"[report]\nexclude_lines =\n    ((\n"},
        {"pyproject.toml": b"[tool.coverage\n"},
        {"pyproject.toml": b"[tool.coverage.report]\nexclude_lines = 3\nomit = {}\n[tool.coverage]\nreport = 2"},
    ],
    ids=["section", "expression", "toml", "twice"],
)
def test_settings_that_cannot_be_read_say_so(broken: dict[str, bytes]) -> None:
    assert settings_of(broken).error.startswith("coverage.py's settings in ")


def test_our_own_environment_is_not_put_into_a_strangers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "what nobody may guess")
    assert settings_of({".coveragerc": b"[report]\nexclude_also = ${SECRET_KEY}\n"}).exclude[-1] == "${SECRET_KEY}"


def test_paths_that_were_measured_elsewhere_are_looked_for_where_the_settings_say() -> None:
    settings = settings_of({"pyproject.toml": (SAMPLES / "settings/pyproject/pyproject.toml").read_bytes()})
    assert renamed(settings, ["/t/site-packages/shop/a/b.py", r"c:\ci\shop\a.py", "/usr/lib/x.py"]) == {
        "/t/site-packages/shop/a/b.py": ["shop/a/b.py"],
        r"c:\ci\shop\a.py": ["shop/a.py"],
    }


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:\n",
        b"print 'python 2'\n",
        b"x = (\n",
        b"\x00\n",
        b"# coding: no-such-thing\n",
        b"(" * 5000,
        b"if x:\n" + b"".join(b" " * n + b"if x:\n" for n in range(1, 200)),
    ],
    ids=["syntax", "python 2", "cut short", "nul", "encoding", "nested", "indented"],
)
def test_what_is_no_python_here_is_unknown_with_a_reason(source: bytes) -> None:
    analysed = source_lines(source, Settings())
    assert analysed.error and not analysed.statements


def test_an_empty_file_has_no_line_that_could_run() -> None:
    for source in (b"", b"# nothing\n", b'"""Only words."""'):
        analysed = source_lines(source, Settings())
        assert measured(analysed, Lines({}), True) == Lines({}) and not analysed.error


def test_runs_of_one_file_are_put_together_line_by_line_and_step_by_step() -> None:
    one = Lines({1: 1, 2: 1}, {1: Branches(1, 1, {"2": True})}, executed_only=True)
    other = Lines({1: 1, 3: 1}, {1: Branches(1, 1, {"3": True})}, executed_only=True)
    both = united([one, other])
    assert both.hits == {1: 1, 2: 1, 3: 1} and both.executed_only
    source = source_lines(b"if x:\n    y\nz\n", Settings())
    assert measured(source, one, True).branches == {1: Branches(1, 2, {"2": True, "3": False})}
    assert measured(source, both, True).branches == {1: Branches(2, 2, {"2": True, "3": True})}
