"""JSON by its declared shape: what has another type than declared costs its place, and nothing beside it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from collectors.parsers.json_typed import read, read_lines, read_list
from collectors.parsers.results import ReportError


class Inner(Struct):
    message: str | None = None


class Thing(Struct, rename="camel"):
    name: str = ""
    run_time: float | None = None
    inner: Inner | None = None
    words: list[str] | None = None
    inners: list[Inner] = []
    rest: Any = None


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ('{"name": "a", "runTime": 2, "rest": [1]}', Thing("a", 2.0, rest=[1])),
        ('{"name": 7, "runTime": "long", "inner": {"message": 3}}', Thing("7", None, Inner("3"))),
        ('{"name": null, "inner": "none", "words": {}, "inners": 5}', Thing()),
        ('{"words": ["a", 1, null], "inners": [{}, 3, {"message": "b"}]}',
         Thing(words=["a", "1", ""], inners=[Inner(), Inner("b")])),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_the_nearest_one_or_nothing(text: str, thing: Thing) -> None:
    warnings: list[str] = []
    assert read(text.encode(), Thing, warnings) == thing
    assert read_list(f"[{text}, 4]".encode(), Thing, warnings, "things") == [thing]
    assert list(read_lines(f"{text}\n{text}\n".encode(), Thing, warnings)) == [thing, thing]
    assert not warnings


def test_what_no_decoder_takes_and_tools_write_is_read_with_a_warning() -> None:
    warnings: list[str] = []
    assert read(b'{"name": "half \\ud83d", "runTime": NaN}', Thing, warnings).name.startswith("half")
    assert "not well-formed" in warnings[0]


def test_half_an_emoji_in_a_key_that_nobody_asks_for_costs_nothing() -> None:
    assert read(b'{"half \\ud83d": 1, "name": "a"}', Thing, []) == Thing("a")


@pytest.mark.parametrize("text", [b"[1]", b'{"name": "a"', b"", b"[" * 100_000])
def test_what_is_no_object_is_an_error(text: bytes) -> None:
    with pytest.raises(ReportError):
        read(text, Thing, [])


def test_what_is_no_list_says_of_what_it_should_be_one() -> None:
    with pytest.raises(ReportError, match="no list of things"):
        read_list(b"{}", Thing, [], "things")
