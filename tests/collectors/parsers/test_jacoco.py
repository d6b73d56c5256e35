"""JaCoCo's groups, packages and instruction counts."""

from __future__ import annotations

import pytest

from collectors.parsers.jacoco import parse, sniff
from collectors.parsers.results import ReportError


def report(inside: str) -> bytes:
    return f'<report name="r"><sessioninfo id="a" start="1" dump="2"/>{inside}</report>'.encode()


def test_a_line_is_covered_when_any_instruction_ran() -> None:
    lines = (
        '<line nr="3" mi="0" ci="4" mb="1" cb="1"/><line nr="4" mi="2" ci="1" mb="0" cb="0"/>'
        '<line nr="5" mi="2" ci="0" mb="2" cb="0"/>'
    )
    read = parse(report(f'<package name="com/x"><sourcefile name="A.java">{lines}</sourcefile></package>'))
    (file,) = read.files
    assert (file.path, file.lines) == ("com/x/A.java", {3: 1, 4: 1, 5: 0})
    assert {n: (b.covered, b.valid) for n, b in file.branches.items()} == {3: (1, 2), 5: (0, 2)}
    assert read.counts().lines_partial == 1


def test_one_path_in_two_groups_is_two_files() -> None:
    line = '<line nr="1" mi="0" ci="1" mb="0" cb="0"/>'
    package = f'<package name="p"><sourcefile name="A.kt">{line}</sourcefile></package>'
    read = parse(
        report(f'<group name="all"><group name="core">{package}</group></group><group name="web">{package}</group>')
    )
    assert [(file.path, file.roots) for file in read.files] == [("p/A.kt", ("all/core",)), ("p/A.kt", ("web",))]


def test_classes_without_debug_information_give_totals_only() -> None:
    read = parse(
        report('<package name="p"><class name="p/A"/></package><counter type="LINE" missed="3" covered="1"/>')
    )
    counts = read.counts()
    assert (counts.lines_covered, counts.lines_valid, counts.percent) == (1, 4, 25)
    assert read.files == []
    assert "only its totals" in read.warnings[0]


def test_totals_that_disagree_are_a_warning_and_the_lines_win() -> None:
    package = (
        '<package name="p"><sourcefile name="A"><line nr="1" mi="0" ci="1" mb="0" cb="0"/></sourcefile></package>'
    )
    read = parse(report(f'{package}<counter type="LINE" missed="1" covered="1"/>'))
    assert read.counts().lines_valid == 1
    assert "1 of 2 lines covered, its lines give 1 of 1" in read.warnings[0]


def test_lines_without_instructions_and_without_totals_fail() -> None:
    with pytest.raises(ReportError, match="no totals either"):
        parse(report('<package name="p"><sourcefile name="A"><line nr="1"/></sourcefile></package>'))


def test_packages_are_added_up_where_the_report_has_the_last_classs_totals() -> None:
    """gcovr 7.2 writes the counters of the last class once more as those of the whole report."""
    package = b'<package name="%s"><sourcefile name="a.c"><line nr="1"/></sourcefile>%s</package>'
    last = b'<counter type="LINE" missed="0" covered="2"/>'
    packages = package % (b"one", b'<counter type="LINE" missed="2" covered="12"/>') + package % (b"two", last)
    counts = parse(b'<report name="GCOVR report">' + packages + last + b"</report>").counts()
    assert (counts.lines_covered, counts.lines_valid) == (14, 16)


def test_emmas_report_is_none_of_jacocos() -> None:
    assert not sniff(b'<report><stats><packages value="1"/></stats><data><all name="all classes"/></data></report>')
