"""Which lines of a Python file could run: coverage.py's own analyser over source that never runs.

    a file's bytes, Settings ── source_lines ──▶ SourceLines ── measured(executed) ──▶ Lines

The source and the settings' regular expressions are a stranger's: ``source_lines`` is a job for the locked-down
child. What it returns is data, and ``measured`` turns it, with the executed lines of a data file, into what
``coverage report`` would print of that file: the statements' first lines, without excluded ones, and the exits of
lines that have more than one.

Statements are told from the byte code that this interpreter makes; where the reports' Python has another minor
version, a few lines may differ, and syntax that this one does not know yet cannot be read.
"""

from __future__ import annotations

import codecs
import platform
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import msgspec
from coverage.exceptions import CoverageException
from coverage.misc import join_regex
from coverage.parser import PythonParser
from coverage.phystokens import source_encoding
from coverage.results import Analysis
from coverage.version import __version__ as coverage_version

from collectors.coverage_settings import Settings
from dashboard.packing import Branches, Lines

ANALYSER = f"coverage.py {coverage_version}, Python {'.'.join(platform.python_version_tuple()[:2])}"
"""What a stored analysis was made by: another analyser may see other lines."""

LONGEST_SOURCE = 2 * 1024 * 1024
"""Bytes of one file. Longer Python is generated data; its syntax tree would fill a child's memory."""

# Where files cannot be opened, neither can the modules of encodings that were not looked up before.
for _encoding in ("latin-1", "cp1252", "iso8859-15", "cp1251", "koi8-r", "shift_jis", "gbk", "euc-jp", "utf-16"):
    codecs.lookup(_encoding)


Line = Annotated[int, msgspec.Meta(ge=1, le=LONGEST_SOURCE)]
End = Annotated[int, msgspec.Meta(ge=-LONGEST_SOURCE, le=LONGEST_SOURCE)]
"""A line, or where a piece of code is left: the negative number of its first line; 0 in a jump that is none."""


class SourceLines(msgspec.Struct, frozen=True):
    """One file's statements, named by their first lines, as coverage.py sees them, or ``error``, one sentence.

    ``spans`` are the statements of several lines, first and last; ``arcs`` the possible steps from line to line;
    ``no_branch`` lines whose other exits are excused; ``jumps`` maps a step that the interpreter makes when it
    leaves a ``with`` block to the step that is meant (none: two zeros).
    """

    statements: list[Line] = []
    excluded: list[Line] = []
    spans: list[tuple[Line, Line]] = []
    arcs: list[tuple[Line, End]] = []
    no_branch: list[Line] = []
    jumps: list[tuple[End, End, End, End]] = []
    error: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


def source_lines(source: bytes, settings: Settings) -> SourceLines:
    """Analyse one file."""
    try:
        parser = PythonParser(text=_text(source) or "\n", exclude=join_regex(settings.exclude))
        parser.parse_source()
        arcs = parser.arcs()
        no_branch = parser.lines_matching(join_regex(settings.partial))
    except (CoverageException, SyntaxError, LookupError, UnicodeError, ValueError) as error:
        return SourceLines(error=f"It is no Python that can be read here ({_reason(error)}).")
    except (RecursionError, MemoryError):
        return SourceLines(error="It is nested too deeply to be analysed.")
    jumps = getattr(parser, "_with_jump_fixers", {})
    return SourceLines(
        statements=sorted(parser.statements),
        excluded=sorted(parser.excluded),
        spans=_spans(parser.multiline_map),
        arcs=sorted(arcs),
        no_branch=sorted(no_branch),
        jumps=sorted((*step, *(meant or (0, 0))) for step, meant in jumps.items()),
    )


def _text(source: bytes) -> str:
    """As coverage.py reads it: line ends made one, form feeds blank, a line end at the end."""
    tidy = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\f", b" ")
    text = tidy.decode(source_encoding(tidy), "replace")
    return text if not text or text.endswith("\n") else text + "\n"


def _spans(first_lines: Mapping[int, int]) -> list[tuple[int, int]]:
    last: dict[int, int] = {}
    for line, first in first_lines.items():
        last[first] = max(line, last.get(first, line))
    return sorted(last.items())


def _reason(error: Exception) -> str:
    return " ".join(str(error).replace("Couldn't parse '<code>' as Python source: ", "").split())[:200]


# What an analysis says of executed lines: values of ours


def measured(source: SourceLines, executed: Lines, with_branches: bool) -> Lines:
    """The file's lines as coverage.py would report them; ``executed`` holds what ran, steps as branches."""
    first = _FirstLines(source.spans)
    statements, excluded = set(source.statements), set(source.excluded)
    ran = {first.of(line) for line in executed.hits} & statements
    hits = {line: int(line in ran) for line in statements}
    if not with_branches:
        return Lines(hits)
    possible, exits = set(source.arcs), _exits(source.arcs, excluded)
    analysis = Analysis(
        precision=0,
        filename="",
        has_arcs=True,
        statements=statements,
        excluded=excluded,
        executed=ran,
        arc_possibilities_set=possible,
        arcs_executed_set=_taken(source, executed, first),
        exit_counts={line: len(targets) for line, targets in exits.items()},
        no_branch=set(source.no_branch),
    )
    missing = analysis.missing_branch_arcs()
    branches = {}
    for line, targets in exits.items():
        if len(targets) > 1:
            missed = set(missing.get(line, ()))
            # A step that is excused counts as taken, as coverage.py's own figures have it.
            taken = {str(target): target not in missed for target in targets}
            branches[line] = Branches(sum(taken.values()), len(taken), taken)
    return Lines(hits, branches)


def _exits(arcs: Iterable[tuple[int, int]], excluded: set[int]) -> dict[int, list[int]]:
    exits: dict[int, list[int]] = {}
    for start, end in arcs:
        if start not in excluded and end not in excluded:
            exits.setdefault(start, []).append(end)
    return exits


def _taken(source: SourceLines, executed: Lines, first: _FirstLines) -> set[tuple[int, int]]:
    """The steps that were taken, between the first lines of statements; one that stays on a line leads nowhere."""
    jumps = {(a, b): (c, d) for a, b, c, d in source.jumps}
    steps = ((line, int(target)) for line, branches in executed.branches.items() for target in branches.taken or ())
    meant = (jumps.get(step, step) for step in steps)
    between = {(first.of(a), first.of(b)) for a, b in meant if (a, b) != (0, 0)}
    return {(a, b) for a, b in between if a != b}


class _FirstLines:
    """The first line of the statement that a line belongs to; a negative line is the end of a piece of code."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.spans = sorted(spans)
        self.starts = [start for start, _ in self.spans]

    def of(self, line: int) -> int:
        if line < 0:
            return -self.of(-line)
        place = bisect_right(self.starts, line) - 1
        return self.starts[place] if place >= 0 and line <= self.spans[place][1] else line


def united(reports: Sequence[Lines]) -> Lines:
    """What ran in any of several runs of one file: lines and steps of data files put together."""
    hits: dict[int, int] = {}
    steps: dict[int, dict[str, bool]] = {}
    for lines in reports:
        hits.update(dict.fromkeys(lines.hits, 1))
        for line, branches in lines.branches.items():
            steps.setdefault(line, {}).update(branches.taken or {})
    taken_from = {line: Branches(len(taken), len(taken), taken) for line, taken in steps.items()}
    return Lines(hits, taken_from, executed_only=True)
