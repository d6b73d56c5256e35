"""A stranger's source and settings are looked at in the locked-down child, and cost their own figures only."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from coverage import CoverageData

from collectors.coverage_settings import Settings
from collectors.sandbox import Limits, read_safely, run_safely
from collectors.source_jobs import PathsOrder, SettingsOrder, SourceOrder
from collectors.source_lines import SourceLines, source_lines
from tests.collectors.test_source_lines import SAMPLES

SHORT = Limits(cpu_seconds=2, wall_seconds=6)


def test_the_child_tells_what_this_process_would() -> None:
    source = (SAMPLES / "shop" / "cart.py").read_bytes()
    values, trouble, _ = run_safely("source lines", SourceOrder(source, Settings()))
    assert (values, trouble) == ([source_lines(source, Settings())], None)


def test_settings_and_their_patterns_work_in_the_child() -> None:
    given = {"pyproject.toml": (SAMPLES / "settings/pyproject/pyproject.toml").read_bytes()}
    [settings], trouble, _ = run_safely("coverage settings", SettingsOrder(given))
    assert trouble is None and settings.plugins == ("shop_plugin",)
    [left_out], _, _ = run_safely("files left out", PathsOrder(settings, ["shop/generated.py", "shop/cart.py"]))
    assert left_out == ["shop/generated.py"]
    [found], _, _ = run_safely("files renamed", PathsOrder(settings, ["/x/site-packages/shop/cart.py"]))
    assert found == {"/x/site-packages/shop/cart.py": ["shop/cart.py"]}


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "koi8-r", "shift_jis", "gbk", "utf-16", "no-such", "zip"]
)
def test_an_encoding_is_known_or_refused_without_a_file(encoding: str) -> None:
    source = f"# coding: {encoding}\nx = 1\n".encode()
    [told], trouble, _ = run_safely("source lines", SourceOrder(source, Settings()))
    assert trouble is None and (told.statements == [2] or told.error)


@pytest.mark.parametrize(
    "source",
    [
        b"x = " + b"-" * 500_000 + b"1\n",
        b"x = " + b"(" * 90 + b"1" + b")" * 90 + b"\n" + b"[" * 100_000,
        b"x" + b".y" * 200_000 + b"\n",
        b"".join(b" " * depth + b"if x:\n" for depth in range(90)) + b" " * 90 + b"y\n",
        b"x = 1;" * 30_000,
        b"if x: pass\n" * 15_000,
    ],
    ids=["signs", "brackets", "attributes", "indents", "semicolons", "branches"],
)
def test_hostile_source_ends_in_an_analysis_or_a_sentence(source: bytes) -> None:
    values, trouble, cost = run_safely("source lines", SourceOrder(source, Settings()))
    assert trouble or isinstance(values[0], SourceLines)
    assert cost.peak_bytes < 512 * 1024 * 1024


def test_long_names_of_many_tests_leave_the_child_in_pieces(tmp_path: Path) -> None:
    data = CoverageData(basename=str(tmp_path / "data"))
    for number in range(1_500):
        data.set_context(f"tests/test_cart.py::test_{number}[{'x' * 200}]|run")
        data.add_lines({f"/src/{file}.py": [1 + number % 3] for file in range(30)})
    data.write()
    data.close()
    reading = read_safely((tmp_path / "data").read_bytes(), ".coverage")
    assert reading.error is None and reading.reports[0].coverage is not None
    assert sum(len(file.contexts or ()) for file in reading.reports[0].coverage.files) == 45_000


def test_an_expression_that_never_ends_is_ended() -> None:
    settings = Settings(exclude=("(a+)+$",))
    began = time.monotonic()
    values, trouble, _ = run_safely("source lines", SourceOrder(b"#" + b"a" * 60 + b"!\n", settings), SHORT)
    assert not values and trouble and time.monotonic() - began < 20
    star = Settings(omit=("/".join(["**", "a"] * 40),))
    values, trouble, _ = run_safely("files left out", PathsOrder(star, ["/".join(["a"] * 400) + "!"]), SHORT)
    assert trouble or values is not None
