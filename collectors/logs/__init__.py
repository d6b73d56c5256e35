"""Counts out of a job's log, where nothing better is to be had: evidence of grade ``log`` (contract rule 12).

    log ─▶ lines.steps ─▶ each step past each tool of TOOLS ─▶ the last whole summary of each ─▶ added up
                                    └▶ totals.lines_of: a total line of a coverage tool

Pure, in time linear to the log: ``collectors.sandbox`` runs it in a process that can do nothing else. Never a
guess: what a tool does not say in so many words is not counted, and a summary that does not add up is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collectors.logs import cargo, go, javascript, jvm, php, python, ruby, totals
from collectors.logs.counts import Counts, Lines, LogCounts
from collectors.logs.lines import steps


@dataclass(frozen=True, slots=True)
class Tool:
    """``read`` gives the last whole summary among a step's lines, or None; it sees steps that hold a sign only."""

    name: str
    read: Callable[[Sequence[str]], Counts | None]
    signs: tuple[str, ...]


TOOLS = (
    Tool("pytest", python.pytest, (" in ",)),
    Tool("unittest", python.unittest, ("Ran ",)),
    Tool("jest", javascript.jest, ("Test Suites:",)),
    Tool("vitest", javascript.vitest, ("Test Files ",)),
    Tool("go test", go.go_test, ("\nok ", "\nFAIL")),
    Tool("gotestsum", go.gotestsum, ("\nDONE ",)),
    Tool("cargo test", cargo.cargo_test, ("test result: ",)),
    Tool("cargo nextest", cargo.nextest, ("tests run: ", "test run: ")),
    Tool("maven", jvm.maven, ("Tests run: ",)),
    Tool("gradle", jvm.gradle, (" completed, ", "Executed ", "Results: ")),
    Tool("phpunit", php.phpunit, ("Assertions: ", " assertion")),
    Tool("rspec", ruby.rspec, (" example",)),
)
WRAPPED = {"gotestsum": "go test"}
"""A tool whose summary stands for that of the tool that it runs, whose output may stand above it."""


def read_log(data: bytes) -> LogCounts:
    """What a job's log says of tests and of covered lines. Never raises for anything that the bytes hold."""
    found: list[Counts] = []
    tools: set[str] = set()
    lines: list[Lines] = []
    for step in steps(data):
        told = _summaries(step)
        found += told.values()
        tools |= told.keys()
        if (total := totals.lines_of(step)) is not None:
            lines.append(total)
    tests = Counts.of_all(found)
    return LogCounts(tests, totals.agreed(lines), sorted(tools) if tests else [])


def counts_of(data: bytes) -> list[LogCounts]:
    """The job ``log`` of the sandbox."""
    return [read_log(data)]


def _summaries(step: Sequence[str]) -> dict[str, Counts]:
    """By tool the summary of one step."""
    text = "\n" + "\n".join(step)
    told = {}
    for tool in TOOLS:
        if any(sign in text for sign in tool.signs) and (tests := tool.read(step)) is not None:
            told[tool.name] = tests
    for outer, inner in WRAPPED.items():
        if outer in told:
            told.pop(inner, None)
    return told
