"""What is read out of a job's log, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.logs import TOOLS, read_log
from collectors.logs.counts import MOST, Counts, Lines, LogCounts
from collectors.logs.lines import LONGEST_LINE, MOST_BYTES
from collectors.logs.together import together
from collectors.sandbox import run_safely

SAMPLES = Path(__file__).parent.parent / "samples" / "logs"
PIECES = (b"9" * 9, b"-1", b"\n", b"##[group]Run ", b"##[endgroup]", b"\x1b[31m", b"\r", b" 0 ", b", ", b"TOTAL ")


def log_of(*steps: str) -> bytes:
    """A job's log of some steps."""
    lines = []
    for step in steps:
        lines += ["##[group]Run make test", "\x1b[36;1mmake test\x1b[0m", "##[endgroup]", *step.split("\n")]
    return "".join(f"2026-11-23T02:10:11.1234567Z {line}\r\n" for line in lines).encode()


def told(counts: LogCounts) -> dict[str, Any]:
    found: dict[str, Any] = {"tools": counts.tools}
    if counts.tests is not None:
        names = ("passed", "failed", "errors", "skipped")
        found["tests"] = {name: getattr(counts.tests, name) for name in names}
    if counts.lines is not None:
        found["lines"] = [counts.lines.valid, counts.lines.covered]
    return found


@pytest.mark.parametrize("log", sorted(SAMPLES.glob("*.log")), ids=lambda path: path.stem)
def test_a_real_summary_is_read_as_its_tool_counts(log: Path) -> None:
    expected = json.loads(log.with_suffix(".expected.json").read_text())
    del expected["tool"]
    assert told(read_log(log.read_bytes())) == expected


def test_every_tool_of_the_table_has_a_sample() -> None:
    seen = {tool for path in SAMPLES.glob("*.json") for tool in json.loads(path.read_text())["tools"]}
    assert seen == {tool.name for tool in TOOLS}


def test_the_last_summary_of_a_step_counts() -> None:
    found = read_log(log_of("== 1 failed, 2 passed in 0.12s ==\nonce more\n== 3 passed in 0.10s =="))
    assert found.tests == Counts(3, seconds=0.1)


def test_several_steps_add_up() -> None:
    found = read_log(log_of("3 passed in 0.10s", "Ran 2 tests in 0.001s\n\nOK (skipped=1)"))
    assert found.tests is not None and (found.tests.total, found.tests.skipped) == (5, 1)
    assert found.tools == ["pytest", "unittest"]


def test_a_step_s_own_script_is_no_summary() -> None:
    log = b"##[group]Run echo\n3 passed in 0.10s\n##[endgroup]\nall fine\n"
    assert read_log(log) == LogCounts()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 files reformatted in 0.3s",
        "5 tests collected in 0.02s",
        "we had 3 passed in 0.10s",
        "Ran 3 tests in 0.1s\n\nTraceback (most recent call last):",
        "Tests: 3 passed, 3 total",
        "Test Suites: 1 passed, 1 total\nTests:       2 passed, 4 total",
        " Test Files  1 passed (1)\n      Tests  1 passed | 1 wondrous (2)",
        "=== RUN   TestA\nok  \texample.com/a\t0.1s",
        "OK (3 tests)",
        "Tests run: 3, Failures: 4, Errors: 0, Skipped: 0",
        "Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.2 s - in com.acme.CartTest",
        "99999999999 passed in 0.1s",
        "999999999 passed in 0.1s",
        "TOTAL  10  2  80%",
        "Lines        : 120% ( 12/10 )",
    ],
)
def test_what_is_no_whole_summary_is_not_counted(text: str) -> None:
    assert read_log(log_of(text)) == LogCounts()


def test_pytest_with_nothing_to_run_tells_none() -> None:
    found = read_log(log_of("=== 4 deselected, 1 warning in 0.02s ===")).tests
    assert found is not None and found.total == 0


def test_a_go_package_that_comes_again_begins_a_new_run() -> None:
    once = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \texample.com/a\t0.100s"
    found = read_log(log_of(f"{once}\n{once}")).tests
    assert found is not None and found.total == 1


def test_what_a_go_test_prints_is_no_result() -> None:
    text = "=== RUN   TestA\n--- PASS: TestFake (0.00s)\n--- PASS: TestA (0.00s)\nok  \texample.com/a\t0.100s"
    found = read_log(log_of(text)).tests
    assert found is not None and found.total == 1


