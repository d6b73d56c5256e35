"""Every attack is rejected or bounded with a sentence, and what is healthy comes in, beside it and after it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from collectors.parsers.results import Reading
from collectors.sandbox import read_safely

from . import attacks
from .attacks import ATTACKS, HEALTHY, MEGABYTE, came_in, zipped

AS_A_WHOLE = {
    "A million members": "1,000,000 members",
    "A million members announced as one": "1,000,000 members",
    "A zip without its end": "cut short or damaged",
}
REFUSED = {
    "A flat zip bomb, 1 GB of one letter": "1,024 MB",
    "A gzip bomb of 1 GB in a zip": "than the 128 MB that are read",
    "A zip bomb packed with LZMA": "more than 400 times its size",
    "An encrypted member": "encrypted with a password",
    "A member with a wrong CRC": "damaged inside the archive",
    "An entity bomb (a billion laughs)": "XML entities",
    "Quadratic blow-up: one long entity, 50,000 times": "XML entities",
    "XML a million elements deep": "broken",
    "One line of 300 MB in LCOV": "300 MB",
    "Two million test cases": "500,000 test cases",
    "Two million test cases in five files": "upload them as several artifacts",
    "Five million lines in LCOV": "4,000,000",
    "SQLite with corrupt pages": "damaged",
}


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        monkeypatch.setattr(attacks, "PORT", server.getsockname()[1])
        yield server


def sentences(reading: Reading) -> list[str]:
    told = [reading.error, *(report.error for report in reading.reports), *reading.warnings]
    return [sentence for sentence in told if sentence]


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_bounded_and_the_healthy_report_comes_in(name: str, trap: socket.socket) -> None:
    reading = read_safely(ATTACKS[name](), "artifact.zip")
    assert reading.cost is not None
    assert reading.cost.peak_bytes <= 512 * MEGABYTE
    assert reading.cost.wall_seconds < 60
    if name in AS_A_WHOLE:
        assert reading.error is not None and AS_A_WHOLE[name] in reading.error
    elif name in REFUSED:
        assert any(REFUSED[name] in sentence for sentence in sentences(reading)), sentences(reading)
    for sentence in sentences(reading):
        assert sentence.endswith((".", "…")) and sentence.isprintable(), sentence
        assert "stumbled" not in sentence
    if name not in AS_A_WHOLE and "tar.gz" not in name:
        assert came_in(reading)
    with pytest.raises(BlockingIOError):
        trap.accept()
    assert came_in(read_safely(zipped(), "next.zip"))


def test_names_reach_nobody_as_control_characters() -> None:
    reading = read_safely(ATTACKS["Markup and terminal escapes in every name and message"](), "x\x1b[2J.zip")
    names = [report.member or "" for report in reading.reports] + reading.passed_over
    assert all(name.isprintable() for name in names)


def test_the_healthy_report_is_what_it_says() -> None:
    (report,) = read_safely(zipped(), "x.zip").reports
    assert report.member == HEALTHY[0] and report.tests is not None
    assert [case.name for case in report.tests.cases] == ["fine"]
