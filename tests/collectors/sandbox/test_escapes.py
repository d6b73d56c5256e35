"""Readers that were taken over: what they try is refused, what they use up is bounded, what they say is checked."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.parsers.results import Reading
from collectors.sandbox import Limits, Sandbox, read_safely

from .hostile import ENDED, HOSTILE, MARK, REFUSED

JUNIT = b'<testsuite><testcase name="t" time="1"/></testsuite>'
LIMITS = Limits(cpu_seconds=1, wall_seconds=2, output_bytes=4 * 1024 * 1024)
SENTENCES = {
    "fill memory": "larger than a reader's memory",
    "fill memory and hold on": "broke down",
    "compute for ever": "more than 1 s of computing|not done after 2 s",  # on a busy machine the second comes first
    "sleep for ever": "not done after 2 s",
    "break down": "broke down",
    "answer for ever": "takes more than 4 MB",
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    box = Sandbox(LIMITS, HOSTILE)
    yield box
    box.close()


def between_healthy_ones(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.xml", JUNIT)
        archive.writestr("b/junit.xml", MARK + name.encode())
        archive.writestr("c.xml", JUNIT)
    return buffer.getvalue()


def healthy(reading: Reading) -> list[str | None]:
    return [report.member for report in reading.reports if report.format == "junit" and report.tests]


@pytest.mark.parametrize("name", REFUSED)
def test_a_reader_that_was_taken_over_cannot(name: str, box: Sandbox) -> None:
    artifact = between_healthy_ones(name)
    reading = read_safely(artifact, "x.zip", box=box)
    assert healthy(reading) == ["a.xml", "c.xml"]
    (report,) = (report for report in reading.reports if report.format == "hostile")
    assert report.tests is not None, report.error
    assert report.tests.cases[0].name.startswith("refused: ")
    assert not Path("/tmp/escaped").exists()


@pytest.mark.parametrize("name", ENDED)
def test_a_reader_is_ended_and_only_its_member_is_refused(name: str, box: Sandbox) -> None:
    reading = read_safely(between_healthy_ones(name), "x.zip", box=box)
    assert healthy(reading) == ["a.xml", "c.xml"]
    (report,) = (report for report in reading.reports if report.error)
    assert report.member == "b/junit.xml"
    assert report.error is not None and report.error.endswith(".")
    assert re.search(SENTENCES.get(name, "b/junit.xml was not read"), report.error)
    assert reading.cost is not None and reading.cost.peak_bytes <= LIMITS.memory_bytes


def test_the_zygote_knows_nothing_of_this_process_s_environment(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    box.start()
    assert box._process is not None
    seen = Path(f"/proc/{box._process.pid}/environ").read_bytes()
    assert b"secret" not in seen and b"PATH" not in seen


def test_a_child_of_root_has_another_account(box: Sandbox) -> None:
    box.start()
    held = {name for name, holds, _ in box.layers if holds}
    assert ("account" in held) == (os.geteuid() == 0)
    assert {"limits", "memory", "privileges", "death"} <= held