def test_modules_of_one_maven_build_add_up_and_an_earlier_build_does_not() -> None:
    module = "[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 1"
    build = f"[INFO] Scanning for projects...\n{module}\n{module}\n[INFO] BUILD SUCCESS"
    found = read_log(log_of(f"{build}\n{build}")).tests
    assert found is not None and (found.total, found.skipped) == (8, 2)


def test_totals_of_other_lines_are_not_added_up() -> None:
    table = "Name    Stmts   Miss  Cover\n---\nTOTAL     {}      5    50%"
    assert read_log(log_of(table.format(10), table.format(10))).lines == Lines(10, 5)
    assert read_log(log_of(table.format(10), table.format(20))).lines is None


def test_of_an_endless_log_its_end_is_read() -> None:
    noise = b"2026-11-23T02:10:11.1234567Z building the world\n" * (MOST_BYTES // 40)
    assert read_log(log_of("9 passed in 1.00s") + noise).tests is None
    assert read_log(noise + log_of("9 passed in 1.00s")).tests == Counts(9, seconds=1.0)


def test_bytes_that_are_no_text_and_lines_without_end_harm_nothing() -> None:
    attack = b"\xff\xfe\x00" * 1000 + b"\n" + b"=" * (LONGEST_LINE + 1) + b"\n" + b"\x1b]" * 900 + b"\n"
    assert read_log(attack + log_of("9 passed in 1.00s")).tests == Counts(9, seconds=1.0)


@pytest.mark.parametrize(
    "summary",
    [
        "999999999 passed in 1.0s",
        "test result: ok. 999999999 passed; 999999999 failed; 0 ignored; 0 measured; 0 filtered out",
        "[INFO] Tests run: 999999999, Failures: 0, Errors: 0, Skipped: 0",
        "DONE 9999999 tests in 1.0s",
    ],
)
def test_more_tests_than_any_runner_runs_are_not_believed(summary: str) -> None:
    assert read_log(log_of(*[summary] * 300)) == LogCounts()
    assert together([("ci.yml", f"job-{letter}", leg(MOST)) for letter in "abc"]).tests is None


@given(st.sampled_from(sorted(SAMPLES.glob("*.log"))), st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_becomes_of_a_log_it_is_read_within_its_bounds(log: Path, data: st.DataObject) -> None:
    lines = log.read_bytes().split(b"\n")
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        cut = data.draw(st.integers(0, len(line)))
        lines[place] = line[:cut] + data.draw(st.binary(max_size=12) | st.sampled_from(PIECES)) + line[cut:]
        lines.insert(data.draw(st.integers(0, len(lines))), line)
    found = read_log(b"\n".join(lines))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=LogCounts) == found
    assert found.tests is None or found.tests.total <= MOST
    assert found.lines is None or found.lines.covered <= found.lines.valid


def test_a_log_is_read_in_the_locked_down_child_as_here() -> None:
    log = (SAMPLES / "pytest.log").read_bytes()
    values, trouble, _ = run_safely("log", log + b"\n" * MOST_BYTES + log)
    assert (values, trouble) == ([read_log(log)], None)


def leg(passed: int, failed: int = 0, lines: Lines | None = None) -> LogCounts:
    return LogCounts(Counts(passed, failed), lines, ["pytest"])


def test_jobs_of_a_matrix_run_the_same_tests() -> None:
    found = together([("ci.yml", "test (3.11, ubuntu-latest)", leg(10)), ("ci.yml", "test (3.12)", leg(9))])
    assert found.tests == Counts(10) and found.executions == 19


def test_a_failure_in_one_job_of_a_matrix_is_the_matrix_s() -> None:
    found = together([("ci.yml", "test (3.11)", leg(10)), ("ci.yml", "test (3.12)", leg(8, 1))])
    assert found.tests == Counts(8, 1)


def test_jobs_of_other_names_and_workflows_are_other_tests() -> None:
    jobs = [("ci.yml", "unit", leg(10)), ("ci.yml", "browser", leg(5)), ("nightly.yml", "unit", leg(1))]
    assert together(jobs).tests == Counts(16)


def test_jobs_that_tell_nothing_make_no_count() -> None:
    found = together([("ci.yml", "lint", LogCounts())])
    assert found.tests is None and found.lines is None and found.executions is None
