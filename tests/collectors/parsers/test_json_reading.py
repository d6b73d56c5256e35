"""JSON is read as tools write it, and told by keys that may come in any order."""

from __future__ import annotations

import time

import pytest

from collectors.parsers import json_reading
from collectors.parsers.results import ReportError


def test_keys_are_found_wherever_they_stand_and_the_head_may_end_within_anything() -> None:
    head = b'{"b": {"x": [{"deep": 1}, {"also": "a \\" quote: {"}]}, "a": [[{"in": 2}]], "cut": {"of'
    assert json_reading.outline(head) == {"b", "b.x", "b.x[].deep", "b.x[].also", "a", "a[][].in", "cut"}


def test_what_follows_the_first_document_is_not_its_outline() -> None:
    assert json_reading.outline(b'[{"a": 1}] {"b": 2}') == {"[].a"}
    assert json_reading.outline(b"console output") == frozenset()


@pytest.mark.parametrize("head", [b'{"\\' * 20_000, b"{" + b'"\\' * 30_000, b"[" * 60_000, b'{"a":' * 12_000])
def test_no_head_takes_long(head: bytes) -> None:
    began = time.perf_counter()
    json_reading.outline(head)
    assert time.perf_counter() - began < 1


def test_half_an_emoji_and_not_a_number_are_read_with_a_warning() -> None:
    warnings: list[str] = []
    value = json_reading.load(b'{"name": "half \\ud83d", "took": NaN}', warnings)
    assert value["name"] == "half \ud83d" and json_reading.duration(value["took"]) is None
    assert "read all the same" in warnings[0]


def test_a_file_that_breaks_off_says_where() -> None:
    with pytest.raises(ReportError, match="line 2, column"):
        json_reading.load(b'{"a":\n[1, 2', [])


def test_nesting_without_end_is_an_error() -> None:
    with pytest.raises(ReportError):
        json_reading.load(b"[" * 1_000_000, [])
    with pytest.raises(ReportError):
        json_reading.load(b"[" * 100_000 + b"]" * 100_000, [])


def test_output_between_records_is_passed_over_and_counted() -> None:
    warnings: list[str] = []
    data = b'compiling\n{"a": 1}\n\nwarning: unused\n{"a": 2}\n'
    assert [record["a"] for record in json_reading.records(data, warnings)] == [1, 2]
    assert "2 lines are no JSON objects, the first is line 1" in warnings[0]


def test_records_that_break_off_within_a_line_are_an_error() -> None:
    with pytest.raises(ReportError, match="within line 2"):
        list(json_reading.records(b'{"a": 1}\n{"a": 2', []))


@pytest.mark.parametrize("value", [True, "1", None, -1, float("inf"), 1e300, 10**400])
def test_what_is_no_duration_is_unknown(value: object) -> None:
    assert json_reading.duration(value, 0.001) is None
