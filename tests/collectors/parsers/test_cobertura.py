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


def with_method(lines: str, of_method: str, totals: str) -> CoverageReport:
    method = f'<methods><method name="m"><lines>{of_method}</lines></method></methods>'
    return report(
        f'<class name="A" filename="a">{method}<lines>{lines}</lines></class>', attributes=f'line-rate="1" {totals}'
    )


def test_lines_of_methods_count_too_where_only_then_the_totals_fit() -> None:
    lines, of_method = '<line number="1" hits="1"/>', '<line number="7" hits="0"/><line number="8" hits="1"/>'
    read = with_method(lines, of_method, 'lines-valid="3" lines-covered="2"')
    assert (read.files[0].lines, read.warnings) == ({1: 1, 7: 0, 8: 1}, [])
    for totals in ('lines-valid="1" lines-covered="1"', 'lines-valid="9" lines-covered="2"', ""):
        assert with_method(lines, of_method, totals).files[0].lines == {1: 1}


def test_a_method_s_line_that_says_nothing_costs_nothing() -> None:
    read = with_method('<line number="1" hits="1"/>', '<line number="7"/>', 'lines-valid="2" lines-covered="1"')
    assert read.files[0].lines == {1: 1}


def test_a_line_that_one_of_its_methods_ran_is_covered_where_the_totals_do_not_fit_the_class() -> None:
    lines, of_method = '<line number="6" hits="0"/>', '<line number="6" hits="0"/><line number="6" hits="1"/>'
    assert with_method(lines, of_method, 'lines-valid="2" lines-covered="1"').files[0].lines == {6: 1}
    assert with_method(lines, of_method, 'lines-valid="1" lines-covered="0"').files[0].lines == {6: 0}


def test_attributes_may_stand_in_any_order_and_in_any_quotes() -> None:
    lines = (
        "<line branch='true' condition-coverage='50% (2/4)' hits='3' number='5'/><line\n hits = '0' number = '6' />"
    )
    (file,) = report(f"<class filename='a &amp; b.c' name='A'><lines>{lines}</lines></class>").files
    assert file.path == "a & b.c"
    assert file.lines == {5: 3, 6: 0}
    assert (file.branches[5].covered, file.branches[5].valid) == (2, 4)


def test_blanks_may_stand_around_the_numbers_of_a_condition() -> None:
    line = '<line number="10" hits="1" branch="true" condition-coverage="50.0% ( 1 / 2 )"/>'
    (file,) = report(f'<class filename="a.c" name="A"><lines>{line}</lines></class>').files
    assert (file.branches[10].covered, file.branches[10].valid, file.partial) == (1, 2, 1)


def conditions(*coverage: str) -> str:
    told = "".join(f'<condition number="{n}" type="jump" coverage="{c}"/>' for n, c in enumerate(coverage))
    return f"<conditions>{told}</conditions>"


def test_conditions_are_the_branches_of_a_line_that_says_nothing_else_of_them() -> None:
    lines = (
        f'<line number="3" hits="2" branch="true">{conditions("1", "0")}</line><line number="4" hits="1"></line>'
        f'<line number="5" hits="2" branch="true" condition-coverage="75% (3/4)">{conditions("1", "0")}</line>'
    )
    (file,) = report(f'<class filename="a.rs" name="A"><lines>{lines}</lines></class>').files
    assert file.branches[3].taken == {"0": True, "1": False}
    assert {n: (b.covered, b.valid) for n, b in file.branches.items()} == {3: (1, 2), 5: (3, 4)}


def test_conditions_with_percentages_do_not_say_how_many_branches_they_are() -> None:
    lines = f'<line number="3" hits="2" branch="true">{conditions("50%", "1")}</line>'
    (file,) = report(f'<class filename="a.rs" name="A"><lines>{lines}</lines></class>').files
    assert file.branches == {}


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


def test_branches_that_coverage_py_says_were_missed_keep_their_names() -> None:
    lines = (
        '<line number="4" hits="1" branch="true" condition-coverage="50% (1/2)" missing-branches="7"/>\n'
        '<line number="5" hits="0"/>\n'
        '<line number="6" hits="0" branch="true" condition-coverage="0% (0/2)" missing-branches="8,exit"/>'
    )
    (plain,) = report(f'<class name="A" filename="a"><lines>{lines}</lines></class>').files
    (quoted,) = report(
        f'<class name="A" filename="a"><lines>{lines}</lines></class>'.replace('"4"', "'4'").replace('"6"', "'6'")
    ).files
    assert plain.branches == quoted.branches
    assert {number: branches.missing for number, branches in plain.branches.items()} == {
        4: ("7",),
        6: ("8", "exit"),
    }
    assert plain.lines == quoted.lines == {4: 1, 5: 0, 6: 0}


@pytest.mark.parametrize(
    ("conditions", "taken"),
    [
        ([("0", "100%"), ("1", "0%")], {"0.0": True, "0.1": True, "1.0": False, "1.1": False}),
        ([("0", "50%"), ("1", "50%")], None),
        ([("0", "100%"), ("0", "0%")], None),
        ([("0", "100%"), ("1", "100%")], None),
        ([("0", "50%")], None),
    ],
)
def test_conditions_name_branches_where_each_was_taken_wholly_or_not_at_all(
    conditions: list[tuple[str, str]], taken: dict[str, bool] | None
) -> None:
    told = "".join(f'<condition number="{n}" type="jump" coverage="{rate}"/>' for n, rate in conditions)
    start = '<line number="3" hits="1" branch="true" condition-coverage="50% (2/4)">'
    line = f"{start}<conditions>{told}</conditions></line>"
    (file,) = report(f'<class name="A" filename="a"><lines>{line}</lines></class>').files
    assert (file.branches[3].covered, file.branches[3].valid, file.branches[3].taken) == (2, 4, taken)


@pytest.mark.parametrize(
    "noise",
    ["7", "<!-- 7 -->", '<other value="7"/>', "<![CDATA[ number='7' hits='7' ]]>", "<line/>", "&#55;"],
)
def test_what_stands_between_lines_changes_no_figure(noise: str) -> None:
    lines = f'<line number="1" hits="2"/>{noise}<line number="3" hits="0"/>'
    try:
        (file,) = report(f'<class name="A" filename="a"><lines>{lines}</lines></class>').files
    except ReportError:
        assert noise == "<line/>"
    else:
        assert file.lines == {1: 2, 3: 0}


def test_a_space_in_an_end_tag_ends_it_all_the_same() -> None:
    one = '<class name="{0}" filename="{0}"><lines><line number="1" hits="1"/></lines></class >'
    assert [file.path for file in report(one.format("a") + one.format("b")).files] == ["a", "b"]
