"""What DejaGnu's summary means, and what is no summary."""

from __future__ import annotations

from collectors.parsers.dejagnu import parse, sniff
from collectors.parsers.results import Outcome

from .known import FOLDER

SAMPLE = (FOLDER / "dejagnu" / "demo.sum").read_text("utf-8")
RUNNING = "Using /usr/share/dejagnu/baseboards/unix.exp as board description file for target.\n"


def test_outcomes_that_were_expected_are_skips_and_unexpected_passes_failed() -> None:
    cases = {case.name: case.outcome for case in parse(SAMPLE.encode()).cases}
    assert cases["known bug"] is Outcome.SKIPPED
    assert cases["known (PRMS: pr123)"] is Outcome.SKIPPED
    assert cases["surprise"] is Outcome.FAILED
    assert cases["broke"] is Outcome.ERROR


def test_a_test_of_two_targets_is_told_apart_by_them() -> None:
    cases = parse((FOLDER / "dejagnu" / "gcc-two-targets.sum").read_bytes()).cases
    assert {case.suite for case in cases} == {"unix/-m32", "unix"}
    assert {case.classname for case in cases} == {"gcc.dg/dg.exp"}


def test_totals_of_all_targets_together_are_compared() -> None:
    assert parse((FOLDER / "dejagnu" / "gcc-two-targets.sum").read_bytes()).warnings == []
    (first, _) = parse(SAMPLE.replace("expected passes\t\t6", "expected passes\t\t9").encode()).warnings
    assert "PASS 9 where its lines give 6" in first


def test_errors_of_the_framework_are_told_and_are_no_tests() -> None:
    assert "1 error" in parse(SAMPLE.encode()).warnings[-1]


def test_the_log_and_the_terminal_are_no_summary() -> None:
    assert sniff(SAMPLE.encode())
    assert not sniff(SAMPLE.replace("Running testsuite", RUNNING + "Running testsuite", 1).encode())
    spawned = "spawn ./a.out\nhello\n" * 20
    assert not sniff(SAMPLE.replace("PASS: adds\n", "PASS: adds\n" + spawned, 1).encode())


def test_a_run_on_three_machines_is_a_summary() -> None:
    first, _, rest = SAMPLE.partition("\n")
    machines = "Target is arm-none-eabi\nHost   is i686-w64-mingw32\nBuild  is x86_64-pc-linux-gnu\n"
    rest = rest.partition("\t\t===")[2]
    assert sniff(f"{first}\n{machines}\n\t\t==={rest}".encode())
