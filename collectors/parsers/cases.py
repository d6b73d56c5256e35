"""Test cases as the readers of JSON and text collect them: bounded as they come, added up at the end."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.parsers.results import CaseResult, Outcome, ReportError, TestCounts, TestReport
from collectors.parsers.text import MAX_SECONDS, bounded_details, bounded_message, bounded_name

MAX_CASES = 500_000
"""Test cases in one file; so many and their texts stay within the memory of a parsing process."""

UNNAMED = "(unnamed)"


class Cases:
    """The cases of one file in its order."""

    def __init__(self) -> None:
        self.found: list[CaseResult] = []

    def add(
        self, *, name: str, outcome: Outcome, suite: str = "", classname: str = "", duration: float | None = None,
        message: str = "", details: str = "", file: str = "", flaky: bool = False,
    ) -> None:  # fmt: skip
        """Add a case. Without a message, the first line of its details is one. Raises ReportError when full."""
        if len(self.found) >= MAX_CASES:
            raise ReportError(f"The file holds more than {MAX_CASES:,} test cases; split it.")
        if details and not message:
            message = details[:10_000].strip().partition("\n")[0]
        self.found.append(
            CaseResult(
                suite=bounded_name(suite) if suite else "",
                classname=bounded_name(classname) if classname else "",
                name=bounded_name(name) or UNNAMED,
                outcome=outcome,
                # A longer time is a time stamp in the wrong place; NaN compares with nothing.
                duration=duration if duration is not None and 0 <= duration <= MAX_SECONDS else None,
                message=bounded_message(message) if message else "",
                details=bounded_details(details) if details else "",
                file=bounded_name(file) if file else "",
                flaky=flaky,
            )
        )

    def report(self, warnings: list[str], own: Mapping[str, int | None] | None = None) -> TestReport:
        """All of it, compared with the totals that the file itself gives (``own``)."""
        durations = [case.duration for case in self.found if case.duration is not None]
        report = TestReport(self.found, sum(durations) if durations else None, warnings)
        if own and (warning := disagreement(own, report.counts())):
            warnings.append(warning)
        return report


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
