"""What reading costs, as ratios of CPU time against something bare measured in the same run (make bench).

The floors, where a ratio stays above what was aimed at:

* ``coverage-json``: ``orjson`` reads 5 bytes a line into one list. A line number and its hits in a dictionary are
  made once more for each line, which takes longer than reading (the row “table of lines”).
* ``junit``: expat without handlers makes no object, a case is a record of texts and a number. Splitting the text at
  the cases, which finds and makes those texts, is half of the time, and as much as expat takes.
* ``cobertura`` against pycobertura: asking expat whether the text is well-formed is two fifths of the time, and a
  dictionary of lines and hits, which pycobertura does not make, a tenth.
* Memory of ``coverage-json`` and ``lcov``: a line is 4 to 11 bytes in the file and 31 to 60 in a dictionary.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from junitparser import JUnitXml
from pycobertura import Cobertura  # type: ignore[import-untyped]
from pycobertura.reporters import TextReporter  # type: ignore[import-untyped]

from . import big
from .floors import Work, bare_expat, bare_split
from .known import BY_NAME

pytestmark = pytest.mark.bench


def seconds_of(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    gc.disable()  # what it does depends on all that the tests hold, not on the work
    try:
        began = time.process_time()
        work()
        return time.process_time() - began
    finally:
        gc.enable()


def cheapest(work: Callable[[], object], runs: int = 5) -> float:
    """The least CPU seconds of some runs: what the machine's other work adds is left out."""
    return min(seconds_of(work) for _ in range(runs))


def table_of_lines(data: bytes) -> object:
    """The least that any reader of coverage.py's JSON has to make, beside reading it."""
    files = orjson.loads(data)["files"].values()
    return [dict.fromkeys(f["executed_lines"], 1) | dict.fromkeys(f["missing_lines"], 0) for f in files]


def by_junitparser(data: bytes) -> object:
    return [(c.classname, c.name, c.time, c.result) for suite in JUnitXml.fromstring(data) for c in suite]


@pytest.mark.parametrize(
    ("name", "made", "bare", "at_most"),
    [
        ("junit", big.junit, bare_expat, 2.6),
        ("cobertura", big.cobertura, bare_expat, 3.0),
        ("jacoco", big.jacoco, bare_expat, 3.0),
        ("lcov", big.lcov, bare_split, 3.0),
        ("coverage-json", big.coverage_json, orjson.loads, 9.0),
        ("coverage-json", big.coverage_json, table_of_lines, 3.5),
    ],
    ids=["junit", "cobertura", "jacoco", "lcov", "coverage-json", "coverage-json, table of lines"],
)
def test_reading_costs_a_small_multiple_of_the_bare_minimum(
    name: str, made: Callable[[], bytes], bare: Work, at_most: float
) -> None:
    data = made()
    ratio = cheapest(lambda: BY_NAME[name].parse(data)) / cheapest(lambda: bare(data))
    print(f"{name}: {ratio:.2f} × bare, {len(data) / 1e6:.1f} MB")
    assert ratio <= at_most


def test_reading_is_faster_than_with_the_usual_libraries(tmp_path: Path) -> None:
    path = tmp_path / "coverage.xml"
    path.write_bytes(big.cobertura())
    data = path.read_bytes()

    def by_pycobertura() -> object:
        return TextReporter(Cobertura(str(path))).generate()  # its command ``show``

    lead = cheapest(by_pycobertura, 1) / cheapest(lambda: BY_NAME["cobertura"].parse(data))
    print(f"cobertura: {lead:.1f} × as fast as pycobertura")
    assert lead >= 3.5
    data = big.junit()
    lead = cheapest(lambda: by_junitparser(data), 2) / cheapest(lambda: BY_NAME["junit"].parse(data))
    print(f"junit: {lead:.1f} × as fast as junitparser")
    assert lead >= 3


_CHILD = """
import re, sys
import orjson, lxml.etree
from collectors.parsers import FORMATS

def highest():
    return int(re.search(r"VmHWM:\\s*([0-9]+) kB", open("/proc/self/status").read())[1]) * 1024

data = open(sys.argv[1], "rb").read()
work = {known.name: known.parse for known in FORMATS} | {"bare": orjson.loads}
before = highest()
kept = work[sys.argv[2]](data)
print(highest() - before)
"""


def peak(path: Path, name: str) -> int:
    """Bytes by which reading raises the highest resident memory of a process that already holds the file."""
    told = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), name],
        cwd=Path(__file__).parents[3], capture_output=True, check=True, env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    return int(told.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the highest memory of a program")
@pytest.mark.parametrize(
    ("name", "made", "at_most"),
    [
        ("junit", big.junit, 6), ("cobertura", big.cobertura, 6), ("jacoco", big.jacoco, 6), ("lcov", big.lcov, 12),
        ("coverage-json", big.coverage_json, 20),
    ],
)  # fmt: skip
def test_memory_is_a_small_multiple_of_the_file(
    tmp_path: Path, name: str, made: Callable[[], bytes], at_most: float
) -> None:
    path = tmp_path / "report"
    path.write_bytes(made())
    size = path.stat().st_size
    ratio = 1 + peak(path, name) / size  # the file itself is in memory too
    beside = f", bare orjson {1 + peak(path, 'bare') / size:.1f} ×" if name == "coverage-json" else ""
    print(f"{name}: peak memory {ratio:.1f} × the file{beside}")
    assert ratio <= at_most
