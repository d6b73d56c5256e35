"""What reading costs, as ratios of CPU time against something bare measured in the same run (make bench)."""

from __future__ import annotations

import time
from collections.abc import Callable
from xml.parsers import expat

import orjson
import pytest

from .known import BY_NAME

pytestmark = pytest.mark.bench

FILES, LINES, CASES = 400, 300, 20_000


def cheapest(work: Callable[[], object]) -> float:
    """The least CPU seconds of five runs: what the machine's other work adds is left out."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def bare_expat(data: bytes) -> None:
    expat.ParserCreate().Parse(data, True)


def cobertura() -> bytes:
    lines = "".join(f'<line number="{n}" hits="{n % 3}"/>\n' for n in range(1, LINES + 1))
    classes = "".join(
        f'<class name="m{n}.py" filename="src/m{n}.py"><methods/><lines>\n{lines}</lines></class>\n'
        for n in range(FILES)
    )
    package = f'<package name="."><classes>{classes}</classes></package>'
    return f'<coverage line-rate="0.6"><packages>{package}</packages></coverage>'.encode()


def jacoco() -> bytes:
    lines = "".join(f'<line nr="{n}" mi="0" ci="{n % 3}" mb="0" cb="0"/>' for n in range(1, LINES + 1))
    files = "".join(f'<sourcefile name="M{n}.java">{lines}</sourcefile>' for n in range(FILES))
    return f'<report name="r"><package name="com/acme">{files}</package></report>'.encode()


def junit() -> bytes:
    cases = "".join(
        f'<testcase classname="tests.test_{n % 200}.TestX" name="test_{n:05}[{n % 13}]" time="0.{n % 90 + 10}" />\n'
        for n in range(CASES)
    )
    return f'<testsuites><testsuite name="pytest" tests="{CASES}">{cases}</testsuite></testsuites>'.encode()


def lcov() -> bytes:
    lines = "".join(f"DA:{n},{n % 3}\n" for n in range(1, LINES + 1))
    return "".join(f"TN:\nSF:src/m{n}.c\n{lines}LF:{LINES}\nLH:200\nend_of_record\n" for n in range(FILES)).encode()


def coverage_json() -> bytes:
    entry = {
        "executed_lines": list(range(1, LINES, 2)),
        "missing_lines": list(range(2, LINES, 2)),
        "excluded_lines": [],
    }
    return orjson.dumps(
        {
            "meta": {"branch_coverage": False, "show_contexts": False},
            "files": {f"m{n}.py": entry for n in range(FILES)},
        }
    )


@pytest.mark.parametrize(
    ("name", "made", "bare", "at_most"),
    [
        ("cobertura", cobertura, bare_expat, 5.0),
        ("jacoco", jacoco, bare_expat, 6.0),
        ("junit", junit, bare_expat, 12.0),
        ("lcov", lcov, lambda data: [line.split(b",") for line in data.split(b"\n")], 3.0),
        ("coverage-json", coverage_json, orjson.loads, 20.0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reading_costs_a_small_multiple_of_the_bare_minimum(
    name: str, made: Callable[[], bytes], bare: Callable[[bytes], object], at_most: float
) -> None:
    data = made()
    ratio = cheapest(lambda: BY_NAME[name].parse(data)) / cheapest(lambda: bare(data))
    print(f"{name}: {ratio:.1f} × bare, {len(data) / 1e6:.1f} MB")
    assert ratio <= at_most
