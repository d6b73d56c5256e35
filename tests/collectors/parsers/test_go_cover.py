"""Go's profile: promises that no sample holds."""

from __future__ import annotations

import pytest

from collectors.parsers.go_cover import parse
from collectors.parsers.results import ReportError


def lines(*blocks: str, mode: str = "set") -> dict[int, int]:
    return parse("\n".join([f"mode: {mode}", *blocks, ""]).encode()).files[0].lines


def test_a_block_covers_the_lines_from_its_first_to_its_last() -> None:
    assert lines("m/a.go:3.20,5.2 2 1", "m/a.go:8.2,8.9 1 0") == {3: 1, 4: 1, 5: 1, 8: 0}


def test_a_line_of_two_blocks_is_covered_if_any_of_them_ran() -> None:
    assert lines("m/a.go:3.2,4.9 1 0", "m/a.go:4.9,6.3 1 7") == {3: 0, 4: 7, 5: 7, 6: 7}


def test_a_block_that_several_test_binaries_report_is_one_block_with_their_counts_added() -> None:
    assert lines("m/a.go:3.2,3.9 1 2", "m/a.go:3.2,3.9 1 0", "m/a.go:3.2,3.9 1 3", mode="atomic") == {3: 5}


def test_profiles_one_after_the_other_are_one_profile() -> None:
    assert lines("m/a.go:3.2,3.9 1 0", "mode: set", "m/a.go:3.2,3.9 1 1") == {3: 1}


def test_a_block_without_a_statement_is_no_line() -> None:
    assert lines("m/a.go:3.2,3.9 0 0") == {}


def test_a_windows_path_keeps_its_drive() -> None:
    assert parse(b"mode: count\r\nC:\\src\\a.go:1.1,1.2 1 1\r\n").files[0].path == "C:\\src\\a.go"


def test_a_profile_of_nothing_has_no_file() -> None:
    assert parse(b"mode: set\n").counts().percent is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mode: set\nm/a.go:3.2,3.9 1 1\nm/a.go:4.2,4", "breaks off within line 3"),
        ("mode: set\nPASS\nm/a.go:3.2,3.9 1 1\n", "Line 2 is no block"),
        ("mode: set\nm/a.go:9.2,3.9 1 1\n", "from line 9 to line 3"),
        ("mode: set\nm/a.go:1.2,9999999.9 1 1\n", "split it"),
    ],
)
def test_what_is_no_profile_is_a_sentence_that_says_where(text: str, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        parse(text.encode())


def test_a_line_of_a_million_blanks_is_answered_at_once() -> None:
    with pytest.raises(ReportError):
        parse(b"mode: set\n" + b" " * 1_000_000 + b"m/a.go:4.2,4")
