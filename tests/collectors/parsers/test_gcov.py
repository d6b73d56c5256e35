"""gcov's annotated source, its dialects and its JSON."""

from __future__ import annotations

import pytest

from collectors.parsers import gcov, gcov_json, gcovr_json
from collectors.parsers.results import ReportError

HEAD = b"        -:    0:Source:src/a.c\n        -:    0:Graph:a.gcno\n"


def test_lines_are_code_by_their_count_alone() -> None:
    (file,) = gcov.parse(
        HEAD
        + b"        -:    1:// 5:6:\n    #####:    2:  f();\n    =====:    3:  } catch\n       7*:    4:  g();\n"
    ).files
    assert (file.path, file.lines) == ("src/a.c", {2: 0, 3: 0, 4: 7})


@pytest.mark.parametrize("field", ["      -88", "     -88*", "-1234567890"])
def test_a_line_with_a_negative_count_is_missed_and_has_its_branches(field: str) -> None:
    rows = f"        1:    4:a\n{field}:    5:b\nbranch  0 taken -3\nbranch  1 taken 2\n".encode()
    (file,) = gcov.parse(HEAD + rows).files
    assert file.lines == {4: 1, 5: 0}
    assert {line: found.covered for line, found in file.branches.items()} == {5: 1}


def test_what_is_no_number_of_a_line_costs_no_other_line() -> None:
    rows = b"        1:    0:a\n        1:   x5:b\n        2:    6:c\n        3:    6:d\n"
    report = gcov.parse(HEAD + rows)
    assert (report.files[0].lines, report.warnings) == ({6: 3}, [])


def test_a_branch_is_taken_by_count_or_percentage_and_stands_on_the_line_above_it() -> None:
    (file,) = gcov.parse(
        HEAD + b"        2:    8:  if (a)\nbranch  0 taken 0% (fallthrough)\nbranch  1 taken 100%\n"
        b"call    2 returned 1\n    #####:    9:  if (b)\nbranch  0 never executed\nbranch  1 never executed\n"
    ).files
    assert {n: (b.covered, b.valid) for n, b in file.branches.items()} == {8: (1, 2), 9: (0, 2)}


def test_the_instances_of_a_template_have_branches_of_their_own() -> None:
    row = b"        1:    3:  if (x)\nbranch  0 taken 1\nbranch  1 taken 0\n"
    rule = b"------------------\n"
    (file,) = gcov.parse(
        HEAD
        + b"        2:    3:  if (x)\n"
        + rule
        + b"f<int>(int):\n"
        + row
        + rule
        + b"f<char>(char):\n"
        + row
        + rule
    ).files
    assert file.lines == {3: 2}
    assert (file.branches[3].covered, file.branches[3].valid) == (2, 4)


def test_a_label_behind_an_instance_is_a_line_and_no_name() -> None:
    (file,) = gcov.parse(
        HEAD + b"------------------\n    #####:    7:default:\n        1:    8:  x ? y : z;\nbranch  0 taken 1\n"
    ).files
    assert file.lines == {7: 0, 8: 1}
    assert file.branches[8].taken == {"branch  0": True}


def test_several_sources_in_one_text_are_several_files() -> None:
    text = HEAD + b"        1:    1:a\n" + HEAD.replace(b"a.c", b"b.c") + b"    #####:    1:b\n"
    assert [(file.path, file.lines) for file in gcov.parse(text).files] == [
        ("src/a.c", {1: 1}),
        ("src/b.c", {1: 0}),
    ]


def test_the_working_directory_is_the_root_of_a_relative_path() -> None:
    text = HEAD + b"        -:    0:Working directory:/build\n        1:    1:a\n"
    assert gcov.parse(text).files[0].roots == ("/build",)
    assert gcov.parse(text.replace(b"src/a.c", b"/src/a.c")).files[0].roots == ()


def test_windows_line_ends_do_no_harm() -> None:
    text = (HEAD + b"        1:    1:a\nbranch  0 taken 1\n").replace(b"\n", b"\r\n")
    (file,) = gcov.parse(text).files
    assert (file.path, file.lines, file.branches[1].valid) == ("src/a.c", {1: 1}, 1)


@pytest.mark.parametrize(
    "output",
    [
        b"File 'src/calc.c'\nLines executed:75.00% of 24\nCreating 'calc.c.gcov'\n",
        b"file:readme.txt\nsome text\n",
        b"-: 0: not gcov\n",
    ],
)
def test_what_gcov_prints_is_no_report(output: bytes) -> None:
    assert not gcov.sniff(output)


def test_gcov_s_json_is_told_by_its_keys_in_any_order_and_from_gcovr_s() -> None:
    line = b'{"count": 1, "line_number": 3, "unexecuted_block": false, "branches": []}'
    plain = b'{"files": [{"lines": [' + line + b'], "file": "a.c"}], "gcc_version": "12"}'
    assert gcov_json.sniff(plain) and not gcovr_json.sniff(plain)
    other = plain.replace(b'"gcc_version": "12"', b'"gcovr/format_version": "0.1"')
    assert gcovr_json.sniff(other) and not gcov_json.sniff(other)
    assert not gcov_json.sniff(b'{"gcc_version": "12", "target": "x86_64"}')


def test_a_count_that_is_no_number_is_refused() -> None:
    line = b'{"count": %s, "line_number": 3, "unexecuted_block": false, "branches": []}'
    text = b'{"files": [{"lines": [' + line + b'], "file": "a.c"}], "gcc_version": "12"}'
    assert gcov_json.parse(text % b"2e3").files[0].lines == {3: 2000}
    for count in (b"1e999", b"null", b'"7"', b"[]"):
        with pytest.raises(ReportError, match=r"a\.c"):
            gcov_json.parse(text % count)
