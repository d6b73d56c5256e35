"""What a report says, as plain values: the only thing that leaves a parser.

    report bytes ── parse ──▶ TestReport | CoverageReport ── reading ──▶ ReadReport ──▶ Reading

Everything here is data that a child process can send through a pipe; nothing here knows Django.

What a report holds by the ten thousand (cases, files, branches) is a ``Struct``: made in C by ``map``, six times as
fast as a dataclass, and sent as a list without the fields' names. None of them is part of a cycle (``gc=False``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from msgspec import Struct
from msgspec import field as struct_field


class Outcome(IntEnum):
    """How one test ended. The order is the order of contract rule 4: the worst has the highest number."""

    SKIPPED = 0
    PASSED = 1
    FAILED = 2
    ERROR = 3


class ReportError(Exception):
    """A file that looks like a report and cannot be read; the text is one sentence saying what and where.

    What the sentence quotes comes out of the file, so it is made one line that can be stored and shown.
    """

    def __init__(self, sentence: str) -> None:
        line = " ".join(sentence.replace("\x00", "\ufffd").split())
        line = line.encode("utf-8", "replace").decode("utf-8")
        super().__init__(line if len(line) <= 1_000 else f"{line[:998]}….")


class CaseResult(Struct, array_like=True, gc=False):
    """One test case as the report lists it.

    ``duration`` is in seconds, None where the report gives none. ``flaky`` is set only where the format itself
    says that the case was retried and passed in the end (Surefire's ``flakyFailure``).
    ``message`` is the short text of a failure, error or skip; ``details`` the long one (a traceback).
    """

    suite: str
    classname: str
    name: str
    outcome: Outcome
    duration: float | None = None
    message: str = ""
    details: str = ""
    file: str = ""
    flaky: bool = False


@dataclass(slots=True)
class TestCounts:
    """Counts of test cases by outcome; ``total`` is their sum."""

    __test__ = False  # pytest would collect the name

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    duration_seconds: float | None = None

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.errors + self.skipped


@dataclass(slots=True)
class TestReport:
    """All test cases of one file, in the file's order, before any merging of identities."""

    __test__ = False

    cases: list[CaseResult]
    duration: float | None = None
    """Seconds, the sum of the cases' durations; None when no case gives one."""
    warnings: list[str] = field(default_factory=list)

    def counts(self) -> TestCounts:
        count = [case.outcome for case in self.cases].count
        return TestCounts(
            passed=count(Outcome.PASSED),
            failed=count(Outcome.FAILED),
            errors=count(Outcome.ERROR),
            skipped=count(Outcome.SKIPPED),
            duration_seconds=self.duration,
        )


class LineBranches(Struct, array_like=True, gc=False):
    """The branches of one line. ``taken`` maps a branch's identity to whether it was taken; None where the
    format gives counts only, or names only the branches that were not taken, in ``missing`` (coverage.py's
    Cobertura)."""

    covered: int
    valid: int
    taken: dict[str, bool] | None = None
    missing: tuple[str, ...] | None = None


class FileCoverage(Struct, array_like=True, gc=False):
    """Line coverage of one source file as reported.

    ``path`` is the path as the report gives it (separators untouched); ``roots`` the report's source roots that
    may stand before it. ``lines`` maps a line number (from 1) to its hits; every line in it is executable. Lines
    and branches are dictionaries, or lists that read as such (``listed``).
    With ``executed_only`` (coverage.py's data file) the lines in ``lines`` ran, and which others could have run
    is not known, and a branch is a step that was taken (``taken`` names the lines it went to, all of them true).
    A ``placeholder`` stands for lines that the report counts and does not list; their numbers mean nothing.
    ``contexts`` maps a test to the lines that it ran, where the report says so.
    """

    path: str
    lines: Mapping[int, int]
    branches: Mapping[int, LineBranches] = struct_field(default_factory=dict)
    roots: tuple[str, ...] = ()
    executed_only: bool = False
    placeholder: bool = False
    contexts: dict[str, tuple[int, ...]] | None = None

    def own_lines(self) -> dict[int, int]:
        """The lines as a dictionary of this file's own, to be added to."""
        if not isinstance(self.lines, dict):
            self.lines = dict(self.lines)
        return self.lines

    def own_branches(self) -> dict[int, LineBranches]:
        """The same for branches."""
        if not isinstance(self.branches, dict):
            self.branches = dict(self.branches)
        return self.branches

    @property
    def covered(self) -> int:
        return len(self.lines) - self.missed

    @property
    def missed(self) -> int:
        return list(self.lines.values()).count(0)

    @property
    def partial(self) -> int:
        lines = self.lines
        return sum([b.covered < b.valid and lines.get(n, 0) > 0 for n, b in self.branches.items()])


@dataclass(slots=True)
class CoverageCounts:
    """Totals of a coverage report; None where only the source can tell (contract section 2)."""

    files: int
    lines_valid: int | None
    lines_covered: int
    lines_partial: int | None
    branches_valid: int | None
    branches_covered: int | None

    @property
    def percent(self) -> float | None:
        """100 × covered ÷ valid, unrounded; None when valid is 0 or unknown."""
        return 100 * self.lines_covered / self.lines_valid if self.lines_valid else None


@dataclass(slots=True)
class CoverageReport:
    """All files of one coverage report; entries of one path stay apart unless the format says they are one."""

    files: list[FileCoverage]
    warnings: list[str] = field(default_factory=list)
    totals: CoverageCounts | None = None
    """Where the format says of no line whether it ran: its totals, and ``files`` is empty."""
    branch_totals: tuple[int, int] | None = None
    """Branches covered and valid of the whole report, where no line carries its own (PHPUnit's Cobertura)."""

    @property
    def executed_only(self) -> bool:
        return any(file.executed_only for file in self.files)

    def line_counts(self) -> tuple[int, int]:
        """Lines covered and all lines that are listed: what a report's own totals are compared with."""
        hits = [list(file.lines.values()) for file in self.files]
        valid = sum(map(len, hits))
        return valid - sum([told.count(0) for told in hits]), valid

    def counts(self) -> CoverageCounts:
        if self.totals is not None:
            return self.totals
        files = self.files
        listed = sum(1 for file in files if not file.placeholder)
        covered, lines_valid = self.line_counts()
        if self.executed_only:
            return CoverageCounts(listed, None, covered, None, None, None)
        branches = [branch for file in files for branch in file.branches.values()]
        taken, valid = sum([branch.covered for branch in branches]), sum([branch.valid for branch in branches])
        if not branches and self.branch_totals:
            taken, valid = self.branch_totals
        return CoverageCounts(
            files=listed,
            lines_valid=lines_valid,
            lines_covered=covered,
            lines_partial=sum(file.partial for file in files),
            branches_valid=valid,
            branches_covered=taken,
        )


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the format table: how a report is told by its content, and how it is read.

    ``sniff`` sees the first ``HEAD_BYTES`` of the file and answers yes to its own format only.
    ``parse`` takes the whole file and raises nothing but ``ReportError``.
    """

    name: str
    kind: str  # "tests" or "coverage"
    sniff: Callable[[bytes], bool]
    parse: Callable[[bytes], TestReport | CoverageReport]
    meaning: str = ""
    """One sentence, shown beside the figures and in the documentation, where they mean something else than their
    names say (assertions instead of tests, statements instead of lines, totals only)."""


@dataclass(slots=True)
class ReadReport:
    """One report found in an artifact: either its figures or ``error``, one sentence."""

    member: str | None
    format: str
    kind: str
    size: int
    tests: TestReport | None = None
    coverage: CoverageReport | None = None
    error: str | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading one artifact took in the process that did it."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    """Highest resident memory of the process."""
    output_bytes: int
    """Size of the message that came back."""


@dataclass(slots=True)
class Reading:
    """All that an artifact held: reports in path order, members passed over, and why it was rejected, if it was."""

    reports: list[ReadReport] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    error: str | None = None
    warnings: list[str] = field(default_factory=list)
    """Members that could not be opened and whose names do not say that they are reports, one sentence each."""
    cost: Cost | None = None
    """None where the bytes were read in this process (a parser's own tests)."""
