"""TAP's lines, dialects and broken promises."""

from __future__ import annotations

import pytest

from collectors.parsers.results import CaseResult, Outcome
from collectors.parsers.tap import parse, sniff

from .known import FOLDER


def cases(text: str) -> list[CaseResult]:
    return parse(text.encode()).cases


def sample(name: str) -> list[CaseResult]:
    return parse((FOLDER / "tap" / name).read_bytes()).cases


@pytest.mark.parametrize(
    "output",
    [
        "ok  \texample.com/acme/tally\t0.030s\nFAIL\n",
        "t/01.t .. \nok 1 - a\nnot ok 2\n1..2\nTAP version 13\nok 1\n",
        "1..5 are the numbers of the chapters\n",
        "ok\nall is well\n",
        "okay 1\nokay 2\n1..2\n",
    ],
)
def test_output_that_is_no_stream_stays_unrecognised(output: str) -> None:
    assert not sniff(output.encode())


def test_npm_may_speak_before_the_version() -> None:
    assert sniff(b"\n> acme@1.0.0 test\n> tape test/*.js\n\nTAP version 13\n# a\nok 1 b\n1..1\n")


def test_an_unexpected_pass_is_a_pass_where_the_harness_lets_it_pass() -> None:
    assert [case.outcome for case in cases("ok 1 - x # TODO\nnot ok 2 - y # todo\n1..2\n")] == [
        Outcome.PASSED,
        Outcome.SKIPPED,
    ]


def test_a_todo_of_a_tool_that_times_its_tests_is_still_to_do() -> None:
    assert cases("TAP version 13\n1..2\nok 1 - a # time=1.5ms\nok 2 - b # TODO\n")[1].outcome == Outcome.SKIPPED


def test_times_are_no_part_of_a_name() -> None:
    (case,) = cases("1..1\nok 1 - adds in 45ms\n")
    assert (case.name, case.duration) == ("adds", 0.045)
    (case,) = cases("1..1\nok 1 - adds # time=2.5s\n")
    assert (case.name, case.duration) == ("adds", 2.5)


@pytest.mark.parametrize(
    ("line", "name", "duration"),
    [
        ("ok - suite::adds (0.25s)", "suite::adds", 0.25),
        ("ok 7 adds (12 ms)", "adds", 0.012),
        ("ok 7 waits (5s)", "waits (5s)", None),
        ("ok 7 -flag", "-flag", None),
        ("ok 7up is a drink", "7up is a drink", None),
        ("ok", "test 1", None),
    ],
)
def test_descriptions_are_read_as_tools_write_them(line: str, name: str, duration: float | None) -> None:
    (case,) = cases(f"1..1\n{line}\n")
    assert (case.name, case.duration) == (name, duration)


def test_an_escaped_hash_is_no_directive() -> None:
    assert [(case.name, case.outcome) for case in cases(r"ok 1 - a \# skip b" + "\n1..1\n")] == [
        ("a # skip b", Outcome.PASSED)
    ]


def test_a_block_in_yaml_is_no_test_whatever_it_quotes() -> None:
    report = cases("TAP version 13\nnot ok 1 - a\n  ---\n  message: 'boom'\nok 2 - quoted\n  ...\n1..1\n")
    assert [(case.name, case.message) for case in report] == [("a", "boom")]


def test_a_run_that_died_is_an_error_and_keeps_its_results() -> None:
    died = cases("TAP version 13\nok 1 - a\n")
    assert [case.outcome for case in died] == [Outcome.PASSED, Outcome.ERROR]


def test_children_carry_the_names_of_their_parents() -> None:
    names = {case.name: case.classname for case in sample("node.tap")}
    assert names["removes"] == 'Cart > nested "q" & <t> 日本語'
    assert names["tax DE"] == "parent with subtests"


def test_assertions_of_tape_and_catch2_belong_to_the_test_that_the_comment_names() -> None:
    assert sample("tape.tap")[-1].classname == "tax 日本"
    assert {case.classname for case in sample("catch2.tap")} >= {"clamp works", "tmpl - int"}


def test_a_comment_names_its_assertions_where_lines_end_as_on_windows() -> None:
    stream = b"TAP version 13\r\n# adds\r\nok 1 one\r\n# takes\r\nok 2 two\r\n1..2\r\n"
    assert [case.classname for case in parse(stream).cases] == ["adds", "takes"]


def test_perls_diagnostics_are_details_and_no_names() -> None:
    died = sample("bats.tap")[0]
    assert died.classname == "" and "setup_file() { false; }" in died.details


def test_thousands_of_levels_are_answered() -> None:
    deep = "\n".join(" " * depth + "ok 1 - a" for depth in range(800, 0, -1))
    assert len(cases(f"TAP version 13\n{deep}\n1..0\n")) >= 1
    assert cases("1..1\nok 1\n" + "".join(f"{' ' * n}---\n" for n in range(1, 2_000)))[0].outcome == Outcome.PASSED


def test_a_comment_within_a_yaml_block_names_no_test() -> None:
    lines = "TAP version 13\n# sums\nok 1 one\n  ---\n  at: x\n# printed\n  ...\nok 2 two\n1..2\n# pass  2\n"
    assert [case.classname for case in parse(lines.encode()).cases] == ["sums", "sums"]


def test_a_stream_that_begins_with_a_subtest_and_plans_at_its_end_is_read() -> None:
    data = b"# Subtest: sub\n    not ok 1 - bad\n    1..1\nnot ok 1 - sub\nok 2 - fine\n1..2\n"
    assert sniff(data)
    assert {case.name: case.outcome for case in parse(data).cases} == {
        "sub": Outcome.FAILED,
        "fine": Outcome.PASSED,
    }
    assert not sniff(data.replace(b"# Subtest: sub\n", b"")), "points of another tool's output"


def test_points_that_test_pm_plans_as_todo_are_skips_when_they_fail() -> None:
    data = b"1..3 todo 2;\n# Using Test.pm\nok 1\nnot ok 2\nok 3\n"
    assert sniff(data)
    counts = parse(data).counts()
    assert (counts.passed, counts.failed, counts.skipped) == (2, 0, 1)


def test_the_version_may_have_a_capital() -> None:
    assert sniff(b"TAP Version 13\n1..1\nok 1\n") and parse(b"TAP Version 13\n1..1\nok 1\n").counts().passed == 1
