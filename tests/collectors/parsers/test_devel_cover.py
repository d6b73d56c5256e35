"""The columns of Devel::Cover's text."""

from __future__ import annotations

import orjson
import pytest

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


def test_what_is_uncoverable_is_covered_if_it_did_not_run_and_an_error_if_it_did() -> None:
    text = HEAD + (
        "1              3          a\n"
        "2             -0          b\n"
        "3     ***     -1          c\n"
        "4     ***     *0          d\n\n"
        "line  err      %   true  false   branch\n"
        "----- --- ------ ------ ------   ------\n"
        "1           - 50      1     -0   if ($x)\n\n"
    )
    (file,) = parse(text.encode()).files
    assert file.lines == {1: 3, 2: 1, 3: 0, 4: 0}
    assert (file.branches[1].covered, file.branches[1].valid) == (2, 2)


@pytest.mark.parametrize(
    ("statement", "covered"),
    [
        ({"covered": 9, "error": 1, "total": 11, "uncoverable": 3}, 10),
        ({"covered": 9, "total": 11, "uncoverable": 2}, 11),
        ({"covered": 9, "error": 2, "total": 11}, 9),
    ],
)
def test_totals_are_those_of_which_devel_cover_prints_the_percentage(
    statement: dict[str, int], covered: int
) -> None:
    counts = parse(orjson.dumps({"summary": {"a.pm": {"statement": statement}}})).counts()
    assert (counts.lines_covered, counts.lines_valid) == (covered, 11)


def test_blocks_between_path_and_table_and_a_column_behind_the_total_are_passed_over() -> None:
    blocks = (
        "lib/A.pm\n\nFile Summary\n------------\n\nCC  Cov CRAP SCAR\n-- ---- ---- ----\n 2 73.5  1.6  4.5\n\n"
        "Worst Subroutines\n-----------------\n\nSubroutine CC SCAR  Location\n---------- -- ----  ----------\n"
        "pas         2  7.6  lib/A.pm:49\n\nline"
    )
    text = (HEAD + "1              3          a\n\n").replace("lib/A.pm\n\nline", blocks)
    text = text.replace("------ ------ ------\n", "------ ------ ------ ------\n").replace(
        "total\n", "total   scar\n"
    )
    assert sniff(text.encode())
    assert [file.path for file in parse(text.encode()).files] == ["lib/A.pm"]


def detailed(covered: int) -> bytes:
    statements = {
        "10": [{"covered": 5, "error": 0, "uncoverable": 0}, {"covered": 0, "error": 1, "uncoverable": 0}],
        "12": [{"covered": 0, "error": 0, "uncoverable": 1}],
        "13": [{"covered": 1, "error": 1, "uncoverable": 1}],
    }
    branches = {"10": [{"covered": [3, 0], "error": 0, "text": "if $x", "uncoverable": [0, 1]}]}
    own = {"statement": {"covered": covered, "error": 2, "total": 4, "uncoverable": 2}}
    files = {"lib/A.pm": {"branches": branches, "statements": statements, "conditions": None}}
    return orjson.dumps({"files": files, "summary": {"Total": own, "lib/A.pm": own}})


def test_json_that_lists_lines_is_read_by_line() -> None:
    data = detailed(covered=2)
    report = parse(data)
    assert sniff(data[:200])
    assert [file.lines for file in report.files] == [{10: 5, 12: 1, 13: 0}, {1: 0}]
    assert (report.files[0].branches[10].covered, report.warnings) == (2, [])


def test_json_whose_lines_are_not_as_they_should_be_has_totals() -> None:
    assert parse(detailed(covered=2).replace(b'"12"', b'"x"')).counts().lines_covered == 2
