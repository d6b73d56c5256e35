"""OpenCover: promises that no sample holds."""

from __future__ import annotations

import pytest

from collectors.parsers.opencover import parse
from collectors.parsers.results import CoverageReport, ReportError


def module(points: str, uid: str = "1") -> str:
    method = f'<Method><Name>m</Name><FileRef uid="{uid}"/><SequencePoints>{points}</SequencePoints></Method>'
    return f'<Module hash="x"><Files><File uid="{uid}" fullPath="/a.cs"/></Files>{method}</Module>'


def read(*modules: str) -> CoverageReport:
    return parse(f"<CoverageSession><Modules>{''.join(modules)}</Modules></CoverageSession>".encode())


def test_one_file_of_two_target_frameworks_is_one_file() -> None:
    report = read(
        module('<SequencePoint vc="0" sl="3" el="3"/><SequencePoint vc="1" sl="4" el="4"/>'),
        module('<SequencePoint vc="2" sl="3" el="3"/>', uid="7"),
    )
    assert [file.lines for file in report.files] == [{3: 2, 4: 1}]


def test_attributes_may_stand_in_any_order() -> None:
    assert read(module('<SequencePoint el="5" sl="4" vc="1"/>')).files[0].lines == {4: 1, 5: 1}


def test_an_empty_module_does_not_swallow_the_next_one() -> None:
    assert read('<Module skippedDueTo="Filter"/>', module('<SequencePoint vc="1" sl="4" el="4"/>')).files[0].lines


def test_a_value_full_of_what_looks_like_attributes_is_read_at_once() -> None:
    point = f"""<BranchPoint vc="1" path='{' ordinal="1"' * 100_000}' sl="3"/>"""
    text = module("").replace("</Module>", f'<Method><FileRef uid="1"/>{point}</Method></Module>')
    assert read(text).files[0].branches[3].valid == 1


def test_branches_of_two_methods_on_one_line_are_different_branches() -> None:
    point = '<BranchPoint vc="1" ordinal="0" path="0" offset="4" sl="3"/>'
    text = module("").replace("</Module>", f'<Method><FileRef uid="1"/>{point}</Method>' * 2 + "</Module>")
    assert read(text).files[0].branches[3].valid == 2


@pytest.mark.parametrize("point", ['<SequencePoint vc="1"/>', '<SequencePoint sl="3" el="3"/>'])
def test_a_point_without_line_or_visits_is_refused(point: str) -> None:
    with pytest.raises(ReportError, match="sequence point"):
        read(module(point))


def of_class(head: str, point: str) -> str:
    files = '<Files><File uid="1" fullPath="c/Account.cls"/></Files>'
    methods = f"<Methods><Method><SequencePoints>{point}</SequencePoints></Method></Methods>"
    return f"<Module>{files}<Classes>{head}{methods}</Class></Classes></Module>"


@pytest.mark.parametrize("number", ["", ' fileid="0"', ' fileid="7"'])
@pytest.mark.parametrize(
    ("head", "path"),
    [
        ('<Class fullName="Account">', "c/Account.cls"),
        ('<Class fullName="Other">', "Other"),
        ("<Class><FullName>a.List&lt;T&gt;</FullName>", "a.List<T>"),
    ],
)
def test_points_of_no_file_are_those_of_the_file_called_as_their_class_or_of_the_class(
    head: str, path: str, number: str
) -> None:
    report = read(of_class(head, f'<SequencePoint vc="1" sl="3" el="3"{number}/>'))
    assert {file.path: file.lines for file in report.files} == {"c/Account.cls": {}} | {path: {3: 1}}
    assert [warning[:9] for warning in report.warnings] == ["1 classes"] * (path != "c/Account.cls")


def test_points_of_neither_file_nor_class_are_left_out_with_a_warning() -> None:
    (warning,) = read(of_class("<Class>", '<SequencePoint vc="1" sl="3" el="3"/>')).warnings
    assert "left out" in warning
