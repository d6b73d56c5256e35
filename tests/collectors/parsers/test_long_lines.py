"""A line of a megabyte costs no more than its length, whatever stands in it."""

from __future__ import annotations

import contextlib
import time

import pytest

from collectors.parsers.results import ReportError

from .known import BY_NAME

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tap", b"1..1\nok 1 a" + b" " * MEGABYTE + b"x\n"),
        ("tap", b"1..1\nok 1 " + b"# " * MEGABYTE),
        ("tap", b"TAP version 13\nnot ok 1\n  ---\n" + b"\n" * MEGABYTE + b"  ...\n"),
        ("tap", b"TAP version 13\n" + b"not ok 1\n\n" * 20_000),
        ("teamcity", b"##teamcity[testStarted " + b"a" * MEGABYTE + b"]\n"),
        ("teamcity", b"##teamcity[testStarted " + b"a='|" * MEGABYTE + b"]\n"),
        ("subunit", b"test: a\nfailure: a [ " + b" [" * MEGABYTE + b"\n"),
        ("subunit", b"test: a\n" + b"failure: a [\n" * 50_000),
        ("automake-trs", b":test-result: PASS a" + b" " * MEGABYTE + b"x\n"),
        ("common-test", b"=cases 1\n=case a:b\n=group_props " + b"{name," * 200_000 + b"\n=finished x\n"),
    ],
)
def test_no_line_takes_long(name: str, data: bytes) -> None:
    began = time.perf_counter()
    with contextlib.suppress(ReportError):
        BY_NAME[name].parse(data)
    assert time.perf_counter() - began < 5
