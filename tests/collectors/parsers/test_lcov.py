"""LCOV's records, one by one."""

from __future__ import annotations

import pytest

from collectors.parsers.lcov import parse, sniff
from collectors.parsers.lines import MAX_LINES
from collectors.parsers.results import ReportError


def test_records_of_one_file_add_up() -> None:
    text = (
        b"TN:one\nSF:a.c\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nDA:1,2\nDA:2,0\nend_of_record\n"
        b"TN:two\nSF:a.c\nBRDA:1,0,0,0\nBRDA:1,0,1,4\nDA:1,3\nDA:2,1\nDA:3,0\nend_of_record\n"
    )
    (file,) = parse(text).files
    assert file.lines == {1: 5, 2: 1, 3: 0}
    assert file.branches[1].taken == {"0,0": True, "0,1": True}


def test_each_of_many_records_has_its_own_lines_and_branches() -> None:
    record = "SF:%d.c\nBRDA:7,0,0,%d\nBRDA:7,0,1,-\nDA:7,%d\nend_of_record\n"
    files = parse("".join(record % (n, n % 2, n) for n in range(250)).encode()).files
    found = [(file.path, file.lines, file.branches[7].taken) for file in files]
    assert found == [(f"{n}.c", {7: n}, {"0,0": n % 2 == 1, "0,1": False}) for n in range(250)]


def test_a_branch_that_was_never_reached_is_not_taken() -> None:
    (file,) = parse(b"SF:a\nBRDA:4,0,0,-\nBRDA:4,0,1,0\nBRDA:4,0,2,7\nDA:4,7\nend_of_record\n").files
    assert (file.branches[4].covered, file.branches[4].valid) == (1, 3)
    assert file.partial == 1


def test_a_branch_without_a_place_counts_all_the_same() -> None:
    report = parse(b"SF:a.ts\nFN:undefined,get v\nBRDA:undefined,1,0,1\nBRDA:1,0,0,1\nDA:1,1\nend_of_record\n")
    counts = report.counts()
    assert (counts.branches_valid, counts.branches_covered) == (2, 2)
    assert (counts.lines_valid, counts.lines_covered, counts.lines_partial) == (1, 1, 0)


def test_a_branch_that_cannot_be_reached_is_none() -> None:
    text = b"BRDA:3,U0,1,0\nBRDA:3,efU0,3,0\nBRDA:3,eU0,1,0\nBRDA:3,e0,0,-\nBRDA:3,f0,2,1\nBRDA:4,U0,0,0\n"
    (file,) = parse(b"SF:a.c\n" + text + b"DA:3,1\nend_of_record\n").files
    assert {line: found.taken for line, found in file.branches.items()} == {3: {"e0,0": False, "f0,2": True}}


@pytest.mark.parametrize("times", [b"-6", b"-0"])
def test_a_branch_with_a_negative_count_is_not_taken(times: bytes) -> None:
    (file,) = parse(b"SF:a.c\nBRDA:2,0,0,5\nBRDA:2,0,1,%b\nDA:2,1\nend_of_record\n" % times).files
    assert file.branches[2].taken == {"0,0": True, "0,1": False}


def test_bazel_s_branches_have_a_state_and_no_name() -> None:
    text = b"SF:A.java\nBA:4,2\nBA:4,1\nBA:5,0\nBRF:3\nBRH:1\nDA:4,1\nLH:1\nLF:1\nend_of_record\n"
    (file,) = parse(text + text.replace(b"BA:4,1", b"BA:4,2")).files
    assert (file.branches[4].covered, file.branches[4].valid) == (2, 2)
    (file,) = parse(text).files
    assert (file.branches[4].covered, file.branches[4].valid, file.partial) == (1, 2, 1)
    assert (file.branches[5].covered, file.branches[5].valid) == (0, 1)


def test_gcov_s_mark_of_a_line_is_no_hit() -> None:
    (file,) = parse(b"SF:a.c\nDA:1,=====\nDA:2,1\nDA:3,#####\nend_of_record\n").files
    assert file.lines == {1: 0, 2: 1, 3: 0}


