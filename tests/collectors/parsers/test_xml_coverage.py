"""Coverage in XML says the same however its tags are written."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from .known import Sample, readable

SAMPLES = [
    sample
    for sample in readable()
    if sample.format.kind == "coverage" and b"<" in sample.data[:4] and len(sample.data) < 60_000
]


def changed(sample: Sample, pattern: bytes, by: bytes | Callable[[re.Match[bytes]], bytes]) -> bytes:
    """The root and what is in it, with something put in another way."""
    begin = re.search(rb"<\w", sample.data)
    assert begin
    return sample.data[: begin.start()] + re.sub(pattern, by, sample.data[begin.start() :])


def same(sample: Sample, data: bytes) -> None:
    told, expected = sample.format.parse(data), sample.format.parse(sample.data)
    assert told == expected


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"\t"])
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_each_attribute_may_stand_on_a_line_of_its_own(sample: Sample, blank: bytes) -> None:
    same(sample, changed(sample, rb"""(<\w[\w.-]*|(?<==")[^"<>]*") (?=[\w.:-]+=["'])""", rb"\1" + blank))


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_all_elements_may_have_a_prefix(sample: Sample) -> None:
    same(sample, changed(sample, rb"<(/?)(?=\w)", rb"<\1ns:"))


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_blanks_may_stand_around_an_equals_sign(sample: Sample) -> None:
    data = changed(sample, rb"(<\w[^<>]*)(?=>)", lambda tag: re.sub(rb'(?<=[\w-])=(?=")', b" = ", tag[1]))
    assert sample.format.sniff(data)
    same(sample, data)
