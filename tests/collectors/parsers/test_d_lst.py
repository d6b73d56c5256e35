"""What is a listing of D's and what only looks like one."""

from __future__ import annotations

import pytest

from collectors.parsers.d_lst import sniff


def test_counts_and_blanks_stand_at_the_bar() -> None:
    assert sniff(b"       |import std;\n      1|x();\n99999999999|y();\n0000000|z();\na.d is 66% covered\n")


@pytest.mark.parametrize(
    "table", [b" 1234567 | Alice\n 1234568 | Bob\n", b"          1 | a\n          2 | b\n(2 rows)\n"]
)
def test_a_table_of_psqls_is_no_listing(table: bytes) -> None:
    assert not sniff(table)
