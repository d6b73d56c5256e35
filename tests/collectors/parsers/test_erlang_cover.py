"""Erlang's exported data, term by term."""

from __future__ import annotations

import zlib

import pytest

from collectors.parsers.erlang_cover import parse, sniff
from collectors.parsers.results import ReportError

from .known import FOLDER


def atom(name: str) -> bytes:
    return b"w" + bytes([len(name)]) + name.encode()


def old_atom(name: bytes) -> bytes:
    return b"d" + len(name).to_bytes(2, "big") + name


def number(value: int) -> bytes:
    if value < 256:
        return b"a" + bytes([value])
    return b"b" + value.to_bytes(4, "big") if value < 2**31 else b"n\x08\x00" + value.to_bytes(8, "little")


def term(text: bytes) -> bytes:
    return bytes([len(text) + 1]) + b"\x83" + text


def source(path: bytes) -> bytes:
    return term(b"h\x03" + atom("file") + atom("shop") + b"k" + len(path).to_bytes(2, "big") + path)


def bump(function: str, line: int, calls: bytes) -> bytes:
    names = b"h\x06" + atom("bump") + atom("shop") + atom(function)
    return term(b"h\x02" + names + b"a\x01a\x01" + b"b" + line.to_bytes(4, "big") + calls)


def test_calls_of_a_line_add_up_over_functions_and_line_0_is_none() -> None:
    text = source(b"/src/shop.erl") + bump("a", 7, b"a\x02") + bump("b", 7, b"a\x03") + bump("c", 9, b"a\x00")
    (file,) = parse(text + bump("d", 0, b"a\x01")).files
    assert (file.path, file.lines) == ("/src/shop.erl", {7: 5, 9: 0})


def test_bumps_by_the_thousand_count_whatever_their_functions_are_called() -> None:
    begins = b"\x83h\x02h\x06" + old_atom(b"bump") + old_atom(b"shop")
    functions = [b"f", b"a longer one", begins, begins + b"d\x00\x02", b"", b"\x83"]
    calls = [0, 1, 255, 256, 70_000, 2**40, 3]
    bumps = [
        term(begins[1:] + old_atom(functions[line % 6]) + b"a\x01a\x02" + number(line) + number(calls[line % 7]))
        for line in range(1, 1_500)
    ]
    (file,) = parse(source(b"s.erl") + b"".join(bumps)).files
    assert file.lines == {line: min(calls[line % 7], 2**31 - 1) for line in range(1, 1_500)}


def test_counts_beyond_32_bits_are_read() -> None:
    (file,) = parse(source(b"s.erl") + bump("a", 7, b"n\x05\x00\x00\x00\x00\x00\x01")).files
    assert file.lines == {7: 2**31 - 1}


def test_a_packed_path_and_one_beyond_latin_1_are_read() -> None:
    packed = source(b"/a" * 100 + b".erl")[2:]
    text = b"\x83P" + len(packed).to_bytes(4, "big") + zlib.compress(packed)
    assert parse(bytes([len(text)]) + text + bump("a", 1, b"a\x01")).files[0].path == "/a" * 100 + ".erl"
    cyrillic = b"l\x00\x00\x00\x02b\x00\x00\x04\x36a\x61j"
    text = term(b"h\x03" + atom("file") + atom("shop") + cyrillic) + bump("a", 1, b"a\x01")
    assert sniff(text)
    assert parse(text).files[0].path == "жa"


def test_a_module_whose_path_is_unknown_goes_by_its_name() -> None:
    other = bump("a", 1, b"a\x01").replace(b"\x04shop", b"\x04cart")
    assert [file.path for file in parse(source(b"s.erl") + other).files] == ["cart.erl"]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_exported_data_that_were_cut_short_are_never_half_read(share: float) -> None:
    whole = (FOLDER / "erlang-cover" / "two-modules.coverdata").read_bytes()
    with pytest.raises(ReportError, match="break off at byte"):
        parse(whole[: int(len(whole) * share)])


def test_lists_in_lists_without_end_are_refused() -> None:
    nested = b"h\x03" + atom("file") + atom("shop") + b"l\x00\x00\x00\x01" * 40
    assert parse(term(nested)).files == []
