"""Test cases as the readers of JSON and text collect them: bounded as they come, added up at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

from collectors.parsers.results import CaseResult, Outcome, ReportError, TestCounts, TestReport
from collectors.parsers.text import (
    MAX_SECONDS,
    NAME_LIMIT,
    bounded_details,
    bounded_message,
    bounded_name,
    bounded_names,
)

MAX_CASES = 500_000
"""Test cases in one file; so many and their texts stay within the memory of a parsing process."""

UNNAMED = "(unnamed)"

_BLANK = repeat("")
"""A column that the format does not have."""

_UNINDENTED = re.compile(r"\n(\S.*)")


_KNOWN = 10_000
"""Names of suites, classes and files that are remembered: in most reports all of them, in any little memory."""


class _Bounded(dict[str, str]):
    """Names as they are kept, looked at once for each name: a suite, class or file comes with many cases."""

    def __missing__(self, name: str) -> str:
        kept = bounded_name(name)
        if len(self) < _KNOWN:
            self[name] = kept
        return kept


class Cases:
    """The cases of one file in its order."""

    def __init__(self) -> None:
        self.found: list[CaseResult] = []
        self._bounded = _Bounded()

    def add(
        self, *, name: str, outcome: Outcome, suite: str = "", classname: str = "", duration: float | None = None,
        message: str = "", details: str = "", file: str = "", flaky: bool = False,
    ) -> None:  # fmt: skip
        """Add a case. Without a message its details' headline is one. Raises ReportError when full."""
        found, bounded = self.found, self._bounded
        if len(found) >= MAX_CASES:
            raise ReportError(f"The file holds more than {MAX_CASES:,} test cases; split it.")
        if details:
            message = bounded_message(message or headline(details))
            details = bounded_details(details)
        elif message:
            message = bounded_message(message)
        # A longer time is a time stamp in the wrong place; NaN compares with nothing.
        took = duration if duration is not None and 0 <= duration <= MAX_SECONDS else None
        found.append(
            CaseResult(
                suite and bounded[suite], classname and bounded[classname],
                name if name and len(name) <= NAME_LIMIT and name.isascii() and "\x00" not in name
                else bounded_name(name) or UNNAMED,
                outcome, took, message, details, file and bounded[file], flaky,
            )
        )  # fmt: skip

    def add_many(
        self, names: Sequence[str], outcomes: Sequence[Outcome], *, suites: Iterable[str] = _BLANK,
        classnames: Iterable[str] = _BLANK, durations: Iterable[float | None] = repeat(None),
        messages: Iterable[str] = (), details: Iterable[str] = (), files: Iterable[str] = _BLANK,
    ) -> None:  # fmt: skip
        """Add cases by the column, several times as fast. Raises ReportError when full.

        Durations are None or bounded already (``text.seconds``). Details make no message here.
        """
        if len(self.found) + len(names) > MAX_CASES:
            raise ReportError(f"The file holds more than {MAX_CASES:,} test cases; split it.")
        names = bounded_names(names)
        said = [text and bounded_message(text) for text in messages] or _BLANK
        long = [text and bounded_details(text) for text in details] or _BLANK
        self.found += map(
            CaseResult, self._kept(suites), self._kept(classnames),
            names if all(names) else [name or UNNAMED for name in names], outcomes, durations, said, long,
            self._kept(files),
        )  # fmt: skip

    def _kept(self, names: Iterable[str]) -> Iterable[str]:
        """A column of suites, classes or files as they are kept."""
        return names if names is _BLANK else map(self._bounded.__getitem__, names)

    def report(self, warnings: list[str], own: Mapping[str, int | None] | None = None) -> TestReport:
        """All of it, compared with the totals that the file itself gives (``own``)."""
        durations = [case.duration for case in self.found if case.duration is not None]
        report = TestReport(self.found, sum(durations) if durations else None, warnings)
        if own and (warning := disagreement(own, report.counts())):
            warnings.append(warning)
        return report


def headline(details: str) -> str:
    """What a failure's text says in a line: its first one, or the exception below a traceback of Python's."""
    first, _, _ = details[:10_000].strip().partition("\n")
    if first.startswith("Traceback (most recent call last"):
        _, frame, below = details.rpartition('\n  File "')
        told = _UNINDENTED.search(below) if frame else None
        return told[1] if told else first
    return first


class Namesakes:
    """Tells apart tests that share a name and are different tests: the examples of an outline, equal descriptions.

    Repeats of one test share their mark too (its line, its id) and stay one name.
    """

    def __init__(self) -> None:
        self._marks: dict[tuple[str, ...], dict[str, int]] = {}

    def name(self, mark: str, *path: str) -> str:
        """The last part of the path, numbered from the second mark on."""
        marks = self._marks.setdefault(path, {})
        number = marks.setdefault(mark, len(marks) + 1)
        return path[-1] if number == 1 else f"{path[-1]} ({number})"


def disagreement(own: Mapping[str, int | None], counted: TestCounts) -> str:
    """A sentence where a file's own totals (names of TestCounts) differ from its cases, which then win."""
    differing = [
        f"{name} {told} where its test cases give {getattr(counted, name)}"
        for name, told in own.items()
        if told is not None and told != getattr(counted, name)
    ]
    return f"The file's own totals say {', '.join(differing)}; the test cases were counted." if differing else ""
