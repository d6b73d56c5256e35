"""What the sandbox adds to reading one artifact, with a child waiting (make bench)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import pytest

from collectors.parsers.results import Reading
from collectors.reading import read_artifact
from collectors.sandbox import Sandbox, read_safely

from ..parsers.known import FOLDER
from .attacks import zipped

pytestmark = pytest.mark.bench

ROUNDS = 60
MOST_ADDED = 6.0
"""Times a read of the same artifact without the sandbox: a machine's own speed is in both."""


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    box = Sandbox()
    box.start()
    yield box
    box.close()


def milliseconds(read: Callable[[], Reading]) -> float:
    times = []
    for _ in range(ROUNDS):
        time.sleep(0.05)  # as between two downloads: the next child is forked meanwhile
        start = time.perf_counter()
        read()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


SAMPLES = ("junit/ant.xml", "lcov/node.info", "jacoco/plain.xml", "coverage-data/branches.sqlite")


def test_the_median_added_latency_is_small(box: Sandbox) -> None:
    added = []
    for sample in SAMPLES:
        artifact = zipped((sample, (FOLDER / sample).read_bytes()))
        plain = milliseconds(lambda held=artifact: read_artifact(held, "x.zip"))  # type: ignore[misc]
        safe = milliseconds(lambda held=artifact: read_safely(held, "x.zip", box=box))  # type: ignore[misc]
        print(f"\n{sample}: {plain:.2f} ms unsandboxed, +{safe - plain:.2f} ms sandboxed: {safe / plain:.1f}×")
        added.append((safe - plain) / plain)
    assert statistics.median(added) < MOST_ADDED


def test_a_large_report_costs_little_more(box: Sandbox) -> None:
    case = b'<testcase classname="com.acme.Cart" name="adds %d" time="0.01"/>'
    artifact = zipped(("junit.xml", b"<testsuite>" + b"".join(case % n for n in range(20_000)) + b"</testsuite>"))
    plain = milliseconds(lambda: read_artifact(artifact, "x.zip"))
    safe = milliseconds(lambda: read_safely(artifact, "x.zip", box=box))
    print(f"\n20,000 test cases: {plain:.0f} ms unsandboxed, {safe:.0f} ms sandboxed: {safe / plain:.2f}×")
    assert safe < 3 * plain
