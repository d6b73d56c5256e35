"""The columns of Devel::Cover's text."""

from __future__ import annotations

from collectors.parsers.devel_cover import parse, sniff

HEAD = (
    "---------------- ------ ------ ------\nFile               stmt   bran  total\n"
    "---------------- ------ ------ ------\nlib/A.pm          100.0    n/a  100.0\n"
    "---------------- ------ ------ ------\n\n\nRun:          t/a.t\nPerl version: 5.36.0\n\nlib/A.pm\n\n"
    "line  err   stmt   bran   cond    sub   time   code\n"
)


def test_a_number_wider_than_its_column_counts_and_other_columns_do_not() -> None:
    text = HEAD + (
        "1              3                    1      9   use strict;\n"
        "2         12345678                       100   loop();\n"
        "3                    50                        elsif ($x)\n"
        "4     ***      0                              0   die;\n"
        "5                                              7 times\n\n"
    )
    assert sniff(text.encode())
    (file,) = parse(text.encode()).files
    assert file.lines == {1: 3, 2: 12_345_678, 4: 0}


def test_further_statements_of_a_line_stand_beside_the_file() -> None:
    text = HEAD + "1              3          a; b; c\n               0          \n      ***      1          \n\n"
    report = parse(text.encode())
    assert [(file.placeholder, sorted(file.lines.values())) for file in report.files] == [
        (False, [3]),
        (True, [0, 1]),
    ]


def test_what_cover_prints_without_the_lines_is_no_report() -> None:
    assert not sniff(HEAD.partition("\n\n\n")[0].encode())