def test_an_expression_may_name_a_branch() -> None:
    (file,) = parse(b"SF:a\nBRDA:4,e0,f(a, b) == 2,1\nDA:4,7\nend_of_record\n").files
    assert file.branches[4].taken == {"e0,f(a, b) == 2": True}


def test_checksums_windows_line_ends_and_blanks_do_no_harm() -> None:
    (file,) = parse(
        b"TN:\r\nSF:C:\\src\\a b.c\r\nVER:1\r\nDA:1,1,abc+/==\r\nDA:2,0\r\nLF:2\r\nLH:1\r\nend_of_record\r\n"
    ).files
    assert (file.path, file.lines) == ("C:\\src\\a b.c", {1: 1, 2: 0})


def test_own_totals_that_disagree_are_a_warning() -> None:
    read = parse(b"SF:a\nDA:1,1\nLF:5\nLH:4\nend_of_record\n")
    assert "4 of 5 lines covered, its lines give 1 of 1" in read.warnings[0]


def test_a_record_s_last_line_may_have_no_line_end() -> None:
    (file,) = parse(b"SF:a\nDA:1,1\nDA:2,17end_of_record\n").files
    assert file.lines == {1: 1, 2: 17}


def test_lines_that_stand_apart_or_twice_are_all_read() -> None:
    (file,) = parse(b"SF:a\nDA:1,1\nBRDA:2,0,0,1\nDA:2,0\nDA:2,4\nDA:007,1\nend_of_record\n").files
    assert file.lines == {1: 1, 2: 4, 7: 1}


def test_what_lcov_2_adds_is_no_line() -> None:
    text = (
        b"SF:a.c\nVER:5f3a\nFNL:0,3,9\nFNA:0,2,main\nFNF:1\nFNH:1\nBRDA:4,e0,0,1\nBRDA:4,0,x == 1,-\nBRF:2\nBRH:1\n"
        b"MCDC:4,2,t,1,0,x\nMCDC:4,2,f,0,0,x\nMCF:2\nMCH:1\nDA:3,2\nDA:4,2\nLF:2\nLH:2\nend_of_record\n"
    )
    assert sniff(text)
    (file,) = parse(text).files
    assert file.lines == {3: 2, 4: 2}
    assert file.branches[4].taken == {"e0,0": True, "0,x == 1": False}


def test_huge_and_negative_hits_are_bounded() -> None:
    (file,) = parse(b"SF:a\nDA:1,18446744073709551615\nDA:2,-7\nDA:3,1e+10\nend_of_record\n").files
    assert file.lines == {1: 2**31 - 1, 2: 0, 3: 2**31 - 1}


def test_hits_that_add_up_beyond_the_bound_are_bounded() -> None:
    (file,) = parse(b"SF:a\nDA:1,2147483647\nend_of_record\nSF:a\nDA:1,2147483647\nend_of_record\n").files
    assert file.lines == {1: 2**31 - 1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"SF:a.c\nDA:1,1\n", "breaks off in the record of a.c at line 2"),
        (b"SF:a.c\nDA:1,1\nend_of_record\nSF:b.c\nDA:1", "b.c"),
        (b"SF:a.c\nDA:one,1\nend_of_record\n", "“one”"),
        (b"SF:a.c\nDA:1,1\nDA:2\nend_of_record\n", "without hits"),
        (b"SF:a.c\nBRDA:one,0,0,1\nend_of_record\n", "A branch in a.c has no line number"),
        (b"TN:\nDA:1,1\nend_of_record\n", "without a source file"),
    ],
)
def test_a_broken_tracefile_says_where(text: bytes, told: str) -> None:
    with pytest.raises(ReportError, match=told):
        parse(text)


def test_more_lines_than_memory_holds_are_refused() -> None:
    with pytest.raises(ReportError, match="more than the 4,000,000"):
        parse(b"SF:a" + b"\nDA:1,1" * (MAX_LINES + 1) + b"\nend_of_record\n")


def test_text_that_only_mentions_a_record_is_no_tracefile() -> None:
    assert not sniff(b"Usage: SF:<path>\n")
    assert not sniff(b"TN:\n")
    assert not sniff(b"notes\nSF:a\nDA:1,1\nend_of_record\n")
    assert sniff(b"# made by hand\nTN:\nSF:a\nDA:1,1\nend_of_record\n")
