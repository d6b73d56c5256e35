"""How Cobertura's classes become files."""

from __future__ import annotations

import pytest

from collectors.parsers.cobertura import REPLACED, parse
from collectors.parsers.lines import MAX_HITS
from collectors.parsers.results import CoverageReport, ReportError

from .known import FOLDER


def sample(name: str) -> CoverageReport:
    return parse((FOLDER / "cobertura" / name).read_bytes())


def report(classes: str, sources: str = "", attributes: str = 'line-rate="1"') -> CoverageReport:
    text = (
        f"<coverage {attributes}><sources>{sources}</sources><packages><package name='p'><classes>{classes}"
        "</classes></package></packages></coverage>"
    )
    return parse(text.encode())


def test_inner_classes_are_part_of_their_file() -> None:
    (file,) = sample("inner-classes.xml").files
    assert file.path == "com/acme/Cart.java"
    assert file.lines == {3: 2, 5: 2, 6: 0, 20: 1, 21: 1}
    assert (file.branches[5].covered, file.branches[5].valid) == (1, 2)


def test_one_name_under_two_roots_is_two_files() -> None:
    files = sample("one-name-two-roots.xml").files
    assert [(file.path, file.lines) for file in files] == [
        ("models.py", {1: 1, 2: 1}),
        ("models.py", {1: 1, 2: 0, 3: 0}),
    ]
    assert files[0].roots == ("/home/runner/work/app/app/core", "/home/runner/work/app/app/web")


def test_one_name_under_one_root_is_one_file() -> None:
    twice = '<class name="A" filename="a.cs"><lines><line number="{}" hits="1"/></lines></class>'
    (file,) = report(twice.format(1) + twice.format(2), "<source>/src</source>").files
    assert file.lines == {1: 1, 2: 1}


def test_lines_that_coverage_py_counts_and_does_not_list_are_kept_as_such() -> None:
    read = sample("agentic-titan-many-roots.xml")
    placeholder = read.files[-1]
    assert (placeholder.path, placeholder.placeholder) == (REPLACED, True)
    assert (placeholder.covered, len(placeholder.lines)) == (101, 411)
    assert "411 lines (101 covered)" in read.warnings[0]
    assert read.counts().files == len(read.files) - 1


def test_lines_of_methods_count_only_where_the_class_lists_none() -> None:
    method = '<methods><method name="m"><lines><line number="7" hits="1"/></lines></method></methods>'
    (file,) = report(
        f'<class name="A" filename="a">{method}<lines><line number="8" hits="0"/></lines></class>'
    ).files
    assert file.lines == {8: 0}
    (file,) = report(f'<class name="A" filename="a">{method}<lines/></class>').files
    assert file.lines == {7: 1}


def test_attributes_may_stand_in_any_order_and_in_any_quotes() -> None:
    lines = (
        "<line branch='true' condition-coverage='50% (2/4)' hits='3' number='5'/><line\n hits = '0' number = '6' />"
    )
    (file,) = report(f"<class filename='a &amp; b.c' name='A'><lines>{lines}</lines></class>").files
    assert file.path == "a & b.c"
    assert file.lines == {5: 3, 6: 0}
    assert (file.branches[5].covered, file.branches[5].valid) == (2, 4)


def test_what_stands_in_comments_is_no_line() -> None:
    lines = '<line number="1" hits="1"/><!-- <line number="2" hits="1"/> --><![CDATA[<line number="3" hits="1"/>]]>'
    (file,) = report(f'<class name="A" filename="a"><lines>{lines}</lines></class>').files
    assert file.lines == {1: 1}


def test_a_greater_sign_in_a_name_ends_no_element() -> None:
    line = '<lines><line number="1" hits="1"/></lines>'
    first, second = report(
        f'<class name="A->B" filename="a->b.c">{line}</class><class name="C" filename="c">{line}</class>'
    ).files
    assert (first.path, second.path) == ("a->b.c", "c")


def test_absurd_numbers_are_bounded() -> None:
    lines = "".join(
        f'<line number="{number}" hits="{hits}"/>'
        for number, hits in ((0, 1), (99999999999, 1), (4, 10**30), (5, -3), (6, "2.0"), (7, "1e3"))
    )
    read = report(f'<class name="A" filename="a"><lines>{lines}</lines></class>')
    assert read.files[0].lines == {4: MAX_HITS, 5: 0, 6: 2, 7: 1000}
    assert "2 lines with a number below 1" in read.warnings[0]


@pytest.mark.parametrize(
    "line",
    ['<line number="1"/>', '<line hits="1"/>', '<line number="x" hits="1"/>', '<line number="1" hits="NaN"/>'],
)
def test_a_line_that_says_nothing_fails_the_report(line: str) -> None:
    with pytest.raises(ReportError, match=r"a\.py"):
        report(f'<class name="A" filename="a.py"><lines>{line}</lines></class>')


def test_own_totals_that_disagree_are_a_warning_and_the_lines_win() -> None:
    one = (
        '<class name="A" filename="a"><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class>'
    )
    read = report(one, attributes='line-rate="0.9" lines-valid="10" lines-covered="9"')
    assert "9 of 10 lines covered, its lines give 1 of 2" in read.warnings[0]
    assert read.counts().percent == 50
    assert "line rate is 90.00 %" in report(one, attributes='line-rate="0.9"').warnings[0]
    assert report(one, attributes='line-rate="0.5"').warnings == []
    assert report(one, attributes='line-rate="NaN"').warnings == []


def test_a_report_without_lines_has_no_rate() -> None:
    assert report("", attributes='line-rate="1" lines-valid="0" lines-covered="0"').counts().percent is None
